"""How any node of ours speaks HTTP: the Twisted part that origin and edge share."""
