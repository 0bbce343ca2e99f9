"""The `aims` command."""
