"""A user's picture of the world: read, checked, and settled into one document per node."""
