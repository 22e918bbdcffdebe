"""Searching the catalogue: an index beside the rows, kept in their transactions, and the queries over it."""
