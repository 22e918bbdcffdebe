"""How lines of an access log are written by the one whom an edge plays."""

from __future__ import annotations

from collections.abc import Collection

from edge.control.access_log import Format, manner_in
from edge.control.lines import Manner
from edge.personality.akamai.log import datastream, secret_of
from edge.personality.cloudfront.log import SECRET, standard
from edge.personality.geography import NOWHERE, Geography
from edge.settings import Settings
from wire.tokens.masked import OF_ORIGINS


def manner_of(settings: Settings) -> Manner:
    """The manner that the settings ask for."""
    if settings.access_log_format != "vendor":
        form: Format = settings.access_log_format
        return manner_in(form, _secret(settings))
    match settings.personality:
        case "cloudfront":
            return standard(
                settings.cloudfront, settings.pop or settings.name, frozenset(settings.origin_shields)
            )
        case "akamai":
            return datastream(
                settings.akamai,
                Geography.of(settings.geography),
                settings.geography.get(settings.region, NOWHERE),
            )
    return manner_in("json")


def _secret(settings: Settings) -> Collection[str]:
    match settings.personality:
        case "cloudfront":
            return SECRET
        case "akamai":
            return secret_of(settings.akamai)
    return OF_ORIGINS
