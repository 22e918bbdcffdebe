"""One edge as several processes: a small parent owns the ports, the workers serve them from one disk tier."""
