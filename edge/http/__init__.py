"""How an edge speaks to viewers: the full path, and what carries the core's commands out."""
