"""Many files in one: which, under which names, and packed as they are read (upload-api §9)."""
