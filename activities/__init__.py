"""Effects: what workflows may do to the world, through ports only."""
