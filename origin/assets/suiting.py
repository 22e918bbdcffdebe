"""What a call asks of responsive breakpoints: a JSON object, or an array of them (upload-api §8)."""

from typing import Any

from attrs import field, frozen
from attrs.validators import and_, ge, instance_of, le

from origin.transform.language.breakpoints import MOST_WIDTHS
from wire import jsontext
from wire.components import printable
from wire.errors import InvalidRequest
from wire.public_ids import FORMATS

MOST_REQUESTS = 20
WIDEST = 20_000
FEWEST_WIDTHS = 3
_NUMBERS = ("max_width", "min_width", "bytes_step", "max_images")
_TRUE, _FALSE = (True, 1, "true", "1"), (False, 0, "false", "0")


def _from(least: int, most: int) -> Any:
    return and_(instance_of(int), ge(least), le(most))


@frozen(kw_only=True)
class Suiting:
    """Widths of one transformation, so far apart that each saves some bytes."""

    create_derived: bool
    transformation: str = ""
    extension: str | None = None
    max_width: int = field(default=1000, validator=_from(1, WIDEST))
    min_width: int = field(default=50, validator=_from(1, WIDEST))
    bytes_step: int = field(default=20_000, validator=_from(1, 1 << 40))
    max_images: int = field(default=20, validator=_from(FEWEST_WIDTHS, MOST_WIDTHS))

    def bounds(self, full: int) -> tuple[int, int]:
        """The least and the largest width of a picture that is so wide: it is not enlarged for this."""
        largest = min(self.max_width, full)
        return min(self.min_width, largest), largest


def parse_suitings(text: str | None) -> tuple[Suiting, ...]:
    """The requests in a parameter, or 400."""
    if text is None:
        return ()
    try:
        document = jsontext.read(text)
    except ValueError:
        raise _invalid(text, "expected a JSON object, or an array of them") from None
    requests = document if isinstance(document, list) else [document]
    if len(requests) > MOST_REQUESTS:
        raise _invalid(text, f"at most {MOST_REQUESTS} requests")
    return tuple(_suiting(each, text) for each in requests)


def _suiting(document: Any, text: str) -> Suiting:
    if not isinstance(document, dict):
        raise _invalid(text, "expected a JSON object, or an array of them")
    given = {name: _whole(document[name]) for name in _NUMBERS if document.get(name) is not None}
    try:
        found = Suiting(
            create_derived=_created(document.get("create_derived"), text),
            transformation=_text(document, "transformation"),
            extension=_format(_text(document, "format"), text),
            **given,
        )
    except (TypeError, ValueError):
        raise _invalid(
            text,
            f"widths are 1 to {WIDEST}, bytes_step 1 or more, max_images {FEWEST_WIDTHS} to {MOST_WIDTHS}",
        ) from None
    if found.min_width > found.max_width:
        raise _invalid(text, "min_width is larger than max_width")
    return found


def _created(value: Any, text: str) -> bool:
    if isinstance(value, bool | int | str) and value in (*_TRUE, *_FALSE):
        return value in _TRUE
    raise _invalid(text, "create_derived is true or false")


def _whole(value: Any) -> Any:
    """Clients write numbers as texts, too."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else _no_flag(value)


def _no_flag(value: Any) -> Any:
    return None if isinstance(value, bool) else value


def _text(document: dict[str, Any], name: str) -> str:
    value = document.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidRequest(f"Invalid responsive_breakpoints: {name} is a text")
    return value or ""


def _format(name: str, text: str) -> str | None:
    if name and name.lower() not in FORMATS:
        raise _invalid(text, f"unsupported format {printable(name)}")
    return FORMATS[name.lower()] if name else None


def _invalid(text: str, why: str) -> InvalidRequest:
    return InvalidRequest(f"Invalid responsive_breakpoints {printable(text)}: {why}")
