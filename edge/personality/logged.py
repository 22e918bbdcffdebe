"""How lines of an access log are written by the one whom an edge plays."""

from __future__ import annotations

from edge.control.access_log import FORMATS, Format
from edge.control.lines import Manner
from edge.personality.akamai.log import datastream
from edge.personality.cloudfront.log import standard
from edge.personality.geography import NOWHERE, Geography
from edge.settings import Settings


def manner_of(settings: Settings) -> Manner:
    """The manner that the settings ask for."""
    if settings.access_log_format != "vendor":
        form: Format = settings.access_log_format
        return FORMATS[form]
    match settings.personality:
        case "cloudfront":
            return standard(settings.cloudfront, settings.pop or settings.name)
        case "akamai":
            return datastream(
                settings.akamai,
                Geography.of(settings.geography),
                settings.geography.get(settings.region, NOWHERE),
            )
    return FORMATS["json"]
