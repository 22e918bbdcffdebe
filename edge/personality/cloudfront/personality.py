"""An edge that plays CloudFront."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from attrs import evolve, field, frozen

from edge.core.account import Account
from edge.core.policy import Compression, Policy
from edge.personality.cloudfront import marks
from edge.personality.cloudfront.caching import reading_of, tags_of
from edge.personality.cloudfront.requests import Viewer, handed_on, unsigned
from edge.personality.cloudfront.settings import Behaviour, Distribution
from edge.personality.geography import Geography
from edge.personality.interface import Arrival, Page
from wire.http.conditional import CONDITIONALS
from wire.http.fields import RequestHead, ResponseHead
from wire.http.hops import is_from_our_edge
from wire.http.reasons import reason_of
from wire.tokens.cloudfront.keys import PublicKey, public_key
from wire.tokens.cloudfront.signed import Asked, Refused, Shown
from wire.tokens.glob import Parts, parts_of

URL_BYTES = 8192
HEAD_BYTES = 32_768
METHODS = {
    "read": frozenset({"GET", "HEAD"}),
    "read-options": frozenset({"GET", "HEAD", "OPTIONS"}),
    "all": frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}),
}
DEFAULT_PORTS = {"http": ":80", "https": ":443"}


@frozen
class Gate:
    """A behaviour with its keys at hand."""

    behaviour: Behaviour
    keys: Mapping[str, PublicKey]

    @property
    def pattern(self) -> Parts:
        """Of the paths it is about; it need not be written with a slash in front."""
        written = self.behaviour.path
        return parts_of(written if written.startswith(("/", "*")) else f"/{written}")


@frozen
class CloudFrontVisit:
    """One request at a distribution."""

    head: RequestHead
    place: marks.Place
    request: str
    distribution: Distribution
    refusal: Page | None = None
    to_our_edge: bool = False
    may_repeat: bool = False
    """Each answer has an id of its own."""
    viewer: str = ""
    error: int = 0
    """The status that this page is shown for; 0: it is none's."""

    @property
    def request_id(self) -> str:
        return self.request

    def dress(self, head: ResponseHead, account: Account, now: float, *, from_memory: bool) -> ResponseHead:
        if self.to_our_edge:
            return head
        fields = marks.unkeyed(head.fields, self.distribution.headers)
        if not self.distribution.forwards_cookies:
            fields = fields.without(("set-cookie",))
        if self.error:
            head = self._shown_as(head)
        word = marks.ERROR if self.error else marks.cache_word(head.status, account)
        return evolve(head, fields=marks.marked(fields, word, self.place, self.request))

    def instead(self, status: int, now: float) -> CloudFrontVisit | None:
        """The custom page for an error (§4.5); the page's own errors have none."""
        page = self.distribution.error_pages.get(str(status))
        if page is None or self.error or self.to_our_edge or self.head.method not in METHODS["read"]:
            return None
        fields = self.head.fields.without((*CONDITIONALS, "range"))
        return evolve(self, head=evolve(self.head, target=page.path, fields=fields), error=status)

    def _shown_as(self, head: ResponseHead) -> ResponseHead:
        """The page's head with the status that viewers are to see; the error's own where there is no page."""
        page = self.distribution.error_pages[str(self.error)]
        status = page.status if page.status is not None and head.status < 300 else self.error
        return evolve(head, status=status, reason=reason_of(status))

    def page(self, page: Page, account: Account, now: float) -> Page:
        head, is_head = page.head, self.head.method == "HEAD"
        why = page.body.decode("utf-8", "replace").strip() or head.reason
        return self.finished(marks.error(head.status, head.reason, why, self.request, is_head=is_head))

    def finished(self, page: Page, word: str = marks.ERROR) -> Page:
        """A page of CloudFront's own."""
        return marks.finished(page, self.place, self.request, word)


@frozen
class CloudFront:
    """One distribution at one point of presence."""

    distribution: Distribution
    pop: str
    is_shield: bool = False
    """Whether edges ask, and no viewers."""
    geography: Geography = field(factory=Geography)
    place: marks.Place = field(init=False)
    gates: tuple[Gate, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        told = self.distribution
        keys = {name: public_key(pem) for name, pem in told.public_keys.items()}
        gates = (
            Gate(each, {key: keys[key] for group in each.key_groups for key in told.key_groups[group]})
            for each in told.signed
        )
        object.__setattr__(self, "place", marks.Place.of(self.pop))
        object.__setattr__(self, "gates", tuple(gates))

    def policy(self, policy: Policy) -> Policy:
        told = self.distribution
        return evolve(
            policy,
            via=self.place.via,
            pop_fields=False,
            client_cc="ignore",
            tells_scheme=False,
            targeted_fields=(),
            reading=reading_of(told),
            tagging=partial(tags_of, told.tag_header) if told.tag_header else None,
            stale_if_unreachable_seconds=0.0,
            failure_hold_seconds=told.error_seconds(502) if told.keeps_errors else 0.0,
            set_cookie="replay" if told.forwards_cookies else "strip",
            accept_classes=policy.accept_classes if "accept" in map(str.lower, told.headers) else (),
            compression=Compression(
                codings=("br", "gzip") if told.compress else (),
                least_bytes=1000,
                most_bytes=10_000_000,
                statuses=(200, 403, 404),
            ),
            key=evolve(
                policy.key,
                query=told.query,
                parameters=told.parameters,
                headers=told.headers,
                cookies=told.cookies,
            ),
        )

    def receive(self, arrival: Arrival) -> CloudFrontVisit:
        head = arrival.head
        visit = CloudFrontVisit(
            head,
            self.place,
            marks.request_id(arrival.entropy),
            self.distribution,
            to_our_edge=is_from_our_edge(head.fields),
            viewer=arrival.viewer,
        )
        gate = next((each for each in self.gates if arrival.is_below(each.pattern)), None)
        page = self._not_served(visit, arrival)
        if page is None and gate is not None and not arrival.by_operator:
            page = self._not_let_in(visit, gate, arrival)
        if page is not None:
            return evolve(visit, refusal=page)
        handed = handed_on(
            head,
            self.distribution,
            Viewer(arrival.viewer, arrival.port, self.geography.locate(arrival.viewer)),
            visit.request,
            is_signed=gate is not None,
            is_told=self.is_shield,
        )
        return evolve(visit, head=handed)

    def _not_served(self, visit: CloudFrontVisit, arrival: Arrival) -> Page | None:
        """Too large, or not to be asked so (§3.3, §6.2, §9)."""
        head, told = visit.head, self.distribution
        is_head = head.method == "HEAD"

        def no(status: int, reason: str, why: str) -> Page:
            return visit.finished(marks.error(status, reason, why, visit.request, is_head=is_head))

        size = sum(len(name) + len(value) + 4 for name, value in head.fields) + len(head.target)
        if len(head.target) > URL_BYTES or size > HEAD_BYTES:
            return no(413, "Request Entity Too Large", "The request is too large.")
        if head.method not in METHODS[told.methods]:
            return no(
                403, "Forbidden", "This distribution is not configured to allow the HTTP request method."
            )
        if arrival.has_body and head.method in METHODS["read"]:
            return no(403, "Forbidden", f"A {head.method} request has no body.")
        is_for_viewer = not self.is_shield and not arrival.by_operator
        if is_for_viewer and not told.geo.admits(self.geography.locate(arrival.viewer).country):
            return no(403, "Forbidden", "This distribution does not serve your country.")
        if head.scheme == "http" and told.protocol == "https-only":
            return no(403, "Forbidden", "This distribution is for HTTPS alone.")
        if head.scheme == "http" and told.protocol == "redirect-to-https":
            host = (head.authority or head.fields.get("host") or "").removesuffix(":80")
            location = ("Location", f"https://{host}{head.target}")
            page = marks.page(301, "Moved Permanently", "", "text/html", location, is_head=is_head)
            return visit.finished(page, marks.REDIRECT)
        return None

    def _not_let_in(self, visit: CloudFrontVisit, gate: Gate, arrival: Arrival) -> Page | None:
        """For a viewer whom nobody signed for; looked at before the cache, on every request."""
        head = visit.head
        shown = Shown.of(head.target.partition("?")[2], head.fields.all("cookie"))
        try:
            shown.check(Asked(self._urls(head), arrival.viewer, arrival.now), gate.keys)
        except Refused as refused:
            page = marks.refusal(refused.code, refused.message, is_head=head.method == "HEAD")
            return visit.finished(page)
        return None

    def _urls(self, head: RequestHead) -> tuple[str, ...]:
        """The URL as viewers know it, in each spelling a signer may have had in mind (§1.3)."""
        written = head.authority or head.fields.get("host") or ""
        host = written.lower()
        target = unsigned(head.target)
        port = DEFAULT_PORTS[head.scheme]
        hosts = dict.fromkeys((written, host, host.removesuffix(port)))
        if ":" not in host.rpartition("]")[2]:
            hosts |= {host + port: None}
        public = [
            base for base in self.distribution.bases if _host_of(base) in (host, host.partition(":")[0])
        ]
        return tuple(
            dict.fromkeys(base + target for base in (*public, *(f"{head.scheme}://{h}" for h in hosts)))
        )


def _host_of(base: str) -> str:
    return base.partition("://")[2].lower()
