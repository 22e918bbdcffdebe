"""Settings of the whole chain, the last of each wins: `f q dpr d`, `a_ignore`, how it is packed (§7)."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from attrs import frozen

from origin.transform.attachment import Attachment, read_attachment
from origin.transform.params import finish
from origin.transform.params.finish import Finish
from origin.transform.params.flags import invalid_flag, read_flags
from origin.transform.params.quality import Quality, read_quality
from origin.transform.values import invalid, not_supported, read_number, refused, spelled_number
from wire.components import printable
from wire.errors import InvalidRequest
from wire.public_ids import FORMATS, escaped

AUTO: Literal["auto"] = "auto"

AUTO_IMAGE: Literal["auto:image"] = "auto:image"
AUTOMATIC = (AUTO, AUTO_IMAGE)

_KEYS = frozenset({"f", "q", "dpr", "d", "fl"}) | finish.KEYS
_ANIMATING = {
    "animated": frozenset({"webp", "avif"}),
    "awebp": frozenset({"webp"}),
    "apng": frozenset({"png"}),
}


@frozen
class Settings:
    """How the result of a chain is delivered."""

    format: str | None = None  # canonical name, "auto", or "auto:image" for one that does not move
    quality: Quality | None = None
    dpr: Fraction | Literal["auto"] | None = None
    progressive: bool | None = None
    animated: frozenset[str] = frozenset()  # the formats in which an animation stays one
    preserve_transparency: bool = False  # f_auto keeps an alpha channel, even one that hides nothing
    finish: Finish = finish.PLAIN
    attachment: Attachment | None = None
    default_image: str | None = None  # public id, perhaps with extension, shown when the asset is missing
    ignore_orientation: bool = False
    told: bool = False  # fl_getinfo: the answer is what would have been sent, in numbers

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
        params, flags = self.finish.spelled()
        texts += [*params, *(f"fl_{flag}" for flag in (*self._animating(), *flags))]
        if self.attachment is not None:
            texts.append(f"fl_{self.attachment.spelled()}")
        if self.preserve_transparency:
            texts.append("fl_preserve_transparency")
        if self.told:
            texts.append("fl_getinfo")
        if self.progressive is not None:
            texts.append("fl_progressive" if self.progressive else "fl_progressive:none")
        if self.quality is not None:
            texts.append(f"q_{self.quality.spelled()}")
        return tuple(texts)

    def _animating(self) -> tuple[str, ...]:
        """The fewest flags that animate as much."""
        if self.animated >= _ANIMATING["animated"]:
            return ("animated", "apng") if "png" in self.animated else ("animated",)
        return tuple(flag for flag in ("apng", "awebp") if self.animated >= _ANIMATING[flag])


def check_baseline(name: str, settings: Settings) -> None:
    """Refused unless a named transformation, as it is for one source, says what its result is kept as (§10)."""
    if settings.format is None or settings.format in AUTOMATIC:
        raise InvalidRequest(
            f"bl_{printable(name)} needs a transformation with a format of its own (f_), not auto"
        )


def read(values: Mapping[str, str], before: Settings, *, ignore_orientation: bool) -> Settings:
    """The settings after one more component."""
    if _KEYS.isdisjoint(values) and not ignore_orientation:
        return before  # most components set nothing
    flags = read_flags(values)
    return Settings(  # `evolve` would cost as much as all the rest
        format=_format(values["f"]) if "f" in values else before.format,
        quality=read_quality(values["q"]) if "q" in values else before.quality,
        dpr=_dpr(values["dpr"]) if "dpr" in values else before.dpr,
        progressive=_progressive(flags["progressive"]) if "progressive" in flags else before.progressive,
        animated=before.animated.union(*(_ANIMATING[flag] for flag in flags if flag in _ANIMATING)),
        preserve_transparency=before.preserve_transparency or "preserve_transparency" in flags,
        finish=finish.read(values, flags, before.finish),
        attachment=read_attachment(flags["attachment"]) if "attachment" in flags else before.attachment,
        default_image=_default_image(values["d"]) if "d" in values else before.default_image,
        ignore_orientation=before.ignore_orientation or ignore_orientation,
        told=before.told or "getinfo" in flags,
    )


def _format(text: str) -> str:
    if text in (AUTO, "auto:animated"):
        return AUTO  # which leaves animations moving anyway
    if text == AUTO_IMAGE:
        return AUTO_IMAGE
    if text == "auto:video":
        raise not_supported("f", "format", "auto:video")
    canonical = FORMATS.get(text.lower())
    if canonical is None:
        raise refused("f", "format", text)
    return canonical


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
