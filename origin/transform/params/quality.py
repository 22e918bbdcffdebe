"""`q_`: a number for the encoder, or a target that content decides on (transformations.md §7.2)."""

import re
from fractions import Fraction

from attrs import frozen

from origin.transform.values import half_up, invalid, refused

_QUALITY = re.compile(
    r"auto(?::(?P<target>best|good|eco|low))?(?P<sensitive>:sensitive)?(?::(?P<auto_chroma>420|444))?"
    r"|jpegmini(?P<mini>(?::[012])?)"
    r"|(?P<level>[0-9]{1,3}(?:\.[0-9]{1,9})?|\.[0-9]{1,9})(?::(?P<chroma>420|444)|:qmax_[0-9]{1,3})?"  # of films
)
NO_OVERRIDE = "none"
"""Stored in the place of a quality: `q_auto` means what it says."""

_JPEGMINI = {"": "best", ":0": "best", ":1": "good", ":2": "eco"}


@frozen
class Quality:
    """How much may be lost."""

    level: int | None = None  # 1..100
    target: str | None = None  # best good eco low; None with no level: plain `q_auto`
    subsampling: str | None = None  # "420", "444"
    sensitive: bool = False  # a little more than the target

    @property
    def is_automatic(self) -> bool:
        """Whether content decides."""
        return self.level is None

    def spelled(self) -> str:
        """The canonical value."""
        parts = [str(self.level)] if self.level is not None else ["auto", self.target]
        parts += ["sensitive" if self.sensitive else None, self.subsampling]
        return ":".join(filter(None, parts))


def read_quality(text: str) -> Quality:
    """The quality a `q_` asks for."""
    found = _QUALITY.fullmatch(text)
    if found is None:
        raise refused("q", "quality", text)
    if found["mini"] is not None:
        return Quality(target=_JPEGMINI[found["mini"]])
    if found["level"] is None:
        is_sensitive = found["sensitive"] is not None
        target = found["target"] or ("good" if is_sensitive else None)
        return Quality(target=target, subsampling=found["auto_chroma"], sensitive=is_sensitive)
    number = Fraction(found["level"])
    if "." in found["level"] and number <= 1:
        number *= 100  # §7.2: a decimal up to 1.0 is a share
    level = half_up(number)
    if not 1 <= level <= 100:
        raise invalid("quality", text)
    return Quality(level=level, subsampling=found["chroma"])
