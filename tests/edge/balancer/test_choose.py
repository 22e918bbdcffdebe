"""Which PoP a viewer gets."""

from hypothesis import given
from hypothesis import strategies as st

from edge.balancer.choose import nearest
from edge.balancer.settings import Pop

REGIONS = {"eu": 2.0, "nae": 92.0, "sea": 158.0}
POPS = (
    Pop("ash", "nae", "http://ash"),
    Pop("fra-a", "eu", "http://fra-a"),
    Pop("fra-b", "eu", "http://fra-b"),
    Pop("sin", "sea", "http://sin"),
)
paths = st.text(min_size=1, max_size=30)
alive = st.sets(st.sampled_from([pop.name for pop in POPS]))


def order(path: str, up: set[str]) -> list[str]:
    choice = nearest(POPS, rtt_to=REGIONS.__getitem__, path=path, is_healthy=lambda pop: pop.name in up)
    return [pop.name for pop in choice]


@given(paths, alive)
def test_only_healthy_pops_are_chosen_and_all_of_them(path: str, up: set[str]) -> None:
    """Never an ejected one, and no healthy one forgotten."""
    assert set(order(path, up)) == up


@given(paths, alive)
def test_nearer_regions_come_first(path: str, up: set[str]) -> None:
    """By round trip, whatever the path."""
    regions = {pop.name: pop.region for pop in POPS}
    rtts = [REGIONS[regions[name]] for name in order(path, up)]
    assert rtts == sorted(rtts)


@given(paths)
def test_the_loss_of_one_edge_moves_only_its_own_objects(path: str) -> None:
    """Rendezvous hashing: what the others hold stays where it is."""
    everyone = {pop.name for pop in POPS}
    before = order(path, everyone)
    for lost in everyone:
        assert order(path, everyone - {lost}) == [name for name in before if name != lost]


def test_two_edges_of_a_region_share_its_objects() -> None:
    """Each is first for about half of the paths."""
    firsts = [order(f"/demo/image/upload/{number}.jpg", {"fra-a", "fra-b"})[0] for number in range(1000)]
    assert 400 < firsts.count("fra-a") < 600


def test_a_path_is_always_at_home_at_the_same_edge() -> None:
    """The choice remembers nothing: another process chooses the same."""
    assert order("/cat.jpg", {"fra-a", "fra-b", "ash"}) == order("/cat.jpg", {"fra-b", "ash", "fra-a"})
