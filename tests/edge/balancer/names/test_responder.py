"""What is answered, to whom, about which name."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.names import dns

from edge.balancer.names.responder import Responder, make_responder
from edge.balancer.place import Whereabouts
from edge.balancer.policies import POLICIES, Route
from edge.balancer.routing import Routing
from edge.balancer.settings import Dns, Pop, Region, Settings
from edge.upstream.standings import Standings
from tests.support.dns_messages import addresses, answer, payload, question, rcode, scope

REGIONS = {
    "eu": Region((50.1, 8.7), ("127.2.0.0/16", "2001:db8:2::/48")),
    "na": Region((39.0, -77.5), ("127.1.0.0/16",)),
}
POPS = (
    Pop("fra", "eu", "http://127.0.1.1:8000"),
    Pop("ash", "na", "http://127.0.1.2:8000", addresses=("127.0.1.2", "2001:db8::2")),
)
EU, NA = "127.2.0.1", "127.1.0.1"


def responder(
    pops: tuple[Pop, ...] = POPS,
    *,
    listen: str = "127.0.0.9:8000",
    names_at: str = "127.0.0.1:8053",
    **told: Any,
) -> Responder:
    own = Dns(names_at, "CDN.test.", ("img", "deep.er"), **told.pop("dns", {}))
    settings = Settings("bal", listen, "", pops, regions=REGIONS, mode="dns", dns=own, **told)
    standings = Standings(now=lambda: 0.0)
    standings.watch(pop.url for pop in pops)
    whereabouts = Whereabouts.of(REGIONS, "na")
    return make_responder(settings, own, whereabouts, Routing(settings, standings, Random(0)))


def ask(told: Responder, data: bytes, source: str = EU) -> dns.Message:
    return answer(told.respond(data, source, "udp"))


def lose(told: Responder, *names: str) -> None:
    for pop in told.routing.settings.pops:
        if pop.name in names:
            told.routing.standings.failed(pop.url)
            told.routing.standings.check_missed(pop.url, "refused")


@pytest.mark.parametrize("name", ["cdn.test", "img.cdn.test", "deep.er.CDN.TEST"])
def test_a_viewer_is_told_the_pop_of_its_region(name: str) -> None:
    """By where it asks from, with authority and for a short time."""
    told = responder()
    here, there = ask(told, question(name), EU), ask(told, question(name), NA)
    assert (addresses(here), addresses(there)) == (["127.0.1.1"], ["127.0.1.2"])
    assert here.auth
    assert [record.ttl for record in here.answers] == [5]


@pytest.mark.parametrize(
    ("subnet", "found", "bits"),
    [
        ("127.2.0.0/16", "127.0.1.1", 16),
        ("127.2.77.0/24", "127.0.1.1", 16),
        ("127.1.0.0/24", "127.0.1.2", 16),
        ("2001:db8:2::/56", "127.0.1.1", 48),
        ("10.0.0.0/8", "127.0.1.2", 2),
        ("0.0.0.0/0", "127.0.1.1", 0),  # asks to be left unknown: then who asks decides
    ],
)
def test_a_resolver_asks_for_its_viewer(subnet: str, found: str, bits: int) -> None:
    """And hears for whom else the answer holds."""
    message = ask(responder(), question(subnet=subnet), EU)
    assert (addresses(message), scope(message)) == ([found], bits)


def test_before_during_and_after_a_death() -> None:
    """The next PoP, and back."""
    told = responder()
    assert addresses(ask(told, question())) == ["127.0.1.1"]
    lose(told, "fra")
    assert addresses(ask(told, question())) == ["127.0.1.2"]
    for _ in range(2):
        told.routing.standings.check_passed("http://127.0.1.1:8000")
    assert addresses(ask(told, question())) == ["127.0.1.1"]


def test_when_nobody_is_left_there_is_no_answer_rather_than_a_wrong_one() -> None:
    """SERVFAIL is not remembered as an absence is. The PoPs' own names still say where they would be."""
    told = responder()
    lose(told, "fra", "ash")
    assert rcode(ask(told, question())) == dns.ESERVER
    assert addresses(ask(told, question("fra.cdn.test"))) == ["127.0.1.1"]


@pytest.mark.parametrize("route", POLICIES)
def test_no_policy_leads_to_a_dead_pop(route: Route) -> None:
    """Hundreds of draws."""
    told = responder(route=route)
    lose(told, "fra")
    assert {addresses(ask(told, question()))[0] for _ in range(100)} == {"127.0.1.2"}


def test_several_answers_are_the_best_that_are_well() -> None:
    """Never a suspect beside one that is up."""
    told = responder(dns={"answers": 2})
    assert addresses(ask(told, question())) == ["127.0.1.1", "127.0.1.2"]
    told.routing.standings.failed("http://127.0.1.2:8000")
    assert addresses(ask(told, question())) == ["127.0.1.1"]


def test_nobody_who_drains_or_is_a_reserve_stands_beside_one_that_is_ready() -> None:
    """They are for when there is no other; and then they are told."""
    told = responder(dns={"answers": 2})
    told.routing.drain("ash")
    assert addresses(ask(told, question())) == ["127.0.1.1"]
    lose(told, "fra")
    assert addresses(ask(told, question())) == ["127.0.1.2"]
    told = responder(dns={"answers": 2})
    told.routing.weigh("fra", 0.0)
    assert addresses(ask(told, question())) == ["127.0.1.2"]


def test_addresses_of_both_kinds() -> None:
    """AAAA leads to who has one, however far; where nobody has one there is none (NODATA)."""
    told = responder()
    assert addresses(ask(told, question(kind=dns.AAAA))) == ["2001:db8::2"]
    lose(told, "ash")
    assert rcode(ask(told, question(kind=dns.AAAA))) == dns.ESERVER
    message = ask(responder(POPS[:1]), question(kind=dns.AAAA))
    assert (rcode(message), message.answers, message.authority[0].type) == (dns.OK, [], dns.SOA)


@pytest.mark.parametrize(
    ("name", "kind", "code", "found"),
    [
        ("cdn.test", dns.SOA, dns.OK, [dns.SOA]),
        ("cdn.test", dns.NS, dns.OK, [dns.NS]),
        ("cdn.test", dns.MX, dns.OK, []),
        ("cdn.test", 255, dns.OK, [dns.HINFO]),  # RFC 8482
        ("img.cdn.test", dns.NS, dns.OK, []),
        ("er.cdn.test", dns.A, dns.OK, []),  # there, since something is below it
        ("ns.cdn.test", dns.A, dns.OK, [dns.A]),
        ("api.cdn.test", dns.A, dns.OK, [dns.A]),
        ("api.cdn.test", dns.AAAA, dns.OK, []),
        ("no.cdn.test", dns.A, dns.ENAME, []),
        ("no.img.cdn.test", dns.A, dns.ENAME, []),
        ("test", dns.A, dns.EREFUSED, []),
        ("cdn.test.example", dns.A, dns.EREFUSED, []),
        ("notcdn.test", dns.A, dns.EREFUSED, []),
        ("", dns.NS, dns.EREFUSED, []),
        ("cdn.test", dns.AXFR, dns.EREFUSED, []),
    ],
)
def test_what_is_there_what_is_not_and_what_is_not_ours(
    name: str, kind: int, code: int, found: list[int]
) -> None:
    """An absence says how long it may be remembered (RFC 2308); other zones are refused."""
    message = ask(responder(), question(name, kind))
    assert (rcode(message), [record.type for record in message.answers]) == (code, found)
    assert bool(message.auth) is (code != dns.EREFUSED)
    denials = [payload(record).minimum for record in message.authority if record.type == dns.SOA]
    assert denials == ([5] if not found and code != dns.EREFUSED else [])


@pytest.mark.parametrize("name", ["api.cdn.test", "ns.cdn.test"])
def test_what_is_bound_to_every_address_is_told_by_one_that_can_be_asked(name: str) -> None:
    """`0.0.0.0` is where to listen, and nowhere to go: the way back to whoever asks is the way here."""
    told = responder(listen="0.0.0.0:8000", names_at="0.0.0.0:8053")
    assert addresses(ask(told, question(name))) == ["127.0.0.1"]
    assert "0.0.0.0" not in str(ask(told, question("cdn.test", dns.NS)).additional)


def test_other_classes_are_refused() -> None:
    """`version.bind CH TXT`, the first that everybody asks."""
    assert rcode(ask(responder(), question(cls=dns.CH, kind=dns.TXT))) == dns.EREFUSED


def test_the_server_is_named_with_its_address() -> None:
    message = ask(responder(), question(kind=dns.NS))
    assert [str(payload(record).name) for record in message.answers] == ["ns.cdn.test"]
    glue = [record for record in message.additional if record.type == dns.A]
    assert [payload(record).dottedQuad() for record in glue] == ["127.0.0.1"]


def test_hashing_gives_each_name_a_home() -> None:
    """Of a URL, DNS is only told the host: always the same PoP for it, wherever the viewer is."""
    told = responder(route="hash")
    homes = {name: addresses(ask(told, question(name), EU)) for name in ("cdn.test", "img.cdn.test")}
    for name, home in homes.items():
        assert all(addresses(ask(told, question(name), source)) == home for source in (EU, NA) * 10)


@given(st.binary(max_size=64))
def test_no_message_ends_it(data: bytes) -> None:
    """It answers, or is silent, and counts either."""
    told = responder()
    answered = told.respond(data, EU, "udp")
    assert answered is None or answer(answered).id == int.from_bytes(data[:2], "big")
    assert sum(told.counted.values()) == 1


def test_a_defect_of_ours_costs_one_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """SERVFAIL, and the next question is answered."""
    told = responder()
    with monkeypatch.context() as broken:
        broken.setattr(Whereabouts, "by_address", lambda self, client: 1 / 0)
        assert rcode(ask(told, question())) == dns.ESERVER
    assert addresses(ask(told, question())) == ["127.0.1.1"]
    assert told.counted == {("udp", "servfail"): 1, ("udp", "noerror"): 1}
