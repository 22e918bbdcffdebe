"""Images by URL: found, rendered once, and sent."""
