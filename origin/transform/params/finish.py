"""How a result is packed beside its pixels: palette, compression, colour space, metadata, density, delay.

Sheet: transformations.md §7.3 (`dn_`, `dl_`, `cs_`) and §13.
"""

import re
from collections.abc import Mapping
from typing import Literal

from attrs import evolve, frozen

from origin.transform import sampling
from origin.transform.values import invalid, refused
from wire.public_ids import escaped

KEYS = frozenset({"dn", "dl", "cs"}) | sampling.KEYS
AS_STORED: Literal["idn"] = "idn"
Density = int | Literal["idn"]
LONGEST_DELAY = 600_000  # milliseconds; GIF's own limit is 655 s

_COUNT = re.compile(r"[0-9]{1,6}")
_MOST_DENSE = 65_535  # what a JPEG can say
_SPACES = {"srgb": "srgb", "no_cmyk": "srgb", **{each: each for each in ("tinysrgb", "cmyk", "keep_cmyk")}}
_PROFILES = (".icc", ".icm")
_ICC = "icc:"
_PNG_KINDS = {"png8": 8, "png24": 24, "png32": 32}


@frozen
class Finish:
    """The settings that leave the picture alone, and change the file."""

    png: int | None = None  # 8, 24 or 32 bits a pixel
    any_format: bool = False  # q_auto may use a palette where it would not
    lossy: bool = False  # GIF loses, PNG without alpha becomes JPEG
    group4: bool = False  # TIFF in black and white
    space: str | None = None  # srgb tinysrgb cmyk keep_cmyk, or icc: and the public id of a profile
    truecolour: bool = False  # neither palette nor grey
    strip_profile: bool = False
    force_profile: bool = False
    metadata: str | None = None  # "all", "attribution" are kept; "none": even where nothing else is done
    density: Density | None = None  # dots an inch; also of what is drawn for the picture
    delay: int | None = None  # milliseconds of every frame
    sampling: str | None = None  # which frames, as `origin.transform.sampling` spells it

    @property
    def profile(self) -> str | None:
        """The public id of the stored profile in whose colours the picture leaves."""
        space = self.space or ""
        return space.removeprefix(_ICC) if space.startswith(_ICC) else None

    @property
    def keeps_stored(self) -> bool:
        """Whether nothing here asks for other bytes than the stored ones."""
        return self in (PLAIN, _KEEPING)

    def spelled(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The canonical params, and the canonical flags."""
        params = []
        if self.truecolour:
            params.append("cs_srgb:truecolor")
        elif self.profile is not None:
            params.append(f"cs_{_ICC}{escaped(self.profile.replace('/', ':'))}")
        elif self.space is not None:
            params.append(f"cs_{self.space}")
        if self.delay is not None:
            params.append(f"dl_{self.delay}")
        if self.density is not None:
            params.append(f"dn_{self.density}")
        if self.sampling is not None:
            params.append(self.sampling)
        flags = {
            "any_format": self.any_format,
            "force_icc": self.force_profile,
            "force_strip": self.metadata == "none",
            "group4": self.group4,
            "keep_attribution": self.metadata == "attribution",
            "keep_iptc": self.metadata == "all",
            "lossy": self.lossy,
            f"png{self.png}": self.png is not None,
            "strip_profile": self.strip_profile,
        }
        return tuple(params), tuple(name for name, is_set in flags.items() if is_set)


PLAIN = Finish()
_KEEPING = Finish(metadata="all")


def read(values: Mapping[str, str], flags: Mapping[str, str], before: Finish) -> Finish:
    """The settings after one more component."""
    after = before
    if "dn" in values:
        after = evolve(after, density=read_density(values["dn"]))
    if "dl" in values:
        after = evolve(after, delay=_delay(values["dl"]))
    if not sampling.KEYS.isdisjoint(values):
        after = evolve(after, sampling=sampling.read(values, after.sampling))
    if "cs" in values:
        after = _space(values["cs"], after)
    for name in flags:
        after = _flagged(name, after)
    return after


def _flagged(name: str, before: Finish) -> Finish:
    if name in _PNG_KINDS:
        return evolve(before, png=_PNG_KINDS[name])
    match name:
        case "any_format":
            return evolve(before, any_format=True)
        case "lossy":
            return evolve(before, lossy=True)
        case "group4":
            return evolve(before, group4=True)
        case "strip_profile":
            return evolve(before, strip_profile=True)
        case "force_icc":
            return evolve(before, force_profile=True)
        case "keep_iptc" if before.metadata is None:
            return evolve(before, metadata="all")
        case "keep_attribution" if before.metadata != "none":
            return evolve(before, metadata="attribution")  # the narrower wish: what is private stays so
        case "force_strip":
            return evolve(before, metadata="none")
        case _:
            return before


def _space(text: str, before: Finish) -> Finish:
    name = text.lower()
    if name == "srgb:truecolor":
        return evolve(before, space=None, truecolour=True)
    if name in _SPACES:
        return evolve(before, space=_SPACES[name], truecolour=False)
    if name == "copy":
        return before  # it is of films
    if name.startswith(_ICC):
        return evolve(before, space=f"{_ICC}{_profile(text)}", truecolour=False)
    raise refused("cs", "color_space", text)


def _profile(text: str) -> str:
    """The public id in `icc:<id>`, folders with "/"; its extension is part of it, as it is of every raw file."""
    public_id = text[len(_ICC) :].replace(":", "/").strip("/")
    if not public_id.lower().endswith(_PROFILES) or public_id.startswith("."):
        raise invalid("color_space", text)
    return public_id


def read_density(text: str) -> Density:
    """The value of `dn_`."""
    if text.lower() == AS_STORED:
        return AS_STORED
    if _COUNT.fullmatch(text) is None or not 1 <= int(text) <= _MOST_DENSE:
        raise refused("dn", "density", text)
    return int(text)


def _delay(text: str) -> int:
    if _COUNT.fullmatch(text) is None or not 1 <= int(text) <= LONGEST_DELAY:
        raise refused("dl", "delay", text)
    return int(text)
