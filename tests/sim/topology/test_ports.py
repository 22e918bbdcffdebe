"""sim.topology.ports: a port for everyone, and no two alike."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from errno import EADDRINUSE

import pytest

from sim.topology import ports
from sim.topology.quantities import Address
from sim.topology.read import AT_HOME, read
from wire.document import DocumentError

SHIPPED = AT_HOME.read_text("utf-8")


@pytest.fixture
def held() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_auto_gives_everyone_a_port_of_their_own(held: ExitStack) -> None:
    placed = ports.place(*read(SHIPPED), held, auto=True)
    numbers = [address.port for address in placed.values()]
    assert len(set(numbers)) == len(numbers) == 2 * 2 + (5 * 2 + 4) + 3 + 1
    assert all(address.host == "127.0.0.1" and address.port > 1023 for address in placed.values())


def test_instances_listen_one_above_the_other() -> None:
    topology, _ = read(SHIPPED)
    placed = ports.fixed(topology)
    assert placed["main-1", "listen"] == Address("127.0.0.1", 9001)
    assert placed["main-2", "listen"] == Address("127.0.0.1", 9002)
    assert placed["main-2", "control"] == Address("127.0.0.1", 9102)


def test_every_taken_port_is_told_with_its_line(held: ExitStack) -> None:
    """Not only the first, so that one look tells whether another world is still running."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        taken = [server.getsockname()[1] for server in (one, two)]
        text = SHIPPED.replace("tcp:9203", f"tcp:{taken[0]}").replace(
            "page: tcp:8001", f"page: tcp:{taken[1]}"
        )
        with pytest.raises(DocumentError) as refused:
            ports.place(*read(text), held)
    wheres = {problem.where: problem.message for problem in refused.value.problems}
    assert {"pops.frankfurt-a.listen", "page"} <= set(wheres)
    assert f"127.0.0.1:{taken[1]} cannot be used: Address already in use (try --ports auto)" == wheres["page"]


def test_a_minio_of_ours_gets_a_port_too(held: ExitStack) -> None:
    keys = "access_key: abc, secret_key: abcdefgh"
    storage = f'storage: {{kind: minio, endpoint: "127.0.0.1:9000", {keys}, start: true}}'
    text = SHIPPED.replace("storage: {kind: filesystem, path: media}", storage)
    assert ("minio", "listen") in ports.place(*read(text), held, auto=True)


def test_a_reserved_port_is_its_nodes_and_nobody_elses(held: ExitStack) -> None:
    """A node listens on it, ends and listens again; meanwhile no client is given it for its own end."""
    reserved = {ports.reserve("127.0.0.1", 0, held) for _ in range(200)}
    assert len(reserved) == 200
    port = min(reserved)
    for _ in range(2):
        with socket.create_server(("127.0.0.1", port), backlog=64) as node:
            with pytest.raises(OSError, match="in use"):
                ports.reserve("127.0.0.1", port, held)
            for _ in range(50):
                with socket.create_connection(("127.0.0.1", port)) as client, node.accept()[0]:
                    assert client.getsockname()[1] not in reserved
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        assert probe.getsockname()[1] not in reserved


def test_what_was_held_can_be_reserved_again() -> None:
    with ExitStack() as held:
        port = ports.reserve("127.0.0.1", 0, held)
    with ExitStack() as held:
        assert ports.reserve("127.0.0.1", port, held) == port


DNS = """clouds: {demo: {api_key: "1", api_secret: secret}}
regions: {east: {at: [39, -77]}}
origins: {main: {region: east}}
pops: {one: {region: east, upstream: main}, two: {region: east, upstream: main}}
balancer: {mode: dns, listen: tcp:8000, tls: tcp:8443, dns: {listen: udp:8053, zone: cdn.test}}
"""


def test_in_mode_dns_whoever_serves_viewers_has_the_same_ports(held: ExitStack) -> None:
    """As many addresses, and all other ports are still their owners' alone."""
    placed = ports.place(*read(DNS), held, auto=True)
    for side in ("listen", "tls"):
        serving = [placed[node, side] for node in ("one", "two", "balancer")]
        assert [address.host for address in serving] == ["127.0.1.1", "127.0.1.2", "127.0.0.1"]
        assert len({address.port for address in serving}) == 1
    alone = [address.port for address in placed.values()]
    assert len(set(alone)) == len(alone) - 4


def test_a_port_that_is_taken_at_one_address_is_not_the_shared_one(
    held: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine what is free at one is often used at another: then it is the next."""
    reserve, refused = ports.reserve, list[int]()

    def taken_at_first(host: str, port: int, held: ExitStack, **told: bool) -> int:
        if host == "127.0.1.2" and len(refused) < 3:
            refused.append(port)
            raise OSError(EADDRINUSE, "Address already in use")
        return reserve(host, port, held, **told)

    monkeypatch.setattr(ports, "reserve", taken_at_first)
    placed = ports.place(*read(DNS), held, auto=True)
    (port,) = {placed[node, "listen"].port for node in ("one", "two", "balancer")}
    assert len(refused) == 3
    assert port not in refused
    assert ports.reserve("127.0.1.1", refused[0], held) == refused[0]  # nobody keeps what came to nothing


def test_a_name_server_needs_its_port_for_datagrams_too(held: ExitStack) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        text = DNS.replace("udp:8053", f"udp:{port}")
        with pytest.raises(DocumentError) as refused:
            ports.place(*read(text.replace("tcp:8", "tcp:18")), held)
    (problem,) = [each for each in refused.value.problems if each.where == "balancer.dns.listen"]
    assert problem.message == f"127.0.0.1:{port} cannot be used: Address already in use (try --ports auto)"
