"""The entrances, over ASGI and signed as the real callers sign."""
