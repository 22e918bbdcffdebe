"""sim.traffic.send: an open loop against a real server."""

import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack
from typing import Any, cast

import pytest
import pytest_twisted
from attrs import define, field
from twisted.internet.defer import Deferred, DeferredList
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from sim.traffic.answers import Tier
from sim.traffic.assets import AssetsAsked
from sim.traffic.record import Kind, Record
from sim.traffic.send import Pace, Sender
from sim.traffic.tally import Tally
from sim.traffic.targets import NoPicturesError, Picture, Targets

TARGETS = Targets("demo", [Picture("a", "jpg")])


@define(eq=False)
class Door(Resource):
    """A front door that answers when the test says so, or at once."""

    is_shut: bool = False
    asked: list[Request] = field(factory=list)
    seen: "Deferred[None]" = field(factory=Deferred)
    expected: int = 0
    isLeaf = True

    def __attrs_post_init__(self) -> None:
        super().__init__()

    def render_GET(self, request: Request) -> Any:
        self.asked.append(request)
        if len(self.asked) == self.expected:
            self.seen.callback(None)
        if self.is_shut:
            return NOT_DONE_YET
        return answer(request)


def answer(request: Request) -> bytes:
    request.setHeader(b"Cache-Status", b"fra; hit")
    request.setHeader(b"X-PoP", b"fra")
    if request.path.startswith(b"/cold"):
        request.setHeader(b"Cache-Status", b"shield; fwd=uri-miss, fra; fwd=uri-miss")
    if b"/missing" in request.path:
        request.setResponseCode(503)
    if request.path.startswith(b"/gone"):
        request.setResponseCode(404)
    if request.path in (b"/gone/x", b"/missing/x"):
        request.setHeader(b"X-Cld-Error", b"hush")
    return b"x" * 100


@pytest_twisted.async_yield_fixture
async def door() -> AsyncIterator[tuple[Door, str]]:
    from twisted.internet import reactor

    made = Door()
    listening: Any = cast(Any, reactor).listenTCP(0, Site(made), interface="127.0.0.1")
    yield made, f"http://127.0.0.1:{listening.getHost().port}"
    await listening.stopListening()


def sender(front: str, **changes: Any) -> Sender:
    from twisted.internet import reactor

    return Sender(reactor, front, TARGETS, {"here": "127.0.0.9"}, **changes)


def views(count: int, region: str = "here", every_us: int = 1000) -> Iterator[Record]:
    return (Record(nth * every_us, region, Kind.VIEW, nth, 320) for nth in range(count))


@pytest_twisted.ensureDeferred
async def test_every_record_is_asked_for_and_counted(door: tuple[Door, str]) -> None:
    served, front = door
    tally = await sender(front).run(views(20))
    assert tally.all.requests == 20
    assert tally.all.failures == 0
    assert tally.all.bytes == 2000
    assert tally.pops["fra"].requests == tally.regions["here"].requests == 20
    assert {request.getClientAddress().host for request in served.asked} == {"127.0.0.9"}
    assert len({request.uri for request in served.asked}) == 20


@pytest_twisted.ensureDeferred
async def test_a_region_without_addresses_is_said_in_a_header(door: tuple[Door, str]) -> None:
    served, front = door
    await sender(front).run(views(1, region="far"))
    assert served.asked[0].getHeader("x-viewer-region") == "far"


@pytest_twisted.ensureDeferred
async def test_nobody_waits_for_those_before(door: tuple[Door, str]) -> None:
    """All fifty come while none is answered: the barrier is the door's own count."""
    served, front = door
    served.is_shut, served.expected = True, 50
    run = Deferred.fromCoroutine(sender(front).run(views(50)))
    await served.seen
    assert not run.called
    for request in served.asked:
        request.write(answer(request))
        request.finish()
    tally = await run
    assert tally.all.requests == 50
    assert tally.all.took.quantile(0.5) > 0


@pytest_twisted.ensureDeferred
async def test_one_too_many_waits_and_its_wait_counts(door: tuple[Door, str]) -> None:
    served, front = door
    served.is_shut, served.expected = True, 1
    run = Deferred.fromCoroutine(sender(front, pace=Pace(at_once=1)).run(views(2, every_us=0)))
    await served.seen
    served.is_shut = False
    request = served.asked[0]
    request.write(answer(request))
    request.finish()
    tally = await run
    assert tally.all.requests == 2
    assert len(served.asked) == 2


@pytest_twisted.ensureDeferred
async def test_failures_are_counted_by_what_they_were(door: tuple[Door, str]) -> None:
    _, front = door
    records = [Record(0, "here", Kind.VIEW, 0, path="/missing"), Record(0, "here", Kind.VIEW, 0, path="/a")]
    tally = await sender(front).run(iter(records))
    assert tally.troubles == {"status 503": 1}
    assert tally.all.failures == 1


@pytest_twisted.ensureDeferred
async def test_silence_and_a_closed_door_are_failures(door: tuple[Door, str]) -> None:
    served, front = door
    served.is_shut = True
    tally = await sender(front, pace=Pace(patience_seconds=0.2)).run(views(1))
    assert tally.troubles == {"no answer in time": 1}
    closed = await sender("http://127.0.0.1:1").run(views(1))
    assert closed.troubles == {"no connection": 1}


@pytest.mark.parametrize("patience", [0.2, 1e-6])
@pytest_twisted.ensureDeferred
async def test_calls_that_nobody_takes_are_failures(patience: float) -> None:
    """A frozen server's backlog is full: the kernel lets further calls wait, and they must not get lost here; nor be
    called anything else where not even the look-up of the name was over."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(5)]
        sockets[0].bind(("127.0.0.1", 0))
        sockets[0].listen(0)
        for each in sockets[1:]:
            each.setblocking(False)
            each.connect_ex(sockets[0].getsockname())
        front = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
        tally = await sender(front, pace=Pace(patience_seconds=patience)).run(views(2))
    assert tally.troubles == {"no answer in time": 2}


@pytest_twisted.ensureDeferred
async def test_a_refusal_fails_where_the_cloud_has_what_was_asked_for(door: tuple[Door, str]) -> None:
    """A recording may have asked for what nobody had; a workload asks for the cloud's own pictures."""
    _, front = door
    told = sender(front)
    told.targets = Targets("gone", [Picture("a", "jpg")])
    recorded = Record(0, "here", Kind.VIEW, 0, path="/gone/too")
    tally = await told.run(iter([*views(1), recorded]))
    assert tally.troubles == {"status 404": 1}


@pytest_twisted.ensureDeferred
async def test_a_refusal_of_what_somebody_once_asked_for_is_no_failure(door: tuple[Door, str]) -> None:
    """Of a recording; an answer of no use to anybody is one."""
    _, front = door
    asked = [Record(0, "here", Kind.VIEW, 0, path=path) for path in ("/gone/x", "/missing/x")]
    tally = await sender(front, is_replay=True).run(iter(asked))
    assert tally.troubles == {"hush": 1}
    one = await sender(front).run(iter(asked[:1]))
    assert one.troubles == {"hush": 1}


@pytest_twisted.ensureDeferred
async def test_a_cloud_without_pictures_is_no_empty_trace(door: tuple[Door, str]) -> None:
    _, front = door
    told = sender(front)
    told.targets = Targets("demo", [])
    with pytest.raises(NoPicturesError, match="the cloud demo has no pictures"):
        await told.run(views(2))


@pytest_twisted.ensureDeferred
async def test_changes_are_carried_out_in_their_turn(door: tuple[Door, str]) -> None:
    """Those of one moment together, however many requests may be under way."""
    _, front = door
    done: list[list[Record]] = []

    async def change(together: Sequence[Record]) -> str:
        done.append(list(together))
        return together[0].kind.value

    tag = [Record(10, "", Kind.PURGE, asset) for asset in range(3)]
    records = [Record(0, "", Kind.OVERWRITE, 3), *tag, Record(10, "", Kind.PURGE, -1)]
    tally = await sender(front, change=change, pace=Pace(at_once=1)).run(iter(records))
    assert done == [[records[0]], tag, [records[4]]]
    assert tally.changes == {"overwrite": 1, "purge": 4}
    assert tally.all.requests == 0


@pytest_twisted.ensureDeferred
async def test_a_purge_that_takes_long_holds_up_no_viewer(door: tuple[Door, str]) -> None:
    """It is no request of theirs: with one slot, those behind it are answered before it is."""
    served, front = door
    purged: Deferred[None] = Deferred()

    async def purge(together: Sequence[Record]) -> str:
        await purged
        return "purged"

    served.expected = 3
    told = sender(front, change=purge, pace=Pace(at_once=1))
    run = Deferred.fromCoroutine(told.run(iter([Record(0, "", Kind.PURGE, -1), *views(3)])))
    await served.seen
    assert not told.tally.changes
    purged.callback(None)
    tally = await run
    assert (tally.all.requests, tally.changes) == (3, {"purged": 1})


@pytest_twisted.ensureDeferred
async def test_another_variant_that_was_asked_for_before_makes_a_hit_by_asset(door: tuple[Door, str]) -> None:
    """Nobody hits by key. The second and third question of asset 0 would have, were its variants one; a purge ends
    that, and what was never answered well begins nothing."""
    _, front = door

    async def purge(together: Sequence[Record]) -> str:
        return "purged"

    assets = AssetsAsked()

    async def run(*records: Record) -> Tally:
        told = sender(front, pace=Pace(at_once=1), change=purge, assets=assets)
        told.targets = Targets("cold", [Picture("a", "jpg")])
        return await told.run(iter(records))

    asked = [
        Record(0, "here", Kind.VIEW, asset, width)
        for asset, width in ((0, 100), (0, 320), (0, 100), (1, 100))
    ]
    refused = Record(0, "here", Kind.VIEW, 0, path="/cold/image/upload/w_1/v3/missing.jpg")
    beside = Record(0, "here", Kind.VIEW, 0, path="/cold/image/upload/w_2/v3/missing.jpg")
    tally = await run(*asked, refused, beside)
    for tier in (Tier.EDGE, Tier.SHIELD):
        hits = tally.all.caches[tier]
        assert (hits.asked, hits.by_key, hits.by_asset) == (4, 0, 2)
    assert tally.caches[Tier.SHIELD]["shield"] == tally.all.caches[Tier.SHIELD]
    await run(Record(0, "", Kind.PURGE, 0))
    again = await run(asked[1], asked[3]._replace(width=640))
    assert (again.all.caches[Tier.EDGE].asked, again.all.caches[Tier.EDGE].by_asset) == (2, 1)
    await run(Record(0, "", Kind.PURGE, -1))
    last = await run(asked[0], asked[3])
    assert (last.all.caches[Tier.EDGE].asked, last.all.caches[Tier.EDGE].by_asset) == (2, 0)


@pytest_twisted.ensureDeferred
async def test_broken_off_it_leaves_nothing_open(door: tuple[Door, str]) -> None:
    served, front = door
    served.is_shut, served.expected = True, 3
    run = Deferred.fromCoroutine(sender(front).run(views(3)))
    await served.seen
    gone = DeferredList([request.notifyFinish() for request in served.asked], consumeErrors=True)
    run.addErrback(lambda _: Tally())
    run.cancel()
    assert [is_whole for is_whole, _ in await gone] == [False] * 3
