"""Nobody is sent to a PoP that is ejected while one is left that is well: by every policy and in every mode, whatever
happened to PoPs, of one vendor or two, while some drain and others return slowly, whomever a viewer had before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, cast

from attrs import evolve, frozen
from hypothesis import example, given
from hypothesis import strategies as st
from twisted.names import dns

from edge.balancer.front import Front
from edge.balancer.names.responder import Responder, make_responder
from edge.balancer.place import Whereabouts
from edge.balancer.policies import POLICIES
from edge.balancer.routing import Choice
from edge.balancer.settings import Dns, Pop, Region
from edge.upstream.standings import Standing
from tests.edge.balancer.test_routing import HAPPENINGS, URLS, World
from tests.support.dns_messages import addresses, answer, question, rcode
from wire.errors import Unavailable

PLACES = {"eu": Region((50.1, 8.7), ("127.2.0.0/16",)), "na": Region((39.0, -77.5), ("127.1.0.0/16",))}
VIEWERS = {"eu": "127.2.0.1", "na": "127.1.0.1"}
NAMES = Dns("127.0.0.1:8053", "cdn.test", answers=2)
KINDS = {4: dns.A, 6: dns.AAAA}


@frozen
class Sent:
    """Where a viewer was sent, and who could have been meant."""

    how: str
    to: tuple[Pop, ...]
    """Several: he may take any of them. Nobody: he was told that nobody is there."""
    among: tuple[Pop, ...]
    sticky: str = ""


@frozen
class Door:
    """A balancer's decisions, as each mode asks for them."""

    world: World
    front: Front
    responder: Responder

    @classmethod
    def of(cls, world: World) -> Door:
        settings = evolve(world.told.settings, sticky=True, regions=PLACES)
        whereabouts = Whereabouts.of(PLACES)
        unused = cast(Any, None)
        front = Front(settings, whereabouts, world.standings, world.told, *(unused,) * 5, counted=unused)
        named = evolve(settings, mode="dns", dns=NAMES, listen="127.0.0.9:8000")
        return cls(world, front, make_responder(named, NAMES, whereabouts, world.told))

    def sends(self, sticky: str) -> Iterator[Sent]:
        """Viewers of every region, with some questions each."""
        pops = self.world.pops
        secure = tuple(pop for pop in pops if pop.secure_url)
        for region, viewer in VIEWERS.items():
            for path in ("/a", "/b", "/c"):
                asked = region, path, sticky
                yield Sent("proxy, express", first_of(self.front.choose, *asked), pops, sticky)
                yield Sent("proxy", first_of(self.front.pops_for, *asked), pops, sticky)
                over_tls = partial(self.front.pops_for, secure=True)
                yield Sent("redirect, over TLS", first_of(over_tls, *asked), secure, sticky)
            for version in KINDS:
                yield self._told(viewer, version)

    def _told(self, viewer: str, version: int) -> Sent:
        reply = answer(self.responder.respond(question("cdn.test", KINDS[version]), viewer, "udp"))
        found = addresses(reply)
        assert bool(found) == (rcode(reply) == dns.OK)
        among = tuple(
            pop for pop in self.world.pops if any((":" in at) == (version == 6) for at in pop.addresses)
        )
        return Sent("dns", tuple(pop for pop in among if set(found) & set(pop.addresses)), among)


def first_of(choose: Callable[..., tuple[Any, bool]], *asked: str) -> tuple[Pop, ...]:
    """The one who gets the viewer, if any."""
    try:
        found, _ = choose(*asked)
    except Unavailable:
        return ()
    return (found.first if isinstance(found, Choice) else found[0],)


def judge(world: World, sent: Sent) -> None:
    """Up before suspects, those that stay before those that drain, those with weight before reserves; and nobody hears
    that there is nobody while there is somebody."""
    told, standings = world.told, world.standings
    up = [pop for pop in sent.among if standings.is_up(pop.url)]
    staying = [pop for pop in up if pop.name not in told.draining]
    loaded = [pop for pop in staying if told.weights[pop.name] and told.vendors.get(pop.vendor, 1.0)]
    suspects = [pop for pop in sent.among if standings.records[pop.url].standing is not Standing.DOWN]
    if sent.sticky in [pop.name for pop in up]:
        assert [pop.name for pop in sent.to] == [sent.sticky], sent
        return
    fit = loaded or staying or up or suspects
    assert set(sent.to) <= set(fit), sent
    assert bool(sent.to) == bool(fit), sent


@given(
    st.sampled_from(sorted(POLICIES)),
    st.lists(HAPPENINGS, max_size=30),
    st.sets(st.sampled_from(URLS)),
    st.sampled_from([("", ""), ("a", "b")]),
    st.sampled_from(["", "p0", "p1", "p2", "mars"]),
)
@example(
    "nearest", [("weigh", 1), ("weigh", 2), ("dies", URLS[0]), ("returns", URLS[0])], set(URLS), ("", ""), ""
)
def test_nobody_is_sent_to_an_ejected_pop_while_one_is_left_that_is_well(
    route: Any, happenings: list[tuple[str, Any]], probed: set[str], vendors: tuple[str, str], sticky: str
) -> None:
    world = World(route, probed, vendors)
    door = Door.of(world)
    for what, which in [("wait", 0.0), *happenings]:
        world.happen(what, which)
        for sent in door.sends(sticky):
            judge(world, sent)
