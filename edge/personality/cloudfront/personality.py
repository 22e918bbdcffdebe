"""An edge that plays CloudFront."""

from __future__ import annotations

from functools import partial

from attrs import evolve, field, frozen

from edge.core.account import Account
from edge.core.policy import Compression, PathPolicy, Policy
from edge.personality.cloudfront import marks
from edge.personality.cloudfront.behavior import METHODS, CacheBehavior
from edge.personality.cloudfront.caching import reading_of, tags_of
from edge.personality.cloudfront.requests import handed_on, unsigned
from edge.personality.cloudfront.settings import HEAD_BYTES, URL_BYTES, Distribution
from edge.personality.cloudfront.treatments import Treatment, Treatments
from edge.personality.geography import Geography
from edge.personality.interface import Arrival, Page
from wire.http.asker import Asker
from wire.http.conditional import CONDITIONALS
from wire.http.fields import RequestHead, ResponseHead
from wire.http.hops import is_from_our_edge
from wire.http.reasons import reason_of
from wire.tokens.cloudfront.signed import Asked, Refused, Shown

DEFAULT_PORTS = {"http": ":80", "https": ":443"}


@frozen
class CloudFrontVisit:
    """One request at a distribution."""

    head: RequestHead
    place: marks.Place
    request: str
    distribution: Distribution
    treatments: Treatments
    behavior: CacheBehavior
    """Of its path."""
    refusal: Page | None = None
    to_our_edge: bool = False
    may_repeat: bool = False
    """Each answer has an id of its own."""
    asker: Asker = Asker()  # noqa: RUF009  a value
    error: int = 0
    """The status that this page is shown for; 0: it is none's."""

    @property
    def request_id(self) -> str:
        return self.request

    def dress(self, head: ResponseHead, account: Account, now: float, *, from_memory: bool) -> ResponseHead:
        if self.to_our_edge:
            return head
        fields = marks.unkeyed(head.fields, self.behavior.headers)
        if not self.behavior.forwards_cookies:
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
        head = evolve(self.head, target=page.path, fields=fields)
        return evolve(self, head=head, behavior=self.treatments.at(page.path).behavior, error=status)

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
    treatments: Treatments = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "place", marks.Place.of(self.pop))
        object.__setattr__(self, "treatments", Treatments.of(self.distribution))

    def policy(self, policy: Policy) -> Policy:
        treatments = self.treatments
        paths = ((pattern, self._policy(policy, each.behavior)) for pattern, each in treatments.by_path)
        default = self._policy(policy, treatments.default.behavior)
        return evolve(default, paths=tuple(PathPolicy(*each) for each in paths))

    def _policy(self, policy: Policy, behavior: CacheBehavior) -> Policy:
        told, besides = self.distribution, behavior.origin_request
        return evolve(
            policy,
            via=self.place.via,
            pop_fields=False,
            client_cc="ignore",
            tells_scheme=False,
            stores=behavior.keeps_anything,
            coalesces=behavior.keeps_anything and not behavior.forwards_cookies,
            upstream_host="" if behavior.passes_header("host") else policy.upstream_host,
            forwards_host=behavior.passes_header("host"),
            targeted_fields=(),
            reading=reading_of(told, behavior),
            tagging=partial(tags_of, told.tag_header) if told.tag_header else None,
            stale_if_unreachable_seconds=0.0,
            failure_hold_seconds=told.error_seconds(502) if behavior.keeps_anything else 0.0,
            set_cookie="replay" if behavior.forwards_cookies else "strip",
            accept_classes=policy.accept_classes if "accept" in behavior.keyed_headers else (),
            compression=Compression(
                codings=("br", "gzip") if behavior.may_compress else (),
                least_bytes=1000,
                most_bytes=10_000_000,
                statuses=(200, 403, 404),
            ),
            key=evolve(
                policy.key,
                query=behavior.query,
                parameters=behavior.parameters,
                passed=besides.query,
                passed_parameters=besides.parameters,
                headers=behavior.headers,
                cookies=behavior.cookies,
                cookie_rule=behavior.cookie_rule,
                options=behavior.caches("OPTIONS"),
            ),
        )

    def receive(self, arrival: Arrival) -> CloudFrontVisit:
        head, behavior = arrival.head, self.treatments.at(arrival.path).behavior
        visit = CloudFrontVisit(
            *(head, self.place, marks.request_id(arrival.entropy)),
            *(self.distribution, self.treatments, behavior),
            to_our_edge=is_from_our_edge(head.fields),
            asker=arrival.asker,
        )
        gates = self.treatments.gates(arrival.path)
        page = self._not_served(visit, arrival)
        for gate in gates if page is None and not arrival.by_operator else ():
            page = page or self._not_let_in(visit, gate, arrival)
        if page is not None:
            return evolve(visit, refusal=page)
        handed = handed_on(
            head,
            behavior,
            arrival.asker,
            self.geography.home_of(arrival.asker),
            visit.request,
            is_signed=bool(gates),
            is_told=self.is_shield,
        )
        return evolve(visit, head=handed)

    def _not_served(self, visit: CloudFrontVisit, arrival: Arrival) -> Page | None:
        """Too large, or not to be asked so (§3.3, §6.2, §9)."""
        head, told = visit.head, visit.behavior
        is_head = head.method == "HEAD"

        def no(status: int, reason: str, why: str, kind: str) -> Page:
            page = visit.finished(marks.error(status, reason, why, visit.request, is_head=is_head))
            return evolve(page, kind=kind)

        size = sum(len(name) + len(value) + 4 for name, value in head.fields) + len(head.target)
        if len(head.target) > URL_BYTES or size > HEAD_BYTES:
            return no(413, "Request Entity Too Large", "The request is too large.", marks.LIMIT)
        if head.method not in METHODS[told.methods]:
            why = "This distribution is not configured to allow the HTTP request method."
            return no(403, "Forbidden", why, "InvalidRequestMethod")
        if arrival.has_body and head.method in METHODS["read"]:
            return no(403, "Forbidden", f"A {head.method} request has no body.", "InvalidRequest")
        is_for_viewer = not self.is_shield and not arrival.by_operator
        if is_for_viewer and not self.distribution.geo.admits(self.geography.home_of(arrival.asker).country):
            return no(403, "Forbidden", "This distribution does not serve your country.", "ClientGeoBlocked")
        is_in_the_clear = head.scheme == "http" and not self.is_shield
        if is_in_the_clear and told.protocol == "https-only":
            return no(403, "Forbidden", "This distribution is for HTTPS alone.", "Error")
        if is_in_the_clear and told.protocol == "redirect-to-https":
            host = (head.authority or head.fields.get("host") or "").removesuffix(":80")
            location = ("Location", f"https://{host}{head.target}")
            page = marks.page(301, "Moved Permanently", "", "text/html", location, is_head=is_head)
            return visit.finished(page, marks.REDIRECT)
        return None

    def _not_let_in(self, visit: CloudFrontVisit, gate: Treatment, arrival: Arrival) -> Page | None:
        """For a viewer whom nobody signed for; looked at before the cache, on every request."""
        head = visit.head
        shown = Shown.of(head.target.partition("?")[2], head.fields.all("cookie"))
        try:
            shown.check(Asked(self._urls(head), arrival.asker.address, arrival.now), gate.keys)
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
