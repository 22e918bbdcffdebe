"""One call of an API as a value: where it is, who may make it, what it takes, and what does it."""

import re
from collections.abc import Awaitable, Callable, Mapping
from enum import Enum
from typing import Any

from attrs import Factory, field, frozen

from origin.api.credentials import Caller
from origin.api.params import Params, flag, integer, text
from origin.api.spooling import Source
from wire.errors import InvalidRequest
from wire.web.site import StreamingRequest

Json = dict[str, Any]

HOME = "/v1_1/{cloud}/"  # where patterns begin that do not begin with a slash


class Access(Enum):
    """Who may make a call (signing §1.1)."""

    ADMIN = "Basic authentication"
    SIGNED = "a signature, or Basic authentication"
    UNSIGNED = "a signature, Basic authentication, or an unsigned upload preset"
    OPEN = "anyone; the call carries its own proof"


UPLOAD_STATUSES = (400, 401, 404, 413, 420, 429, 500)
"""Of refusals by the Upload API, which is all that is not ADMIN."""
ADMIN_STATUSES = (400, 401, 404, 409, 413, 420, 500, 503)
"""Of refusals by the Admin API."""


class Kind(Enum):
    """What a parameter's text must be before the call sees it."""

    TEXT = "text"
    FLAG = "flag"
    INTEGER = "integer"
    SIZE = "size"  # an integer from one on
    LIST = "list"
    JSON = "json"
    FILE = "file"


@frozen
class Param:
    """A parameter that a call takes; the rest are ignored, but signed (upload-api §1)."""

    name: str
    kind: Kind = Kind.TEXT
    required: bool = False
    about: str = ""

    def check(self, params: Params) -> None:
        """400 where the parameter is missing or no such value."""
        if self.required and self.kind is not Kind.FILE and text(params, self.name) is None:
            raise InvalidRequest(f"Missing required parameter - {self.name}")
        match self.kind:
            case Kind.FLAG:
                flag(params, self.name)
            case Kind.INTEGER:
                integer(params, self.name, 0)
            case Kind.SIZE if integer(params, self.name, 1) == 0:
                raise InvalidRequest(f"Invalid value for parameter {self.name}: 0. Must be 1 at least")


@frozen
class Call:
    """A call whose caller is known and whose parameters are well formed."""

    caller: Caller
    params: Params  # query and body, raw; the body's win
    path: Mapping[str, str]  # what the names in the pattern stand for
    file: Source | None
    header: Callable[[str], str | None]
    address: str  # of the client, as far as we know
    request_id: str  # 32 hex digits

    @property
    def cloud(self) -> str:
        """The cloud it is about."""
        return self.caller.cloud


@frozen
class Reply:
    """An answer that is more than 200 and a document."""

    document: Any
    status: int = 200
    fields: tuple[tuple[str, str], ...] = ()


@frozen
class Stream:
    """An answer that is bytes: it writes head and body itself."""

    send: Callable[[StreamingRequest], Awaitable[None]]


Verb = Callable[[Call], Awaitable[Json | Reply | Stream]]

_NAME = re.compile(r"\{(?P<name>\w+)(?P<rest>\.\.\.)?\}")
TYPED = {  # names that stand only for some texts
    "resource_type": "image|video|raw",
    "asset_id": "[0-9a-f]{32}",
    # no delivery types: listings of their own (admin-api §2)
    "type": "(?!(?:tags|context|moderations)(?:/|$))[^/]+",
}


@frozen
class Pattern:
    """A path with names in it. `{name}` is one segment, `{name...}` all that is left."""

    text: str
    _regex: re.Pattern[str] = field(init=False, eq=False, repr=False)
    rank: tuple[int, ...] = field(init=False, eq=False, repr=False)  # the less, the more exact

    @_regex.default
    def _compiled(self) -> re.Pattern[str]:
        return re.compile("/".join(map(_expression, self.text.split("/"))), re.DOTALL)

    @rank.default
    def _ranked(self) -> tuple[int, ...]:
        return tuple(map(_vagueness, self.text.split("/")))

    def match(self, path: str) -> Mapping[str, str] | None:
        """What its names stand for in a path that fits."""
        found = self._regex.fullmatch(path)
        return found.groupdict() if found else None

    @property
    def names(self) -> tuple[str, ...]:
        """Its names in order."""
        return tuple(found["name"] for found in _NAME.finditer(self.text))

    @property
    def template(self) -> str:
        """As OpenAPI spells it: a slash in what a name stands for is sent as `%2F` then."""
        return _NAME.sub(lambda found: f"{{{found['name']}}}", self.text)


def _expression(segment: str) -> str:
    named = _NAME.fullmatch(segment)
    if named is None:
        return re.escape(segment)
    return f"(?P<{named['name']}>{'.+' if named['rest'] else TYPED.get(named['name'], '[^/]+')})"


def _vagueness(segment: str) -> int:
    named = _NAME.fullmatch(segment)
    if named is None:
        return 0
    return 3 if named["rest"] else 1 if named["name"] in TYPED else 2


def _pattern(text: str) -> Pattern:
    return Pattern(text if text.startswith("/") else HOME + text)


@frozen
class Endpoint:
    """One method on one pattern of paths, relative to `/v1_1/{cloud}/` unless they begin with a slash."""

    method: str
    pattern: Pattern = field(converter=_pattern)
    call: Verb = field(eq=False)
    access: Access = Access.ADMIN
    takes: tuple[Param, ...] = ()
    summary: str = ""
    answer: str = ""  # what a success tells, by the name of its schema in origin.api.openapi
    sends: bool = False  # bytes, instead or in some cases
    statuses: tuple[int, ...] = (200,)  # of successes; none where every call is refused
    action: str = ""  # what the rules of signing §1.2 (3) go by
    is_limited: bool = Factory(
        lambda self: self.access is Access.ADMIN, takes_self=True
    )  # rate limit, and its fields
