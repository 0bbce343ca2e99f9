"""Policy: what the organisation decided, as values, and the pure functions that evaluate it."""
