"""Ticketing systems: each tracker fits the port `Tracker`."""
