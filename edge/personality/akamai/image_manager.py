"""Image Manager: what a property's owner chose for its pictures (cdn-vendors §16)."""

from __future__ import annotations

from typing import Literal

from attrs import Attribute, evolve, field, frozen
from attrs.validators import deep_iterable, deep_mapping, ge, in_, le, matches_re, min_len, optional

from wire.components import is_component
from wire.errors import MediaError
from wire.negotiation import negotiates

AUTO = ".auto"
"""The policy where none is asked for: the settings of the manager itself."""
BREAKPOINTS = (320, 640, 1024, 2048, 5000)
WIDEST = 20_000

Format = Literal["avif", "webp"]
_is_quality = [ge(1), le(100)]
_is_width = [ge(1), le(WIDEST)]


def _is_chain(_: object, told: Attribute[str], written: str) -> None:
    try:
        sound = all(map(is_component, written.split("/"))) and not negotiates(written)
    except MediaError:
        sound = False
    if written and not sound:
        raise ValueError(f"'{told.name}' must be a transformation of the origin's, without auto: {written}")


@frozen
class ImagePolicy:
    """What `impolicy` asks for by name."""

    breakpoints: tuple[int, ...] = field(default=(), validator=deep_iterable(_is_width))
    """Widths in pixels; empty: those of `.auto`."""
    quality: int | None = field(default=None, validator=optional(_is_quality))
    """None: that of `.auto`."""
    transformation: str = field(default="", validator=_is_chain)
    """What is done to a picture before all else, in the origin's words: `e_sepia`, `c_fill,w_300,h_300/t_frame`."""


@frozen
class ImageManager:
    """Viewers get pictures made for them: as wide as they need, in a format that they know."""

    path: str = "*"
    """The pictures that are managed, by a pattern of their path: `*` is any text, `?` any letter."""
    breakpoints: tuple[int, ...] = field(
        default=BREAKPOINTS, validator=[min_len(1), deep_iterable(_is_width)]
    )
    """The widths that there are, in pixels."""
    quality: int = field(default=85, validator=_is_quality)
    transformation: str = field(default="", validator=_is_chain)
    policies: dict[str, ImagePolicy] = field(
        factory=dict, validator=deep_mapping(matches_re("[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}"))
    )
    formats: tuple[Format, ...] = field(
        default=("avif", "webp"), validator=deep_iterable(in_(("avif", "webp")))
    )
    """Beside JPEG and PNG, the best first."""
    client_hints: bool = False
    """Ask browsers how wide a picture is shown, and go by what they say."""

    def policy(self, name: str) -> ImagePolicy:
        """The policy of a name, with nothing left open; where nobody knows the name it is `.auto`."""
        told = self.policies.get(name) or ImagePolicy(transformation=self.transformation)
        return evolve(
            told, breakpoints=told.breakpoints or self.breakpoints, quality=told.quality or self.quality
        )
