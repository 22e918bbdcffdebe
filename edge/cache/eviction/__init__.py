"""Which variant goes when room is needed: a policy a file, named in one place."""

from edge.cache.eviction.interface import Eviction
from edge.cache.eviction.lru import Lru
from edge.cache.eviction.s3fifo import S3Fifo
from edge.cache.eviction.sieve import Sieve
from edge.cache.eviction.wtinylfu import WTinyLfu

EVICTION_POLICIES: dict[str, type[Eviction]] = {
    "lru": Lru,
    "s3-fifo": S3Fifo,
    "sieve": Sieve,
    "w-tinylfu": WTinyLfu,
}

DEFAULT_EVICTION = "s3-fifo"
"""Chosen by `bench.eviction`; docs/performance.md has the table and the reasons."""

__all__ = ["DEFAULT_EVICTION", "EVICTION_POLICIES", "Eviction", "Lru", "S3Fifo", "Sieve", "WTinyLfu"]
