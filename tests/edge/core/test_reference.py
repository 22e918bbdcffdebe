"""A naive cache beside the real one: a set of bytes of one version, and until when. They must agree on every hit.

One viewer at a time, so that the reference can say what must come from the store, and not only what must not.
"""

from __future__ import annotations

from attrs import define, field
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from edge.core.bans import Ban
from edge.core.policy import Policy
from tests.edge.core.playbook import get
from tests.edge.core.tabletop import Tabletop
from wire.http.fields import Fields, RequestHead, ResponseHead
from wire.http.ranges import parse_ranges, resolve

SIZE = 12
ALL = frozenset(range(SIZE))
KEY = "http://ex.com/a"
SPANS = st.none() | st.tuples(st.integers(0, SIZE - 1), st.integers(1, SIZE)).map(
    lambda s: (s[0], min(SIZE, s[0] + s[1]))
)
BANS = (Ban("everything"), Ban("host", "ex.com"), Ban("prefix", "/a"), Ban("prefix", "http://ex.com/"))
OTHERS = (Ban("host", "other"), Ban("prefix", "/b"), Ban("prefix", "http://other/"))


@define
class Reference:
    """What is held: bytes of one version, fresh until a moment."""

    version: int = 0
    held: frozenset[int] = frozenset()
    fresh_until: float = 0.0

    def answers(self, wanted: frozenset[int], now: float) -> bool:
        """Whether it must come from the store."""
        return wanted <= self.held and now < self.fresh_until

    def learn(self, version: int, got: frozenset[int], fresh_until: float) -> None:
        """These bytes of this version came, or were confirmed."""
        self.held = got | self.held if version == self.version else got
        self.version, self.fresh_until = version, fresh_until


@define
class Site:
    """An origin whose one object changes."""

    version: int = 1
    lifetime: int = 10
    is_strong: bool = True
    asked: list[RequestHead] = field(factory=list)

    @property
    def body(self) -> bytes:
        """Its bytes now."""
        return body_of(self.version)

    def answer(self, request: RequestHead) -> tuple[ResponseHead, bytes]:
        """304, 206, 416 or 200, as RFC 9110 §13.2.2 has it."""
        self.asked.append(request)
        tag = f'"v{self.version}"'
        lines = [("ETag", tag), ("Cache-Control", f"max-age={self.lifetime}"), ("Surrogate-Key", "pets")]
        if request.fields.get("if-none-match") == tag:
            return ResponseHead(304, Fields(lines)), b""
        wanted = request.fields.get("range")
        if wanted is not None and request.fields.get("if-range") in (None, tag):
            ((start, stop),) = resolve(parse_ranges(wanted), SIZE) or ()
            lines += [
                ("Content-Range", f"bytes {start}-{stop - 1}/{SIZE}"),
                ("Content-Length", str(stop - start)),
            ]
            return ResponseHead(206, Fields(lines)), self.body[start:stop]
        return ResponseHead(200, Fields([*lines, ("Content-Length", str(SIZE))])), self.body


def body_of(version: int) -> bytes:
    """Twelve bytes that tell their version."""
    return bytes((version * 16 + place) % 256 for place in range(SIZE))


class CacheBesideReference(RuleBasedStateMachine):
    """Random ranges, demands, changes at the origin, time and purges of every kind."""

    def __init__(self) -> None:
        super().__init__()
        self.edge = Tabletop(Policy(range_fill="forward"))
        self.site = Site()
        self.model = Reference()

    @rule(span=SPANS, terms=st.sampled_from(["", "", "", "no-cache", "max-age=3", "only-if-cached"]))
    def ask(self, span: tuple[int, int] | None, terms: str) -> None:
        """11.7–11.11, 7.3, 7.4, 7.8: from the store if and only if the reference holds it fresh."""
        self.edge.now += 1  # Date tells no less
        now = self.edge.now
        fields = {"Cache_Control": terms} if terms else {}
        fields |= {"Range": f"bytes={span[0]}-{span[1] - 1}"} if span else {}
        start, stop = span or (0, SIZE)
        wanted = frozenset(range(start, stop))
        asked = len(self.site.asked)
        held = self.model.answers(wanted, now)
        version = self.model.version
        visit = self.edge.ask(get(**fields), self.site.answer)
        went = len(self.site.asked) > asked
        assert visit.head is not None
        if terms == "only-if-cached":
            assert not went
            assert (visit.head.status == 504) is not held
            if not held:
                return
        if terms == "no-cache":
            assert went
        elif terms == "":
            assert went is not held, "the store has it, or has not"
        assert visit.head.status == (206 if span else 200)
        served = version if not went else self.site.version
        assert visit.body == body_of(served)[start:stop], "bytes of another version, or of another place"
        if went:
            whole = all("range" not in request.fields for request in self.site.asked[asked:])
            confirmed = wanted <= self.model.held and version == self.site.version
            got = self.model.held if confirmed else ALL if whole or not span else wanted
            self.model.learn(self.site.version, got, now + self.site.lifetime)

    @rule(lifetime=st.sampled_from([0, 2, 10, 50]))
    def change(self, lifetime: int) -> None:
        """The object is another one from now on."""
        self.site.version += 1
        self.site.lifetime = lifetime

    @rule(seconds=st.sampled_from([1.0, 4.0, 30.0]))
    def pass_time(self, seconds: float) -> None:
        """Nothing happens for a while."""
        self.edge.now += seconds

    @rule(how=st.sampled_from(["url", "tag", *BANS]))
    def purge(self, how: str | Ban) -> None:
        """20.1, 20.2, 20.4: gone."""
        if how == "url":
            self.edge.purge(KEY)
        elif how == "tag":
            self.edge.purge_tags(("pets",))
        elif isinstance(how, Ban):
            self.edge.ban(how)
        self.model.held = frozenset()

    @rule(how=st.sampled_from(BANS))
    def purge_softly(self, how: Ban) -> None:
        """20.3: stale."""
        self.edge.ban(how, soft=True)
        self.model.fresh_until = min(self.model.fresh_until, self.edge.now)

    @rule(how=st.sampled_from(OTHERS), soft=st.booleans())
    def purge_others(self, how: Ban, soft: bool) -> None:
        """20.4: what does not cover it leaves it alone."""
        self.edge.ban(how, soft=soft)

    @rule(status=st.sampled_from([204, 500]))
    def write(self, status: int) -> None:
        """13.4: a success makes it invalid, an error does not."""
        self.edge.ask(get(method="POST"), lambda _: (ResponseHead(status), b""))
        if status == 204:
            self.model.held = frozenset()


TestCacheBesideReference = CacheBesideReference.TestCase
TestCacheBesideReference.settings = settings(max_examples=200, stateful_step_count=25, deadline=None)
