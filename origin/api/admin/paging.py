"""What pages of listings have in common (admin-api §1)."""

from collections.abc import Iterable
from typing import Literal

from origin.api.endpoint import Json, Kind, Param
from origin.api.params import Params, integer, listed, text
from origin.catalogue import is_storable, values_in
from wire.components import printable
from wire.errors import InvalidRequest

MAX_RESULTS = 500
MAX_IDS = 100
PAGE = (Param("max_results", Kind.SIZE), Param("next_cursor"))
_ALWAYS = frozenset({"public_id", "asset_id"})


def page_size(params: Params, default: int = 10) -> int:
    """`max_results`; of more than there may be, the most."""
    return min(integer(params, "max_results", default), MAX_RESULTS)


def direction(params: Params) -> Literal["asc", "desc"]:
    """Of creation times."""
    match text(params, "direction"):
        case None | "desc" | "-1":
            return "desc"
        case "asc" | "1":
            return "asc"
        case other:
            raise InvalidRequest(f"Invalid value for parameter direction: {printable(other)}")


def ids(params: Params, name: str = "public_ids", most: int = MAX_IDS) -> tuple[str, ...]:
    """A list of ids, each once, not too long."""
    found = tuple(dict.fromkeys(listed(params, name)))
    if len(found) > most:
        raise InvalidRequest(f"Too many {name}. Maximum is {most}.")
    if not all(map(is_storable, found)):
        raise InvalidRequest(f"Invalid value for parameter {name}")
    return found


def restricted(answer: Json, fields: Iterable[str]) -> Json:
    """Only the fields wanted, and the ids."""
    wanted = set(fields)
    return {name: value for name, value in answer.items() if name in wanted | _ALWAYS} if wanted else answer


def place_of(params: Params) -> str:
    """The name behind which a page begins, in listings ordered by name; empty for the first page."""
    cursor = text(params, "next_cursor")
    return str(values_in(cursor, str)[0]) if cursor else ""
