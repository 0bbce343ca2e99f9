"""Object storage, through one library for all providers."""
