"""One edge as several processes."""
