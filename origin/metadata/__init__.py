"""Structured metadata: a cloud's fields and rules, and the values its assets bear. No I/O."""
