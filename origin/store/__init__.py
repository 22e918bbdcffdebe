"""Where bytes are kept: one interface, several stores, one contract suite."""
