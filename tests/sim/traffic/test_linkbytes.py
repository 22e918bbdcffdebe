"""sim.traffic.linkbytes: bytes on links, made of what nodes count."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.traffic.linkbytes import LinkBytes


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 10_000), st.booleans()), max_size=30))
def test_all_that_was_carried_since_the_first_look_is_counted_once(
    steps: list[tuple[int, int, bool]],
) -> None:
    """Whatever was before does not count. A node that was started again begins at nothing."""
    links, out, back, expected = LinkBytes(), 7_000_000, 5, 0
    links.note("a", {"a--b": {"out": out, "back": back}}, 0.0)
    for at, (more_out, more_back, is_new) in enumerate(steps):
        is_new = is_new and more_out < out and more_back < back
        out, back = (more_out, more_back) if is_new else (out + more_out, back + more_back)
        links.note("a", {"a--b": {"out": out, "back": back}}, at / 2)
        expected += more_out + more_back
    assert links.totals["a--b"].total() == expected
    assert sum(each.total() for each in links.by_second.values()) == expected


def test_a_link_of_which_two_nodes_tell_is_one() -> None:
    """Viewers come to a PoP through the balancer, and straight."""
    links = LinkBytes()
    for node in ("balancer", "fra"):
        for size in (0, 10):
            links.note(node, {"fra--viewers.eu": {"out": size, "back": 1}}, 0.5)
    assert links.as_plain() == {"fra--viewers.eu": {"out": 20, "back": 0}}
    assert links.busiest() == ["fra--viewers.eu"]
