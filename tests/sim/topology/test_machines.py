"""sim.topology.machines and .check.machines: one document for several machines."""

from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.topology import ports
from sim.topology.machines import machine_of
from sim.topology.quantities import Address
from sim.topology.read import read
from sim.world import World
from tests.sim.topology.test_read import SMALL, told
from tests.sim.topology.test_settle import settings_of, settled

KEYS = "access_key: abc, secret_key: abcdefgh"
TWO = f"""clouds: {{demo: {{api_key: "1", api_secret: secret}}}}
regions: {{east: {{at: [39, -77]}}, west: {{at: [46, -120]}}}}
machines: {{one: 10.0.0.1, two: 10.0.0.2}}
origins:
  main: {{region: east, instances: 2, listen: tcp:9001, control: tcp:9101}}
  second: {{region: west, host: two, listen: tcp:9001, control: tcp:9101}}
pops:
  near: {{region: east, upstream: main, listen: tcp:9201, control: tcp:9301}}
  far: {{region: west, host: two, parent: near, listen: tcp:9201, control: tcp:9301, tls: tcp:9401}}
balancer: {{listen: tcp:8000, control: tcp:8100}}
storage: {{kind: minio, endpoint: "10.0.0.9:9000", {KEYS}}}
catalogue: postgresql+psycopg://pixeledge@10.0.0.9/pixeledge
"""
MAIN, FAR = "main: {region: east, instances: 2", "far: {region: west, host: two"


def spread(hosts: str, instances: str) -> str:
    """The same world with its pool `main` on several machines."""
    return TWO.replace(MAIN, f"main: {{region: east, host: [{hosts}], instances: {instances}")


def test_every_node_is_asked_at_the_address_of_its_machine() -> None:
    """Nobody's settings speak of loopback but for the page, which every machine has of its own."""
    settlement = settled(TWO)
    assert settings_of(settlement, "near").upstreams == ("http://10.0.0.1:9001", "http://10.0.0.1:9002")
    far = settings_of(settlement, "far")
    assert (far.listen, far.tls.listen) == ("10.0.0.2:9201", "10.0.0.2:9401")
    assert far.upstreams[0] == "http://10.0.0.1:9201"
    second = settings_of(settlement, "second-1")
    assert set(second.invalidate) == {"http://10.0.0.1:9301", "http://10.0.0.2:9301"}
    assert second.delivery_url == "http://10.0.0.1:8000"
    assert "10.0.0.2" in settlement.topology.secure_names
    others = [str(place) for node, place in settlement.placement.items() if node != ("page", "listen")]
    assert not [each for each in others if each.startswith("127.")]


def test_a_machine_runs_what_stands_on_it() -> None:
    """Who names no machine stands on the first; each node stands on one, and documents tell of the others."""
    names = {machine: [node.name for node in World(settled(TWO), machine).own] for machine in ("one", "two")}
    assert names == {"one": ["main-1", "main-2", "near", "balancer"], "two": ["second-1", "far"]}
    assert {node["name"] for node in World(settled(TWO), "two").ready_document({})["edges"]} == {
        "near",
        "far",
    }


def test_a_pool_stands_on_several_machines() -> None:
    """Its instances in turn, each at its own machine's address and a port above the last; everyone knows them all."""
    settlement = settled(spread("one, two", "3"))
    mine = {machine: [node.name for node in World(settlement, machine).own] for machine in ("one", "two")}
    assert mine == {"one": ["main-1", "main-3", "near", "balancer"], "two": ["main-2", "second-1", "far"]}
    main = ("http://10.0.0.1:9001", "http://10.0.0.2:9002", "http://10.0.0.1:9003")
    assert settings_of(settlement, "near").upstreams == main
    assert settings_of(settlement, "far").upstreams == ("http://10.0.0.1:9201", *main)
    checks = dict(settings_of(settlement, "near").checks.urls)
    assert checks["http://10.0.0.2:9002"] == "http://10.0.0.2:9102/readyz"
    assert [origin.url for origin in settings_of(settlement, "balancer").origins][:3] == list(main)
    assert settings_of(settlement, "main-2").listen == "10.0.0.2:9002"


@given(
    order=st.permutations(["one", "two", "three"]),
    count=st.integers(1, 3),
    least=st.integers(3, 12),
    more=st.integers(0, 6),
)
def test_every_instance_stands_on_one_machine_at_an_address_of_its_own(
    order: list[str], count: int, least: int, more: int
) -> None:
    """And on each of the pool's machines one is always there."""
    text = spread(", ".join(order[:count]), f"{{min: {least}, max: {least + more}}}")
    text = text.replace("two: 10.0.0.2}", "two: 10.0.0.2, three: 10.0.0.3}").replace(
        "tcp:9001, control: tcp:9101", "tcp:7001, control: tcp:7101", 1
    )
    settlement = settled(text)
    machines = settlement.topology.machines
    worlds = {machine: World(settlement, machine) for machine in machines}
    owned = [node for world in worlds.values() for node in world.own]
    assert sorted(node.name for node in owned) == sorted(node.name for node in settlement.nodes())
    places = [address for node in owned for address in (node.listen, node.control)]
    assert len(places) == len(set(places))
    for machine, world in worlds.items():
        assert {node.listen.host for node in world.own} <= {machines[machine]}
        always = [node for node in world.own if node.pool == "main" and not node.is_standby]
        assert bool(always) == (machine in order[:count])


def test_without_machines_all_is_here_as_it_was_written() -> None:
    topology, _ = read(SMALL)
    assert machine_of(topology, "edge") == ""
    world = World(settled(SMALL))
    assert world.own == world.nodes


def test_a_machine_takes_its_own_ports_alone() -> None:
    """At the addresses of others it could not even listen."""
    text = TWO.replace("10.0.0.1,", "127.0.7.1,")
    with ExitStack() as held:
        free = {number: ports.reserve("127.0.7.1", 0, held) for number in ("9201", "9301", "8000", "8100")}
    for number, port in free.items():
        text = text.replace(f"upstream: main, listen: tcp:{number}", f"upstream: main, listen: tcp:{port}")
        text = text.replace(f"balancer: {{listen: tcp:{number}", f"balancer: {{listen: tcp:{port}")
    with ExitStack() as held:
        placed = ports.place(*read(text), held, machine="one")
    assert placed["far", "listen"] == Address("10.0.0.2", 9201)
    assert placed["near", "listen"] == Address("127.0.7.1", free["9201"])
    assert placed["page", "listen"].port


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ((FAR, FAR.replace("two", "tow")), 'line 9: pops.far.host: there is no machine "tow" (did you mean "two"'),
        (("machines: {one: 10.0.0.1, two: 10.0.0.2}", ""), 'line 6: origins.second.host: there is no machine "two"'),
        (("10.0.0.2}", "ten}"), "line 3: machines.two: expected the address others ask it at, like 10.0.0.1"),
        (("10.0.0.2}", "0.0.0.0}"), "line 3: machines.two: expected the address others ask it at"),
        (("10.0.0.2}", "10.0.0.1}"), "line 3: machines.two: 10.0.0.1 is the address of one"),
        (("two: 10.0.0.2}", "two: 10.0.0.2, T: 10.0.0.3}"), "machines.T: a name is made of"),
        (("upstream: main, listen: tcp:9201, ", "upstream: main, "), "line 8: pops.near.listen: other machines must"),
        (("tls: tcp:9401", "tls: tcp:0"), "line 9: pops.far.tls: other machines must know its port: tls: tcp:PORT"),
        (("balancer: {listen: tcp:8000, control: tcp:8100}", ""), "balancer.control: other machines must know"),
        (("tcp:8000", "10.0.0.7:8000"), "line 10: balancer.listen: its address is that of one: say tcp:8000"),
        (("storage: {kind: minio", "storage: {start: true, kind: minio"), "storage.start: each machine would start"),
        ((f'kind: minio, endpoint: "10.0.0.9:9000", {KEYS}', "kind: filesystem"), "line 11: storage.kind: origins on"),
        (("secret}}", "secret, storage: {kind: filesystem, path: x}}}"), "clouds.demo.storage.kind: origins on"),
        (("postgresql+psycopg://pixeledge@10.0.0.9/pixeledge", "sqlite:///c.db"), "line 12: catalogue: origins on"),
        ((FAR, FAR.replace("two", "[one, two]")), "line 9: pops.far.host: expected text, got a list"),
    ],
)  # fmt: skip
def test_what_machines_cannot_do_with_is_told_where_it_stands(change: tuple[str, str], problem: str) -> None:
    assert change[0] in TWO
    assert problem in "\n".join(told(TWO.replace(*change)))


@pytest.mark.parametrize(
    ("hosts", "instances", "change", "problem"),
    [
        ("one, tow", "2", ("", ""), 'line 5: origins.main.host: there is no machine "tow" (did you mean "two"'),
        ("one, one", "2", ("", ""), "line 5: origins.main.host: a machine is named twice"),
        ("", "2", ("", ""), "line 5: origins.main.host: expected the name of a machine, or several: [one, two]"),
        ("one, two", "1", ("", ""), "main.instances: on 2 machines there must be 2 instances at least, one on each"),
        ("one, two", "{min: 1, max: 4}", ("", ""), "each of the 2 machines scales its own instances: min must be 2"),
        ("one, two", "2", ("listen: tcp:9001, ", ""), "line 5: origins.main.listen: other machines must know its"),
        ("one, two", "2", ("tcp:9001", "10.0.0.2:9001"), "its addresses are those of one, two: say tcp:9001"),
        ("two, one", "2", ("", ""), "line 6: origins.second.listen: port 9001 is also used by origins.main.listen"),
        ("one, two", "2", ("two, listen: tcp:9001", "two, listen: tcp:9002"), "port 9002 is also used by origins.main"),
    ],
)  # fmt: skip
def test_what_a_pool_on_several_machines_cannot_do_with(
    hosts: str, instances: str, change: tuple[str, str], problem: str
) -> None:
    assert problem in "\n".join(told(spread(hosts, instances).replace(*change, 1)))


def test_a_pool_on_several_machines_shares_what_they_can_open() -> None:
    """Though it is the only pool."""
    alone = "\n".join(line for line in spread("one, two", "2").splitlines() if "  second:" not in line)
    topology, _ = read(alone)
    assert topology.origins["main"].host.names == ("one", "two")
    found = told(alone.replace("kind: minio", "kind: filesystem").replace("postgresql+psycopg", "sqlite"))
    assert "storage.kind: origins on several machines share a minio" in "\n".join(found)
    assert "catalogue: origins on several machines share a PostgreSQL" in "\n".join(found)


def test_caches_elsewhere_ask_nothing_of_storage_and_catalogue() -> None:
    """Only origins open them."""
    second = "region: west, host: two, listen: tcp:9001, control: tcp:9101"
    files = TWO.replace(second, "region: west, listen: tcp:9003, control: tcp:9103")
    topology, _ = read("\n".join(files.splitlines()[:-2]))
    assert topology.storage.kind == "filesystem"


def test_in_mode_dns_an_edge_is_led_to_at_its_machine() -> None:
    """At the balancer's port, which no edge of the balancer's own machine can have."""
    text = TWO.replace("near: {region: east, ", "near: {region: east, role: shield, ").replace(
        ", tls: tcp:9401", ""
    )
    text = text.replace("parent: near, listen: tcp:9201", "parent: near, listen: tcp:8000")
    text = text.replace(
        "control: tcp:8100}", "control: tcp:8100, mode: dns, dns: {zone: cdn.test, listen: udp:53}}"
    )
    topology, _ = read(text)
    assert topology.listens("far", "listen") == Address("10.0.0.2", 8000)
    assert ports.fixed(topology)["balancer", "dns"] == Address("10.0.0.1", 53)
