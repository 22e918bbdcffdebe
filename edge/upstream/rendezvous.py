"""Rendezvous hashing: how much a name is at home with a key. Pure.

Whoever has the highest score of all gets the key, so a name that leaves moves only its own keys, and one that
comes takes only those it now wins (Thaler and Ravishankar, 1998). A weight scales the share of keys and moves
no more than the change (weighted form: Schindelhauer and Schomaker, 2005).
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from math import log

RANGE = 1 << 64
_ALL = RANGE - 1


def affinity(name: str, key: str) -> int:
    """How much a name is at home with a key, 0 to 2⁶⁴ - 1: the highest wins."""
    digest = blake2b(f"{name}\0{key}".encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "big")


def part(name: str, key: str) -> float:
    """The same between 0 and 1, neither reached."""
    return ((affinity(name, key) >> 11) + 0.5) / (RANGE >> 11)


def luck(name: str, draw: int) -> float:
    """As `part`, of a draw (64 bits) instead of a key. A draw is no object's, so nobody is at home with it: what costs
    a digest there costs a few multiplications here (SplitMix64's: Steele, Lea and Flood, 2014).
    """
    bits = _own(name) ^ draw
    bits = ((bits ^ bits >> 30) * 0xBF58476D1CE4E5B9) & _ALL
    bits = ((bits ^ bits >> 27) * 0x94D049BB133111EB) & _ALL
    return (((bits ^ bits >> 31) >> 11) + 0.5) / (RANGE >> 11)


def drawn(name: str, draw: int, weight: float) -> float:
    """As `score`: of many draws a name wins its weight's share."""
    return -weight / log(luck(name, draw)) if weight > 0 else 0.0


@lru_cache(maxsize=4096)
def _own(name: str) -> int:
    """A name's own bits."""
    return affinity(name, "draw")


def score(name: str, key: str, weight: float) -> float:
    """The same with a weight: of many keys a name wins its weight's share. Nothing is won without weight."""
    return -weight / log(part(name, key)) if weight > 0 else 0.0
