"""Which variant goes when room is needed: a policy a file, named in one place."""

from edge.cache.eviction.lru import Lru

EVICTION_POLICIES: dict[str, type[Lru]] = {"lru": Lru}

__all__ = ["EVICTION_POLICIES", "Lru"]
