"""Recorded histories and command fingerprints: what a change of a workflow may not break."""
