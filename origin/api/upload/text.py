"""`POST image/text`: words as an image, whose style other images' words may have too (upload-api §9)."""

import re

from attrs import frozen

from origin.api.answers import Answers
from origin.api.endpoint import Access, Call, Endpoint, Json, Kind, Param
from origin.api.notifying import NOTIFY, Notifiers
from origin.api.params import Params, integer, text
from origin.assets.captions import Captions, Words
from origin.catalogue import Message, Stored
from origin.counters import Counters
from origin.transform.colours import read_colour, spelled_colour
from origin.transform.references import Caption
from wire.components import printable
from wire.errors import InvalidRequest
from wire.public_ids import MAX_CHARACTERS, check_public_id

_CHOICES = {
    "font_weight": ("normal", "bold", "thin", "light", *(str(each) for each in range(100, 1000, 100))),
    "font_style": ("normal", "italic"),
    "text_decoration": ("none", "underline", "strikethrough"),
    "text_align": ("left", "center", "right", "start", "end", "justify"),
    "font_antialiasing": ("none", "gray", "subpixel", "fast", "good", "best"),
    "font_hinting": ("none", "slight", "medium", "full"),
}
_UNSAID = ("normal", "none", "left")
_FAMILY = re.compile(r"[^\x00-\x1f\x7f:/,$@_]+(?:_[^\x00-\x1f\x7f:/,$@_]+)*")
_NUMBER = re.compile(r"-?[0-9]{1,4}(?:\.[0-9]{1,3})?")
_TAKES = (
    Param("text", required=True),
    Param("public_id"),
    Param("font_family", about="Arial, or the public id of a stored font"),
    Param("font_size", Kind.INTEGER, about="12"),
    Param("font_color", about="black"),
    Param("font_weight"),
    Param("font_style"),
    Param("background", about="transparent"),
    Param("opacity", Kind.INTEGER, about="Of the letters: 0 to 100"),
    Param("text_decoration"),
    Param("text_align"),
    Param("letter_spacing"),
    Param("line_spacing"),
    Param("font_hinting"),
    Param("font_antialiasing"),
    *NOTIFY,
)


@frozen
class TextImages:
    """Makes them."""

    captions: Captions
    answers: Answers
    notifiers: Notifiers
    counters: Counters

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """One call."""
        return (
            Endpoint(
                "POST",
                "image/text",
                self.one,
                access=Access.SIGNED,
                takes=_TAKES,
                summary="Make an image of words",
                answer="Uploaded",
                action="text",
            ),
        )

    async def one(self, call: Call) -> Json:
        """The image, as an upload's answer shows it."""
        notifier, words = self.notifiers.of(call), _words(call.params)
        public_id = text(call.params, "public_id")
        if public_id is not None:
            check_public_id(public_id)

        def told(stored: Stored) -> tuple[Message, ...]:
            return notifier.tell("upload", self.answers.uploaded(stored, call.caller))

        stored = await self.captions.make(call.cloud, public_id, words, told, by=call.caller.author)
        self.counters.uploads += 1
        return self.answers.uploaded(stored, call.caller)


def _words(params: Params) -> Words:
    """The text and its style, every value checked but what the fonts say."""
    chosen = {name: _one_of(params, name) for name in _CHOICES}
    size = integer(params, "font_size", 12)
    if size < 1:
        raise _invalid("font_size", str(size))
    items = [_family(params), str(size)]
    for name in ("font_weight", "font_style", "text_decoration", "text_align"):
        value = chosen[name]
        items += [value] if value is not None and value not in _UNSAID else []
    for name in ("letter_spacing", "line_spacing"):
        items += [f"{name}_{value}"] if (value := _number(params, name)) else []
    items += [f"antialias_{chosen['font_antialiasing']}"] if chosen["font_antialiasing"] else []
    items += [f"hinting_{chosen['font_hinting']}"] if chosen["font_hinting"] else []
    background = text(params, "background")
    paper = None if background in (None, "transparent", "none") else _colour(params, "background", "")
    caption = Caption("_".join(items), _ink(params), paper)
    return Words(text(params, "text") or "", caption)


def _ink(params: Params) -> str:
    """The colour of the letters, as far as they are opaque."""
    opacity = integer(params, "opacity", 100)
    if opacity > 100:
        raise _invalid("opacity", str(opacity))
    red, green, blue, alpha = read_colour(_colour(params, "font_color", "black")) or (0, 0, 0, 255)
    return spelled_colour((red, green, blue, round(alpha * opacity / 100)))


def _colour(params: Params, name: str, default: str) -> str:
    """A name, `rgb:…`, or as stylesheets have it `#…`."""
    written = text(params, name) or default
    colour = read_colour(f"rgb:{written[1:]}" if written.startswith("#") else written)
    if colour is None:
        raise _invalid(name, written)
    return spelled_colour(colour)


def _family(params: Params) -> str:
    """A font's name; a number in it would be taken for the size."""
    family = text(params, "font_family") or "Arial"
    if (
        len(family) > MAX_CHARACTERS
        or not _FAMILY.fullmatch(family)
        or any(_NUMBER.fullmatch(each) for each in family.split("_")[1:])
    ):
        raise _invalid("font_family", family)
    return family


def _number(params: Params, name: str) -> str | None:
    value = text(params, name)
    if value is not None and not _NUMBER.fullmatch(value):
        raise _invalid(name, value)
    return value


def _one_of(params: Params, name: str) -> str | None:
    value = text(params, name)
    if value is not None and value not in _CHOICES[name]:
        allowed = ", ".join(_CHOICES[name])
        raise InvalidRequest(f"Invalid {name} - {printable(value)}. Must be one of: {allowed}")
    return value


def _invalid(name: str, value: str) -> InvalidRequest:
    return InvalidRequest(f"Invalid value for parameter {name}: {printable(value[:100])}")
