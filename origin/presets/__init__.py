"""Upload presets: parameters stored under a name, and what they make of a request. No I/O."""
