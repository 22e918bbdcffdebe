"""A link of no length and without bound: what it costs is all our own."""

from sim.links.way import Way

UNFELT = Way(rtt_seconds=0.0, bits_per_second=1e15)
