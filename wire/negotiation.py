"""Request headers reduced to the few classes a response may vary on, so that `Vary` does not explode.

Edges and origin must agree on the reduction: an edge keys its variants by it, the origin renders by it.
Sheet: delivery-urls.md §11.
"""

import math
import re
from collections.abc import Iterable
from enum import Enum
from fractions import Fraction

from attrs import frozen

from wire.components import split_chain
from wire.http.fields import Fields

FORMATS = ("avif", "webp")
"""Formats that only some viewers take, best first."""

_NUMBER = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,6})?")
_MAX_DPR = 5
_MAX_WIDTH = 20_000


class HeaderClass(Enum):
    """A group of request headers that changes an answer together."""

    ACCEPT = "accept"
    SAVE_DATA = "save-data"
    DPR = "dpr"
    WIDTH = "width"


_FIELD_NAMES = {
    HeaderClass.ACCEPT: ("Accept",),
    HeaderClass.SAVE_DATA: ("Save-Data",),
    HeaderClass.DPR: ("Sec-CH-DPR", "DPR"),
    HeaderClass.WIDTH: ("Sec-CH-Width", "Width", "Sec-CH-Viewport-Width", "Viewport-Width"),
}


@frozen
class Negotiated:
    """What a viewer's headers come to."""

    accept: frozenset[str] = frozenset()  # of FORMATS
    save_data: bool = False
    dpr: int | None = None  # 1..5, rounded up; None without a hint
    width: int | None = None  # device pixels the image is shown at
    viewport_width: int | None = None  # CSS pixels

    @property
    def shown_width(self) -> Fraction | None:
        """The width in CSS pixels the image is shown at: the hint counts device pixels, and includes the DPR."""
        if self.width:
            return Fraction(self.width, self.dpr or 1)
        return None if self.viewport_width is None else Fraction(self.viewport_width)

    def key(self, classes: Iterable[HeaderClass]) -> str:
        """A short text, equal for requests that get the same answer from a chain with these classes."""
        parts = {
            HeaderClass.ACCEPT: "+".join(name for name in FORMATS if name in self.accept) or "-",
            HeaderClass.SAVE_DATA: "1" if self.save_data else "0",
            HeaderClass.DPR: str(self.dpr or "-"),
            HeaderClass.WIDTH: f"{self.width or '-'}:{self.viewport_width or '-'}",
        }
        wanted = set(classes)
        return ";".join(f"{each.value}={parts[each]}" for each in HeaderClass if each in wanted)


NOTHING = Negotiated()
"""A viewer who said nothing."""


def classify(fields: Fields) -> Negotiated:
    """The classes of a request."""
    return Negotiated(
        accept=accepted_formats(fields.joined("Accept") or ""),
        save_data=(fields.get("Save-Data") or "").strip().lower() == "on",
        dpr=_rounded_up(fields.get("Sec-CH-DPR") or fields.get("DPR"), _MAX_DPR),
        width=_rounded_up(fields.get("Sec-CH-Width") or fields.get("Width"), _MAX_WIDTH),
        viewport_width=_rounded_up(
            fields.get("Sec-CH-Viewport-Width") or fields.get("Viewport-Width"), _MAX_WIDTH
        ),
    )


def accepted_formats(accept: str) -> frozenset[str]:
    """The formats named outright with q above 0; `image/*` and `*/*` say nothing."""
    found = set()
    for member in accept.lower().split(","):
        kind, *parameters = (part.strip() for part in member.split(";"))
        name = kind.removeprefix("image/")
        if kind.startswith("image/") and name in FORMATS and not any(map(_is_refusal, parameters)):
            found.add(name)
    return frozenset(found)


def negotiates(chain: str) -> frozenset[HeaderClass]:
    """The header classes the answer to a raw chain varies on; refusals of the chain itself vary on none."""
    classes = set()
    for component in split_chain(chain):
        for param in component.params:
            head = param.raw.split(":", 1)[0]
            match param.key, head:
                case "f", "auto":
                    classes.add(HeaderClass.ACCEPT)
                case "q", "auto" if param.raw in ("auto", "auto:420", "auto:444"):
                    classes.add(HeaderClass.SAVE_DATA)
                case "dpr", "auto":
                    classes.add(HeaderClass.DPR)
                case "w", "auto" if not param.raw.endswith(":json"):
                    classes |= {HeaderClass.WIDTH, HeaderClass.DPR}
                case _:
                    pass
    return frozenset(classes)


def vary_fields(classes: Iterable[HeaderClass]) -> tuple[str, ...]:
    """The field names for `Vary`, in a fixed order."""
    wanted = set(classes)
    return tuple(name for each in HeaderClass if each in wanted for name in _FIELD_NAMES[each])


def _is_refusal(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    return name.strip() == "q" and re.fullmatch(r"0(?:\.0{0,3})?", value.strip()) is not None


def _rounded_up(hint: str | None, most: int) -> int | None:
    text = (hint or "").strip().strip('"')
    if _NUMBER.fullmatch(text) is None:
        return None
    return min(max(math.ceil(float(text)), 1), most)
