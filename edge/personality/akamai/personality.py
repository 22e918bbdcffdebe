"""An edge that plays Akamai."""

from __future__ import annotations

from attrs import evolve, field, frozen

from edge.core.account import Account
from edge.core.policy import Policy
from edge.personality.akamai import pages
from edge.personality.akamai.caching import reading_of, tags_of
from edge.personality.akamai.debugging import Told, asked_for
from edge.personality.akamai.downstream import for_viewers
from edge.personality.akamai.image_manager import ImageManager
from edge.personality.akamai.images import SHAPES, Derivative, derivative_of
from edge.personality.akamai.settings import Property, VerifyToken
from edge.personality.interface import Arrival, Page
from wire.errors import InvalidRequest
from wire.http.asker import Asker
from wire.http.conditional import CONDITIONALS
from wire.http.fields import Fields, Pair, RequestHead, ResponseHead
from wire.http.hops import is_from_our_edge
from wire.tokens.edgeauth import Asked, presented
from wire.tokens.glob import parts_of

DENIED = "ERR_ACCESS_DENIED"
"""What logs call a viewer without a good token."""
_NOT_ITS_OWN = ("x-cache", "x-pop", "cache-status", "server-timing", "via", "age", "edge-control")


@frozen
class AkamaiVisit:
    """One request at a property."""

    head: RequestHead
    told: Told
    debug: frozenset[str]
    reference: str
    refusal: Page | None = None
    to_our_edge: bool = False
    may_repeat: bool = False
    """Each answer says how long is left."""
    asker: Asker = Asker()  # noqa: RUF009  a value
    is_made_up_for: bool = False
    """Another object is shown, for an origin that failed."""
    own_target: str = ""
    """What the viewer asks for, less its token: `head` asks for the picture that is made of it."""
    picture: Derivative | None = None

    @property
    def request_id(self) -> str:
        return self.told.request_id

    def dress(self, head: ResponseHead, account: Account, now: float, *, from_memory: bool) -> ResponseHead:
        if self.to_our_edge:
            return head
        is_read = self.head.method in ("GET", "HEAD") and head.status < 400
        fields = (
            for_viewers(head.fields, account, now, self.told.settings.caching.mode)
            if is_read
            else head.fields
        )
        lines = [*self.told.headers(self.debug, head, account, now, from_memory=from_memory)]
        hidden = [*_NOT_ITS_OWN, "edge-cache-tag"]
        tags = _tags(head, account)
        if tags and (self.told.settings.show_tags or "get-cache-tags" in self.debug):
            lines.append(("Edge-Cache-Tag", tags))
        shown = Fields((*fields.without(hidden), *lines))
        return evolve(head, fields=shown if self.picture is None else self.picture.told(shown))

    def page(self, page: Page, account: Account, now: float) -> Page:
        head = page.head
        why = page.body.decode("utf-8", "replace").strip() or head.reason
        made = pages.failed(head.status, head.reason, why, self.head, self.reference, now)
        lines = self.told.headers(self.debug, made.head, account, now, from_memory=False)
        return evolve(made, head=evolve(made.head, fields=Fields((*made.head.fields, *lines))))

    def instead(self, status: int, now: float) -> AkamaiVisit | None:
        """Site failover (§15.4)."""
        failover = self.told.settings.site_failover
        if (
            failover is None
            or status not in failover.statuses
            or self.is_made_up_for
            or self.to_our_edge
            or self.head.method not in ("GET", "HEAD")
        ):
            return None
        if failover.action == "object":
            fields = self.head.fields.without((*CONDITIONALS, "range"))
            head = evolve(self.head, target=failover.to, fields=fields)
            return evolve(self, head=head, picture=None, is_made_up_for=True)
        if failover.action == "redirect":
            return evolve(self, refusal=pages.sent_on(failover.to + self.own_target, now))
        return None


@frozen
class Akamai:
    """One property at one edge."""

    settings: Property
    pop: str
    host: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "host", f"{self.pop}.deploy.akamaitechnologies.com")

    def policy(self, policy: Policy) -> Policy:
        told = self.settings
        ahead = told.caching.prefresh_percent
        key = evolve(
            policy.key,
            query=told.query,
            parameters=told.parameters,
            sort=told.sort_query,
            headers=(*policy.key.headers, *told.headers),
            cookies=(*policy.key.cookies, *told.cookies),
        )
        return evolve(
            policy,
            pop_fields=False,
            stores=told.caching.mode not in ("NO_STORE", "BYPASS_CACHE"),
            client_cc="ignore",
            always_cuts_ranges=True,
            reply_head_bytes=told.reply_header_bytes,
            targeted_fields=(),
            reading=reading_of(told),
            ignores_vary=told.vary == "ignore",
            tagging=tags_of,
            shapes=SHAPES if told.image_manager is not None else policy.shapes,
            kept_fields=("edge-cache-tag",),
            stale_if_unreachable_seconds=0.0,
            refresh_ahead=None if ahead is None else ahead / 100,
            key=key,
        )

    def receive(self, arrival: Arrival) -> AkamaiVisit:
        head, told = arrival.head, self.settings
        request_id = arrival.entropy[:4].hex()
        reference = f"18.{arrival.entropy[4:8].hex()}.{int(arrival.now)}.{request_id}"
        visit = AkamaiVisit(
            head,
            Told(self.host, told, head, request_id),
            asked_for(head.fields) if told.debug == "open" else frozenset(),
            reference,
            to_our_edge=is_from_our_edge(head.fields),
            asker=arrival.asker,
        )
        verify = next((each for each in told.tokens if arrival.is_below(parts_of(each.path))), None)
        must_show = verify is not None and verify.failure == "deny" and not arrival.by_operator
        if verify is not None and must_show and not _is_let_in(verify, arrival):
            page = pages.denied(head, reference, arrival.now)
            fields = Fields((*page.head.fields, *visit.told.denied(visit.debug)))
            return evolve(visit, refusal=evolve(page, head=evolve(page.head, fields=fields), kind=DENIED))
        handed = evolve(head, fields=head.fields.without(("pragma", "cache-control", "forwarded")))
        handed = _without(verify, handed) if verify is not None else handed
        visit = evolve(visit, head=handed, own_target=handed.target)
        return visit if told.image_manager is None else _managed(visit, told.image_manager, arrival)


def _managed(visit: AkamaiVisit, manager: ImageManager, arrival: Arrival) -> AkamaiVisit:
    """The visit of the picture that is made for this viewer; who is another edge has done so already."""
    head, is_read = visit.head, visit.head.method in ("GET", "HEAD")
    if not is_read or visit.to_our_edge or not arrival.is_below(parts_of(manager.path)):
        return visit
    try:
        picture = derivative_of(manager, arrival.path, head.target, head.fields)
    except InvalidRequest as wrong:
        page = pages.failed(400, "Bad Request", wrong.public, head, visit.reference, arrival.now)
        return evolve(visit, refusal=page)
    return (
        visit if picture is None else evolve(visit, head=evolve(head, target=picture.target), picture=picture)
    )


def _is_let_in(verify: VerifyToken, arrival: Arrival) -> bool:
    """Whether the first place that shows a token shows a good one."""
    head = arrival.head
    path, _, query = head.target.partition("?")
    shown = (presented(place, verify.name, query, head.fields) for place in verify.places)
    token = next((each for each in shown if each is not None), None)
    rest = _without_parameter(query, verify.name)
    asked = Asked(path, arrival.path, arrival.asker.address, arrival.now, rest)
    return token is not None and verify.lock.admits(token, asked)


def _without(verify: VerifyToken, head: RequestHead) -> RequestHead:
    """The request less its token, wherever it may stand."""
    target, lines = head.target, list[Pair]()
    if "query" in verify.places:
        path, _, query = target.partition("?")
        rest = _without_parameter(query, verify.name)
        target = f"{path}?{rest}" if rest else path
    for name, value in head.fields:
        if name.lower() == "cookie" and "cookie" in verify.places:
            pairs = (pair.strip() for pair in value.split(";"))
            value = "; ".join(pair for pair in pairs if pair.partition("=")[0] != verify.name)
            if not value:
                continue
        if not ("header" in verify.places and name.lower() == verify.name.lower()):
            lines.append((name, value))
    return evolve(head, target=target, fields=Fields(lines))


def _without_parameter(query: str, name: str) -> str:
    return "&".join(pair for pair in query.split("&") if pair.partition("=")[0] != name)


def _tags(head: ResponseHead, account: Account) -> str:
    fields = account.entry.fields if account.entry is not None else head.fields
    return fields.get("edge-cache-tag") or ""
