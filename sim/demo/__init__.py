"""Real photographs for a cloud that has none yet, and how they get there."""
