"""Search expressions (admin-api §13): text → tree, and what an asset is found by. Pure: no clock, no database."""
