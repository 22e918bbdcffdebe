"""Request header values that mean the same, brought to the same text (sheet 8.5, 8.6)."""

from __future__ import annotations

from functools import lru_cache

from wire.http.fields import split_list

_WEIGHTED = frozenset({"accept", "accept-encoding", "accept-language", "accept-charset"})


@lru_cache(maxsize=4096)
def normalised(name: str, joined: str) -> str:
    """The value of a selecting header, for comparison. `name` in lower case, `joined` all its lines."""
    if name in _WEIGHTED:
        return ", ".join(_written(name, value, weight) for weight, value in _by_weight(name, joined))
    return ", ".join(split_list(joined))


def _by_weight(name: str, joined: str) -> list[tuple[float, str]]:
    """Weight and value of each member, heaviest first, equals in alphabetical order."""
    members = []
    for member in split_list(joined.lower()):
        parts = [part.strip(" \t") for part in member.split(";")]
        if not parts[0]:
            continue  # only parameters: it names nothing
        weight = 1.0
        for part in parts[1:]:
            if part.startswith("q="):
                weight = _weight(part[2:])
        value = ";".join([parts[0], *(part for part in parts[1:] if part and not part.startswith("q="))])
        if name == "accept-encoding" and value in ("x-gzip", "x-compress"):
            value = value[2:]
        members.append((weight, value))
    return sorted(members, key=lambda member: (-member[0], member[1]))


def _written(_name: str, value: str, weight: float) -> str:
    return value if weight == 1.0 else f"{value};q={weight:g}"


def _weight(text: str) -> float:
    try:
        return round(min(1.0, max(0.0, float(text))), 3)  # RFC 9110 §12.4.2: three decimals
    except ValueError:
        return 1.0


@lru_cache(maxsize=4096)
def best_coding(joined: str, codings: tuple[str, ...]) -> str:
    """The one of `codings` that Accept-Encoding likes best, of equals the first; `identity` where none is
    acceptable, or none at all is liked better (RFC 9110 §12.5.3): what the field comes to for an edge that codes
    (sheet 8.6).
    """
    weights = {value: weight for weight, value in _by_weight("accept-encoding", joined)}
    anything = weights.get("*", 0.0)
    best = max(codings, key=lambda coding: weights.get(coding, anything), default="identity")
    liked = weights.get(best, anything)
    return best if liked > 0 and liked >= weights.get("identity", 0.0) else "identity"


@lru_cache(maxsize=4096)
def reduced_accept(joined: str, types: tuple[str, ...]) -> str:
    """Accept as those of `types` that the viewer names outright, then anything: two browsers, one class."""
    weights = {value.partition(";")[0]: weight for weight, value in _by_weight("accept", joined)}
    return ", ".join([*(kind for kind in types if weights.get(kind, 0.0) > 0), "*/*"])
