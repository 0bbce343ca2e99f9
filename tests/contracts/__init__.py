"""The same assertions on every implementation of a port."""
