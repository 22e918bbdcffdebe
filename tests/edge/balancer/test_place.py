"""Where a viewer is taken to live."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.balancer.place import UnknownRegion, Whereabouts, asked_region, without_region
from edge.balancer.settings import Region

MAP = Whereabouts.of(
    {
        "na-east": Region((39.0, -77.5), ("127.1.0.0/16",)),
        "eu-central": Region((50.1, 8.7), ("127.2.0.0/16", "::1/128")),
        "island": Region((0.0, 0.0), ("127.2.9.0/24",)),
    }
)
segments = st.text("abc%2F&=,_-+~é", max_size=12)


def test_a_person_is_where_the_url_says() -> None:
    """`?region=` beats the header, and the header the address."""
    assert MAP.place("/a?region=eu-central", "na-east", "127.1.0.1") == "eu-central"
    assert MAP.place("/a", "na-east", "127.2.0.1") == "na-east"


def test_a_viewer_is_where_its_address_lives() -> None:
    """The narrowest range wins; IPv4 seen through an IPv6 socket is IPv4."""
    assert MAP.place("/", None, "127.2.3.4") == "eu-central"
    assert MAP.place("/", None, "127.2.9.1") == "island"
    assert MAP.place("/", None, "::ffff:127.1.2.3") == "na-east"
    assert MAP.place("/", None, "::1") == "eu-central"


def test_who_comes_from_nowhere_lives_at_the_default() -> None:
    """The first region unless told otherwise; an unknown kind of address is no error."""
    assert MAP.place("/", None, "10.0.0.1") == "na-east"
    assert MAP.place("/", None, "unknown") == "na-east"
    assert Whereabouts.of(MAP.regions, "island").place("/", None, "10.0.0.1") == "island"


def test_an_unknown_region_is_refused_by_naming_the_known_ones() -> None:
    """A typo must not silently measure another continent; what was typed is repeated harmlessly."""
    with pytest.raises(UnknownRegion) as refused:
        MAP.place("/?region=mars%0d%0a<b>", None, "127.1.0.1")
    assert refused.value.status == 400
    assert refused.value.public == 'Unknown region "mars??<b>". Known regions: eu-central, island, na-east'


@pytest.mark.parametrize(
    ("target", "left"),
    [
        ("/a?region=eu", "/a"),
        ("/a?x=1&region=eu&y=%20", "/a?x=1&y=%20"),
        ("/a?region", "/a"),
        ("/a?regional=1", "/a?regional=1"),
        ("/a?", "/a?"),
        ("/region=eu", "/region=eu"),
    ],
)
def test_only_the_region_parameter_leaves_the_target(target: str, left: str) -> None:
    """Signatures cover the raw text, so every other byte stays."""
    assert without_region(target) == left


@given(segments, st.lists(segments, max_size=4), st.integers(0, 4))
def test_adding_a_region_and_removing_it_changes_nothing(path: str, query: list[str], at: int) -> None:
    """Whatever the other parameters look like."""
    plain = f"/{path}?{'&'.join(query)}" if query else f"/{path}"
    named = f"/{path}?{'&'.join([*query[:at], 'region=eu', *query[at:]])}"
    if asked_region(plain) is None:
        assert without_region(named) == plain
        assert asked_region(named) == "eu"


def test_a_default_that_is_no_region_cannot_be_built() -> None:
    """A wrong document fails at start, not at the first viewer."""
    with pytest.raises(ValueError):
        Whereabouts.of(MAP.regions, "mars")
    with pytest.raises(ValueError):
        Whereabouts.of({"a": Region((0, 0), ("300.0.0.0/8",))})


octets = st.integers(0, 255)
bits = st.sampled_from([8, 9, 12, 16, 20, 24, 30, 32])
ranges = st.builds(
    lambda second, third, size: str(ip_network((f"127.{second}.{third}.0", size), strict=False)),
    st.integers(0, 7), st.integers(0, 7), bits,
)  # fmt: skip


@given(
    st.lists(ranges, max_size=6, unique=True),
    st.tuples(st.sampled_from([10, 127]), st.integers(0, 9), st.integers(0, 9), octets),
    st.data(),
)
def test_all_within_the_scope_live_in_the_same_region(
    told: list[str], parts: tuple[int, int, int, int], data: st.DataObject
) -> None:
    """A resolver gives the answer to all of them (RFC 7871 §7.2.1), also where ranges lie in one another."""
    regions = {f"r{index}": Region((0.0, 0.0), (cidr,)) for index, cidr in enumerate(told)}
    whereabouts = Whereabouts.of({"home": Region((0.0, 0.0))} | regions, "home")
    address = ".".join(map(str, parts))
    scope = whereabouts.scope(address)
    network = ip_network((address, scope), strict=False)
    inside = [cidr for cidr in told if ip_network(cidr).subnet_of(network)]  # type: ignore[arg-type]
    others = [
        network.network_address,
        network.broadcast_address,
        *(ip_network(cidr).network_address for cidr in inside),
        network.network_address + data.draw(st.integers(0, network.num_addresses - 1)),
    ]
    region = whereabouts.by_address(address)
    assert {whereabouts.by_address(str(other)) for other in others} == {region}


def test_the_scope_is_no_longer_than_it_must_be() -> None:
    """As long as the range; longer only around one that lies inside it."""
    assert MAP.scope("127.1.0.0") == 16
    assert MAP.scope("127.2.200.1") == 17
    assert MAP.scope("127.2.9.77") == 24
    assert MAP.scope("127.2.8.0") == 24
    assert MAP.scope("::ffff:127.1.0.1") == 96 + 16
    assert MAP.scope("10.0.0.1") == 2
