"""Every method of the official SDKs, unchanged, against a running world."""
