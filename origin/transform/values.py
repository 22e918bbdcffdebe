"""The kinds of value a param may hold, and their one canonical spelling. Sheet: transformations.md §2.

Numbers are exact rationals from the text on, so that rounding happens once, where a pixel is needed.
"""

import re
from fractions import Fraction
from typing import Literal

from attrs import frozen

from wire.components import printable
from wire.errors import InvalidRequest

_INTEGER = re.compile(r"-?[0-9]{1,9}")
_DECIMAL = re.compile(r"-?[0-9]{0,9}\.[0-9]{1,9}")
_RATIO = re.compile(r"([0-9]{1,30}(?:\.[0-9]{1,9})?):([0-9]{1,30}(?:\.[0-9]{1,9})?)")
_EXPRESSION = re.compile(r"\$|(?:^|_)(?:add|sub|mul|div|mod|pow)_|_to_[if]$|^(?:ctx|md):!")
_ORIGINAL: dict[str, Literal["w", "h"]] = {"iw": "w", "ow": "w", "ih": "h", "oh": "h"}


@frozen
class Pixels:
    """An absolute number of pixels; `dpr` multiplies it."""

    count: int

    def __str__(self) -> str:
        return str(self.count)


@frozen
class Share:
    """A factor of a reference size, told from pixels by its dot."""

    of: Fraction

    def __str__(self) -> str:
        return spelled_decimal(self.of)


@frozen
class Original:
    """A side of the stored original, whatever the chain has done since."""

    side: Literal["w", "h"]

    def __str__(self) -> str:
        return f"i{self.side}"


Length = Pixels | Share | Original


def half_up(value: Fraction) -> int:
    """The nearest integer, halves up: the rounding behind every documented size."""
    return half_up_ratio(value.numerator, value.denominator)


def half_up_ratio(over: int, under: int) -> int:
    """The same of a quotient with a divisor above zero, without making a fraction of it."""
    return (2 * over + under) // (2 * under)


def read_number(text: str) -> Fraction | None:
    """An integer or decimal, exactly."""
    if _INTEGER.fullmatch(text) or _DECIMAL.fullmatch(text):
        return Fraction(text)
    return None


def read_integer(text: str) -> int | None:
    """An integer without a dot."""
    return int(text) if _INTEGER.fullmatch(text) else None


def read_length(text: str) -> Length | None:
    """Pixels, a factor, or a side of the original."""
    if (count := read_integer(text)) is not None:
        return Pixels(count)
    if text in _ORIGINAL:
        return Original(_ORIGINAL[text])
    return None if (number := read_number(text)) is None else Share(number)


def read_ratio(text: str) -> Fraction | None:
    """`16:9`, `1.5` or `1`: width over height, above zero."""
    if (found := _RATIO.fullmatch(text)) is not None:
        over, under = Fraction(found[1]), Fraction(found[2])
        return over / under if over and under else None
    number = read_number(text)
    return number if number is not None and number > 0 else None


def is_expression(text: str) -> bool:
    """Whether a text that is no number is meant as arithmetic or a variable."""
    return _EXPRESSION.search(text) is not None


def spelled_decimal(value: Fraction) -> str:
    """A number of at most nine decimals, always with its dot: `1.0`, `0.25`, `-0.5`."""
    digits = f"{abs(value.numerator) * 10**9 // value.denominator:010d}"
    return f"{'-' if value < 0 else ''}{digits[:-9]}.{digits[-9:].rstrip('0') or '0'}"


def spelled_number(value: Fraction) -> str:
    """A number, without a dot where it is whole."""
    return str(value.numerator) if value.denominator == 1 else spelled_decimal(value)


class InvalidValue(InvalidRequest):
    """`Invalid width in transformation: abc`. `allowed.allowed` says what may stand there."""

    def __init__(self, what: str, value: str, public: str = "") -> None:
        self.what = what  # the param's long name
        self.value = value
        super().__init__(public or f"Invalid {what} in transformation: {printable(value)}")


def invalid(what: str, value: str) -> InvalidValue:
    """The refusal of a value, in the sheet's words (delivery-urls.md §8.2)."""
    return InvalidValue(what, value)


def unsupported(thing: str, why: str = "") -> InvalidRequest:
    """`e_pixelate is not supported`: documented, known, and refused with its name."""
    return InvalidRequest(" ".join(filter(None, (printable(thing), "is not supported", why))))


def not_supported(key: str, what: str, value: str) -> InvalidValue:
    """The same of one value among others that are: what may stand there instead is told."""
    return InvalidValue(what, value, f"{key}_{printable(value)} is not supported")


def unproducible(format: str, where: str = "") -> InvalidValue:  # noqa: A002 - the SDKs' word
    """The refusal of a format that nothing here writes; `where`: a kind of delivery that has formats of its own."""
    sentence = f"Unsupported output format {printable(format)}"
    if where:
        return InvalidValue(f"{where}_format", format, f"{sentence} of {where}")
    return InvalidValue("output_format", format, sentence)


def refused(key: str, what: str, value: str) -> InvalidRequest:
    """Arithmetic where only a plain value may stand is not supported; anything else is invalid."""
    return unsupported(f"{key}_{value}") if is_expression(value) else invalid(what, value)
