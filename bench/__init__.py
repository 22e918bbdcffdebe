"""Measured ratios against named peers, each in one run on one machine. Not tests: nothing here passes or fails."""
