"""An edge that plays nobody. Some paths it may open to viewers with a `__cld_token__` alone (signing.md §5)."""

from __future__ import annotations

from attrs import Attribute, evolve, field, frozen
from attrs.validators import deep_iterable, min_len

from edge.core.account import Account
from edge.core.policy import Policy
from edge.personality.interface import Arrival, Page
from wire.http.asker import Asker
from wire.http.fields import Fields, RequestHead, ResponseHead
from wire.tokens.cloudinary import NAME, Asked, Token, is_key, presented, without_token
from wire.tokens.glob import parts_of

REFUSED = "deny or ACL failure"


def _is_key(_: object, __: Attribute[str], written: str) -> None:
    if not is_key(written):
        raise ValueError("a token's key is written in hexadecimal, like 00112233FF99")


@frozen
class Guarded:
    """Paths that are for viewers with a token, and the keys that sign theirs."""

    path: str
    """A pattern of the path: `*` is any text, `?` any letter."""
    keys: tuple[str, ...] = field(validator=[min_len(1), deep_iterable(_is_key)])


@frozen
class PlainVisit:
    """One request, let in or not."""

    head: RequestHead
    refusal: Page | None = None
    may_repeat: bool = True
    request_id: str = ""
    asker: Asker = Asker()  # noqa: RUF009  a value

    def dress(self, head: ResponseHead, account: Account, now: float, *, from_memory: bool) -> ResponseHead:
        return head

    def page(self, page: Page, account: Account, now: float) -> Page:
        return page

    def instead(self, status: int, now: float) -> None:
        return None


@frozen
class Plain:
    """Nobody in particular."""

    guarded: tuple[Guarded, ...] = ()

    def policy(self, policy: Policy) -> Policy:
        return policy

    def receive(self, arrival: Arrival) -> PlainVisit:
        head = arrival.head
        if not self.guarded:
            return PlainVisit(head)
        guarded = next((each for each in self.guarded if arrival.is_below(parts_of(each.path))), None)
        if guarded is None:
            return PlainVisit(head)
        may_have_it = arrival.by_operator or is_let_in(arrival, guarded)
        return PlainVisit(without(head), None if may_have_it else unauthorized(head), may_repeat=False)


def is_let_in(arrival: Arrival, guarded: Guarded) -> bool:
    """Whether the viewer shows a token that one of the keys signed, for this path, with or without its query."""
    path, _, query = arrival.head.target.partition("?")
    rest = without_token(query)
    paths = (path, f"{path}?{rest}") if rest else (path,)
    asked = Asked(paths, arrival.asker.address, arrival.now)
    shown = (Token.parse(text) for text in presented(query, arrival.head.fields.all("cookie")))
    return any(token.admits(asked, key) for token in shown if token is not None for key in guarded.keys)


def without(head: RequestHead) -> RequestHead:
    """The request less its tokens: who was let in shares with all others."""
    path, _, query = head.target.partition("?")
    rest = without_token(query)
    lines = []
    for name, value in head.fields:
        if name.lower() == "cookie":
            pairs = (pair.strip() for pair in value.split(";"))
            value = "; ".join(pair for pair in pairs if pair.partition("=")[0] != NAME)
            if not value:
                continue
        lines.append((name, value))
    return evolve(head, target=f"{path}?{rest}" if rest else path, fields=Fields(lines))


def unauthorized(head: RequestHead) -> Page:
    """As an origin refuses, too."""
    body = b"" if head.method == "HEAD" else f"{REFUSED}\n".encode()
    fields = Fields.of(
        Content_Type="text/plain; charset=utf-8",
        Cache_Control="no-store",
        X_Cld_Error=REFUSED,
        Content_Length=str(len(f"{REFUSED}\n")),
    )
    return Page(ResponseHead(401, fields, "Unauthorized"), body)
