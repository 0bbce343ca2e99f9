"""Composition: settings to adapters to activities to a worker."""
