"""Real processes, real sockets: what a user would see, asked of a running world."""
