"""A naive reference beside the real core: it only remembers what the origin said, and when; it decides
nothing."""

from __future__ import annotations

from attrs import frozen
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from edge.core.events import Failure
from edge.core.policy import FlightPolicy, Policy
from tests.edge.core.playbook import get
from tests.edge.core.tabletop import Spool, Tabletop, Visit
from wire.http.dates import format_date
from wire.http.fields import Fields, ResponseHead

KEY = "http://ex.com/a"
LIFETIMES = st.sampled_from([0, 1, 5, 60])
EXTRAS = st.sampled_from(
    [
        "",
        "",
        "",
        "private",
        "no-store",
        "no-cache",
        "must-revalidate",
        "stale-while-revalidate=4",
        "stale-if-error=9",
    ]
)


@frozen
class Said:
    """One answer of the origin, as the world saw it."""

    lifetime: int
    extra: str
    shape: str | None
    varies: bool
    received: float
    began: float
    began_at_purge: int
    credentials: bool
    visit: int


class CacheAgainstReference(RuleBasedStateMachine):
    """Random viewers, answers, failures, purges, writes and time; each finished answer is held to the
    sheet."""

    def __init__(self) -> None:
        super().__init__()
        self.edge = Tabletop(
            policy=Policy(stale_if_unreachable_seconds=7), flight_policy=FlightPolicy(wait_seconds=3)
        )
        self.said: dict[str, Said] = {}
        self.purges = 0
        self.began: dict[int, tuple[float, int]] = {}
        self.asked: dict[int, tuple[float, int]] = {}
        self.judged: set[int] = set()

    @rule(
        shape=st.sampled_from([None, "1", "2"]),
        terms=st.sampled_from(["", "", "", "no-cache", "max-age=3", "only-if-cached", "max-stale=5"]),
        ranged=st.booleans(),
        credentials=st.booleans(),
    )
    def ask(self, shape: str | None, terms: str, ranged: bool, credentials: bool) -> None:
        fields = {"X_Shape": shape, "Cache_Control": terms, "Range": "bytes=1-2" if ranged else None}
        fields["Authorization"] = "x" if credentials and not ranged else None
        before = len(self.edge.visits)
        self.edge.begin(get(**{name: value for name, value in fields.items() if value}))
        for visit in self.edge.visits[before:]:
            self.asked[visit.number] = self.edge.now, self.purges

    @precondition(lambda self: self.edge.under_way())
    @rule(
        data=st.data(),
        lifetime=LIFETIMES,
        extra=EXTRAS,
        varies=st.booleans(),
        confirms=st.booleans(),
        sized=st.booleans(),
        whole=st.sampled_from([True, True, True, False]),
    )
    def answer(
        self,
        data: st.DataObject,
        lifetime: int,
        extra: str,
        varies: bool,
        confirms: bool,
        sized: bool,
        whole: bool,
    ) -> None:
        visit = data.draw(st.sampled_from(self.edge.under_way()))
        asked = visit.fetch
        assert asked is not None
        name = f"r{len(self.said)}"
        began, purge = visit.requested_at, visit.mark
        self.said[name] = Said(
            lifetime,
            extra,
            asked.fields.get("x-shape"),
            varies,
            self.edge.now,
            began,
            purge,
            "authorization" in asked.fields,
            visit.number,
        )
        body = f"{name:-<6}".encode()
        lines = [("X-Id", name), ("Date", format_date(self.edge.now))]
        lines += [("Cache-Control", f"max-age={lifetime}" + (f", {extra}" if extra else ""))]
        lines += [("Vary", "X-Shape" if varies else "")]
        tag = asked.fields.get("if-none-match")
        if confirms and tag is not None:
            self.edge.send_head(visit, ResponseHead(304, Fields([*lines, ("ETag", tag)])))
            if visit.fetch is asked:
                self.edge.send_body(visit, b"")
            return
        lines += [("ETag", f'"{name}"'), *([("Content-Length", "6")] if sized else [])]
        status = 200
        if "range" in asked.fields:
            status, body = 206, body[1:3]
            lines = [line for line in lines if line[0] != "Content-Length"]
            lines += [("Content-Range", "bytes 1-2/6")]
        self.edge.send_head(visit, ResponseHead(status, Fields(lines)))
        if visit.fetch is not asked:
            return
        if whole:
            self.edge.send_body(visit, body)
        else:
            self.edge.send_body(visit, body[:1], whole=False)
            self.edge.fail(visit)

    @precondition(lambda self: self.edge.under_way())
    @rule(data=st.data(), reason=st.sampled_from(Failure), status=st.sampled_from([None, 503, 404]))
    def fail(self, data: st.DataObject, reason: Failure, status: int | None) -> None:
        visit = data.draw(st.sampled_from(self.edge.under_way()))
        asked = visit.fetch
        if status is None:
            self.edge.fail(visit, Failure.CUT if reason is Failure.SERVER_ERROR else reason)
            return
        self.edge.send_head(visit, ResponseHead(status))
        if visit.fetch is asked:
            self.edge.send_body(visit, b"error!")

    @precondition(lambda self: any(visit.outcome is None for visit in self.edge.visits))
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        present = [v for v in self.edge.visits if v.outcome is None and v.number in self.asked]
        if present:
            visit = data.draw(st.sampled_from(present))
            self.judged.add(visit.number)
            self.edge.leave(visit)

    @rule()
    def purge(self) -> None:
        self.edge.purge(KEY)
        self.purges = self.edge.purges.mark

    @rule()
    def write(self) -> None:
        post = self.edge.begin(get(method="POST"))
        self.judged.add(post.number)
        self.edge.send_head(post, ResponseHead(200))
        self.edge.send_body(post, b"")
        self.purges = self.edge.purges.mark

    @rule(seconds=st.sampled_from([0.5, 1.0, 2.0, 6.0, 30.0]))
    def pass_time(self, seconds: float) -> None:
        self.edge.now += seconds
        self.edge.tick()

    @invariant()
    def what_is_answered_is_right(self) -> None:
        for visit in self.edge.visits:
            if visit.outcome is None or visit.number in self.judged or visit.number not in self.asked:
                continue
            if isinstance(visit.source, Spool) and visit.source.state == "growing":
                continue  # a follower's body is still on its way
            self.judged.add(visit.number)
            self.judge(visit)

    def judge(self, visit: Visit) -> None:
        assert visit.answers == 1
        head = visit.head
        assert head is not None
        name = head.fields.get("x-id")
        if name is None:
            return
        is_cut = isinstance(visit.source, Spool) and visit.source.state == "failed"
        said, request = self.said[name], visit.exchange._request
        asked_at, purged = self.asked[visit.number]
        age = asked_at - said.received
        if said.varies and head.fields.get("vary"):
            assert said.shape == request.fields.get("x-shape")
        if not is_cut:
            assert len(visit.body) == (2 if head.status == 206 else 6)
        own = said.visit == visit.number
        if own:
            return
        assert said.extra not in ("private", "no-store"), "another's answer that was nobody else's"
        assert not said.credentials or said.extra == "must-revalidate", (
            "an answer to credentials, shared without leave"
        )
        assert said.began_at_purge >= purged or visit.verdict == "MISS", "older than a purge"
        assert visit.outcome is not None
        if visit.outcome.cache_status.startswith("edge; hit") and visit.verdict == "HIT":
            assert said.extra != "no-cache"
            assert age + (said.received - said.began) < said.lifetime
            assert "no-cache" not in str(request.fields.get("cache-control"))
        if visit.verdict == "STALE":
            assert said.extra not in ("no-cache", "must-revalidate")

    def teardown(self) -> None:
        """Everyone who asked gets an end."""
        for _ in range(10_000):
            waiting = self.edge.under_way()
            if not waiting:
                break
            self.edge.fail(waiting[0], Failure.UNREACHABLE)
        assert all(visit.outcome is not None for visit in self.edge.visits)
        assert self.edge.flights.waiting == 0
        assert len(self.edge.flights) == 0
        self.what_is_answered_is_right()


TestCacheAgainstReference = CacheAgainstReference.TestCase
TestCacheAgainstReference.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
