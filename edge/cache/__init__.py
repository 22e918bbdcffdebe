"""Where an edge keeps responses: a memory tier over a disk tier, behind one interface."""
