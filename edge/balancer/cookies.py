"""The cookies that are the balancer's own: read here, and kept from whoever is behind it. Pure."""

from __future__ import annotations

from wire.http.fields import Fields

REGION = "viewer-region"
POP = "pixeledge-pop"
OWN = (REGION, POP)


def cookie(fields: Fields, name: str) -> str:
    """The value of a cookie; empty without one. Of several the first counts (RFC 6265 §5.4)."""
    return next((value for known, value in _pairs(fields) if known == name), "")


def without_own(fields: Fields) -> Fields:
    """The fields less our cookies; a request without them is left as it is, letter by letter."""
    if not any(name in OWN for name, _ in _pairs(fields)):
        return fields
    kept = "; ".join(f"{name}={value}" for name, value in _pairs(fields) if name not in OWN)
    return fields.replacing("Cookie", kept) if kept else fields.without(["cookie"])


def _pairs(fields: Fields) -> list[tuple[str, str]]:
    crumbs = (crumb.strip().partition("=") for line in fields.all("cookie") for crumb in line.split(";"))
    return [(name, value) for name, _, value in crumbs if name]
