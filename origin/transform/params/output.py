"""Settings of the whole chain, the last of each wins: `f q dpr d`, `a_ignore`, flags of output (§7)."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from attrs import frozen

from origin.transform.attachment import Attachment, read_attachment
from origin.transform.params.flags import invalid_flag, read_flags
from origin.transform.values import half_up, invalid, read_number, refused, spelled_number, unsupported
from wire.public_ids import FORMATS, escaped

AUTO: Literal["auto"] = "auto"

_QUALITY = re.compile(
    r"(?P<auto>auto)(?::(?P<target>best|good|eco|low))?(?::sensitive)?(?::(?P<auto_chroma>420|444))?"
    r"|jpegmini(?::(?P<mini>[012]))?"
    r"|(?P<level>[0-9]{1,3}(?:\.[0-9]{1,9})?|\.[0-9]{1,9})(?::(?P<chroma>420|444))?"
)
_KEYS = frozenset({"f", "q", "dpr", "d", "fl"})
_JPEGMINI = {None: "best", "0": "best", "1": "good", "2": "eco"}


@frozen
class Quality:
    """How much may be lost: a number for the encoder, or a target that content decides on."""

    level: int | None = None  # 1..100
    target: str | None = None  # best good eco low; None with no level: plain `q_auto`
    subsampling: str | None = None  # "420", "444"

    def spelled(self) -> str:
        """The canonical value."""
        head = str(self.level) if self.level is not None else ":".join(filter(None, (AUTO, self.target)))
        return f"{head}:{self.subsampling}" if self.subsampling else head


@frozen
class Settings:
    """How the result of a chain is delivered."""

    format: str | None = None  # canonical name, or "auto"
    quality: Quality | None = None
    dpr: Fraction | Literal["auto"] | None = None
    progressive: bool | None = None
    animated: bool = False  # fl_awebp, fl_animated: an animation stays one in WebP
    attachment: Attachment | None = None
    default_image: str | None = None  # public id, perhaps with extension, shown when the asset is missing
    ignore_orientation: bool = False

    def spelled(self) -> tuple[str, ...]:
        """The canonical params of the component that closes a chain."""
        texts = []
        if self.ignore_orientation:
            texts.append("a_ignore")
        if self.default_image is not None:
            texts.append(f"d_{escaped(self.default_image.replace('/', ':'))}")
        if self.dpr is not None:
            texts.append(f"dpr_{self.dpr if self.dpr == AUTO else spelled_number(Fraction(self.dpr))}")
        if self.format is not None:
            texts.append(f"f_{self.format}")
        if self.animated:
            texts.append("fl_awebp")
        if self.attachment is not None:
            texts.append(f"fl_{self.attachment.spelled()}")
        if self.progressive is not None:
            texts.append("fl_progressive" if self.progressive else "fl_progressive:none")
        if self.quality is not None:
            texts.append(f"q_{self.quality.spelled()}")
        return tuple(texts)


def read(values: Mapping[str, str], before: Settings, *, ignore_orientation: bool) -> Settings:
    """The settings after one more component."""
    if _KEYS.isdisjoint(values) and not ignore_orientation:
        return before  # most components set nothing
    flags = read_flags(values)
    return Settings(  # `evolve` would cost as much as all the rest
        format=_format(values["f"]) if "f" in values else before.format,
        quality=_quality(values["q"]) if "q" in values else before.quality,
        dpr=_dpr(values["dpr"]) if "dpr" in values else before.dpr,
        progressive=_progressive(flags["progressive"]) if "progressive" in flags else before.progressive,
        animated=before.animated or not flags.keys().isdisjoint(("animated", "awebp")),
        attachment=read_attachment(flags["attachment"]) if "attachment" in flags else before.attachment,
        default_image=_default_image(values["d"]) if "d" in values else before.default_image,
        ignore_orientation=before.ignore_orientation or ignore_orientation,
    )


def _format(text: str) -> str:
    if text in (AUTO, "auto:image", "auto:animated"):
        return AUTO
    if text == "auto:video":
        raise unsupported("f_auto:video")
    canonical = FORMATS.get(text.lower())
    if canonical is None:
        raise refused("f", "format", text)
    return canonical


def _quality(text: str) -> Quality:
    found = _QUALITY.fullmatch(text)
    if found is None:
        raise unsupported(f"q_{text}") if ":qmax_" in text else refused("q", "quality", text)
    if found["auto"]:
        return Quality(target=found["target"], subsampling=found["auto_chroma"])
    if found["level"] is None:
        return Quality(target=_JPEGMINI[found["mini"]])
    number = Fraction(found["level"])
    if "." in found["level"] and number <= 1:
        number *= 100  # §7.2: a decimal up to 1.0 is a share
    level = half_up(number)
    if not 1 <= level <= 100:
        raise invalid("quality", text)
    return Quality(level=level, subsampling=found["chroma"])


def _dpr(text: str) -> Fraction | Literal["auto"] | None:
    if text == AUTO:
        return AUTO
    number = read_number(text)
    if number is None or number <= 0:
        raise refused("dpr", "dpr", text)
    return None if number == 1 else number


def _progressive(argument: str) -> bool:
    if argument not in ("", "none", "semi", "steep"):
        raise invalid_flag(f"progressive:{argument}")
    return argument != "none"


def _default_image(text: str) -> str:
    public_id = text.replace(":", "/").strip("/")
    if not public_id:
        raise invalid("default_image", text)
    return public_id
