"""Whom the settings have an edge play."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve

from edge.personality.geography import Geography
from edge.personality.interface import Personality
from edge.personality.plain import Plain
from edge.settings import Played, Settings


def _plain(settings: Settings) -> Personality | None:
    return Plain(settings.guarded) if settings.guarded else None


def _cloudfront(settings: Settings) -> Personality:
    from edge.personality.cloudfront.personality import CloudFront  # an edge loads the one it plays

    return CloudFront(
        settings.cloudfront,
        settings.pop or settings.name,
        settings.role == "shield",
        Geography.of(settings.geography),
    )


def _akamai(settings: Settings) -> Personality:
    from edge.personality.akamai.personality import Akamai

    return Akamai(settings.akamai, settings.pop or settings.name)


PERSONALITIES: dict[Played, Callable[[Settings], Personality | None]] = {
    "plain": _plain,
    "cloudfront": _cloudfront,
    "akamai": _akamai,
}


def played(settings: Settings) -> Personality | None:
    """The personality of an edge; None for one that is nobody but itself. A shield is asked by edges alone, which
    have let the viewer in and taken away what did."""
    if settings.role == "shield":
        settings = evolve(
            settings,
            guarded=(),
            cloudfront=settings.cloudfront.unsigned,
            akamai=evolve(settings.akamai, tokens=()),
        )
    return PERSONALITIES[settings.personality](settings)


def cautions(settings: Settings) -> tuple[str, ...]:
    """What whoever starts an edge should hear of its settings (§1.6, §4.1)."""
    if settings.personality != "cloudfront":
        return ()
    from wire.tokens.cloudfront.keys import (  # only who plays CloudFront loads OpenSSL for it
        public_key,
        takes,
    )

    told, found = settings.cloudfront, list[str]()
    least = max(each.lifetimes.least for each in (told, *told.behaviors))
    if least:
        found.append(
            f"with a least TTL of {least:g} s, what is private or no-store is kept so long for everybody"
        )
    if told.is_signed and not all(takes(public_key(pem), "SHA1") for pem in told.public_keys.values()):
        found.append(
            "this build of OpenSSL takes no SHA-1: who signs without Hash-Algorithm=SHA256 is refused"
        )
    return tuple(found)
