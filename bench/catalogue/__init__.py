"""The catalogue measured as it grows."""
