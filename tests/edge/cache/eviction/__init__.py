"""Each eviction policy's own law."""
