"""How the parts of an origin node are put together, room by room; `service.py` runs what comes of it."""
