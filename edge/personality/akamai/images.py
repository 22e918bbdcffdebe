"""Which picture a viewer gets for a picture's URL (cdn-vendors §16): what the origin is asked for in its place."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from urllib.parse import unquote

from attrs import evolve, frozen

from edge.core.policy import Shapes
from edge.personality.akamai.image_manager import AUTO, ImageManager
from edge.personality.akamai.imquery import components_of
from wire.delivery import DeliveryUrl, Form, parse
from wire.errors import MediaError
from wire.http.fields import Fields
from wire.negotiation import NOTHING, Negotiated, accepted_formats, classify

PARAMETERS = ("impolicy", "imwidth", "imdensity", "imformat", "im")
"""Those of a query that are for the manager; none goes upstream."""
HINTS = ("DPR", "Viewport-Width", "Width", "Sec-CH-DPR", "Sec-CH-Width", "Sec-CH-Viewport-Width")
"""What an answer varies on that follows them, in the sheet's order."""
FAMILIES: dict[str, tuple[str, ...]] = {
    "chrome": ("avif", "webp"),
    "safari": ("webp",),
    "ie": (),
    "generic": (),
}
"""What `imformat` says that a browser knows beside JPEG and PNG."""
_MANAGED = frozenset({"jpg", "png", "webp", "avif", "tiff", "bmp", "heic"})
"""Pictures that stand still, by the extension of their names."""
_WIDTH = re.compile("[0-9]{1,5}")
_DENSITY = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,3})?")
_MADE = re.compile(r"(?:.+/)?c_limit,w_[0-9]+/q_[0-9]+/f_(?:avif|webp|jpg|png)")


@frozen
class Derivative:
    """A picture made of another."""

    target: str
    """The path, and what of the query is none of the manager's: what the origin is asked for, and the key."""
    follows: tuple[str, ...] = ()
    """The request's fields that had a say."""
    takes_hints: bool = False

    def told(self, fields: Fields) -> Fields:
        """An answer's fields, that say so."""
        varies = ", ".join(dict.fromkeys((*fields.members("vary"), *self.follows)))
        fields = fields.replacing("Vary", varies) if varies else fields
        return fields.replacing("Accept-CH", ", ".join(HINTS)) if self.takes_hints else fields


def derivative_of(told: ImageManager, path: str, target: str, fields: Fields) -> Derivative | None:
    """What a viewer gets who asks for a target whose path is, normally spelled, `path`; None for what is no picture of
    the origin's. A picture that is not managed (its URL is signed, or transforms it, or names another kind of file) is
    asked for as it is. InvalidRequest for an `im` with a mistake in it."""
    url = _picture(path)
    if url is None:
        return None
    raw, _, query = target.partition("?")
    asked, rest = _parted(query)
    if url.chain or url.signature or url.delivery_type != "upload" or url.extension not in _MANAGED:
        return Derivative(f"{raw}?{rest}" if rest else raw)
    hints = classify(fields) if told.client_hints else NOTHING
    chain = _chain(told, asked, hints, _known(asked, fields), "png" if url.extension == "png" else "jpg")
    made = _text(evolve(url, chain=chain))
    follows = (
        *(HINTS if told.client_hints else ()),
        *(() if asked.get("imformat") in FAMILIES else ("Accept",)),
    )
    return Derivative(f"{made}?{rest}" if rest else made, follows, told.client_hints)


def source_of(target: str) -> str | None:
    """The URL of the picture that a derivative, by its own path and query, was made of; None for anything else."""
    path, mark, query = target.partition("?")
    url = _picture(path)
    if url is None or url.signature or not _MADE.fullmatch(url.chain):
        return None
    return _text(evolve(url, chain="")) + mark + query


def without_choice(target: str) -> str:
    """A viewer's path and query less the manager's parameters, where it is a picture's."""
    path, _, query = target.partition("?")
    if _picture(path) is None:
        return target
    rest = _parted(query)[1]
    return f"{path}?{rest}" if rest else path


SHAPES = Shapes(source_of, without_choice)


def breakpoint_for(width: float | None, breakpoints: Iterable[int]) -> int:
    """The narrowest that is as wide as that; the widest where none is, or nobody says how wide."""
    known = sorted(breakpoints)
    return next((each for each in known if width is not None and each >= width), known[-1])


def width_of(asked: Mapping[str, str], hints: Negotiated) -> float | None:
    """The pixels wanted across. `imwidth` beats what hints say of width, `imdensity` what they say of density, and
    beside an `imwidth` no hint counts at all."""
    width, density = _number(_WIDTH, asked.get("imwidth")), _number(_DENSITY, asked.get("imdensity"))
    if width is not None:
        return width * (density or 1.0)
    shown = hints.shown_width
    return float(shown) * (density or hints.dpr or 1.0) if shown is not None else None


def _chain(
    told: ImageManager, asked: Mapping[str, str], hints: Negotiated, known: Collection[str], plain: str
) -> str:
    policy = told.policy(asked.get("impolicy", AUTO))
    width = breakpoint_for(width_of(asked, hints), policy.breakpoints)
    made = (policy.transformation, *components_of(asked.get("im", "")))
    kind = next((each for each in told.formats if each in known), plain)
    return "/".join((*filter(None, made), f"c_limit,w_{width}", f"q_{policy.quality}", f"f_{kind}"))


def _known(asked: Mapping[str, str], fields: Fields) -> Collection[str]:
    """The formats that a viewer takes, by his word or his browser's."""
    family = FAMILIES.get(asked.get("imformat", ""))
    return accepted_formats(fields.joined("accept") or "") if family is None else family


def _number(shape: re.Pattern[str], text: str | None) -> float | None:
    """A number above 0; what is none is not there."""
    return (float(text) or None) if text is not None and shape.fullmatch(text) else None


def _parted(query: str) -> tuple[dict[str, str], str]:
    """The manager's parameters, the first of each name, and the rest of the query."""
    asked: dict[str, str] = {}
    rest = []
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if name in PARAMETERS:
            asked.setdefault(name, unquote(value))
        else:
            rest.append(pair)
    return asked, "&".join(rest)


def _picture(path: str) -> DeliveryUrl | None:
    """`/CLOUD/image/TYPE/…`, or on a cloud's own host `/image/TYPE/…`; None for any other path."""
    try:
        url = parse(path.encode("latin-1"), clouds_in_path=not path.startswith("/image/"))
    except MediaError:
        return None
    return url if url.form is Form.FULL and url.asset_type == "image" else None


def _text(url: DeliveryUrl) -> str:
    """Its path, as heads have text."""
    return url.path().encode().decode("latin-1")
