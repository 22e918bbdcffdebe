"""Rehearsals: a world is run, viewers ask, something goes wrong on purpose, and what viewers may notice is judged."""
