"""What a world is doing, gathered and shown."""
