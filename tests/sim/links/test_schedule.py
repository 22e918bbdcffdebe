"""sim.links.schedule: when bytes that enter a link leave it."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.links.schedule import SEGMENT, Link, Schedule

LINKS = st.builds(
    Link,
    rtt_seconds=st.floats(0, 1),
    bits_per_second=st.floats(1e4, 1e10),
    loss=st.sampled_from([0.0, 0.01, 0.5, 1.0]),
)


def test_a_piece_takes_half_a_round_trip_and_its_own_length() -> None:
    """1,000,000 bytes at 8 Mbit/s are a second on the wire; 100 ms of distance one way."""
    schedule = Schedule(Link(0.2, 8e6), Random(1))
    assert schedule.departure(1_000_000, now=5.0) == pytest.approx(6.1)


def test_pieces_queue_for_the_wire_but_not_for_the_distance() -> None:
    """A long pipe holds many pieces at once."""
    schedule = Schedule(Link(2.0, 8e6), Random(1))
    assert [schedule.departure(1_000_000, now=0.0) for _ in range(3)] == pytest.approx([2.0, 3.0, 4.0])


def test_an_idle_wire_saves_nothing_up() -> None:
    """Bandwidth not used is gone."""
    schedule = Schedule(Link(0.0, 8e6), Random(1))
    schedule.departure(1_000_000, now=0.0)
    assert schedule.departure(1_000_000, now=10.0) == pytest.approx(11.0)


def test_a_lost_segment_costs_a_round_trip_and_holds_up_what_follows() -> None:
    """TCP hands bytes over in order."""
    schedule = Schedule(Link(1.0, 1e9, loss=1.0), Random(1))
    first = schedule.departure(SEGMENT, now=0.0)
    assert first == pytest.approx(1.5, rel=1e-3)
    assert schedule.departure(0, now=0.0) >= first


@settings(max_examples=150)
@given(LINKS, st.lists(st.tuples(st.integers(0, 1_000_000), st.floats(0, 1)), max_size=30), st.integers())
def test_nothing_overtakes_and_nothing_arrives_before_it_could(
    link: Link, pieces: list[tuple[int, float]], seed: int
) -> None:
    """Monotone time, whatever is lost; and a whole never comes faster than its rate allows."""
    schedule, now, last, total = Schedule(link, Random(seed)), 0.0, 0.0, 0
    for size, pause in pieces:
        now += pause
        leaves = schedule.departure(size, now)
        total += size
        assert leaves >= last
        assert leaves >= now + link.rtt_seconds / 2 + size * 8 / link.bits_per_second - 1e-9
        assert leaves >= total * 8 / link.bits_per_second - 1e-9
        last = leaves


def test_a_run_can_be_repeated() -> None:
    """The same seed loses the same segments."""
    one, two = (Schedule(Link(0.1, 1e6, 0.3), Random(7)) for _ in range(2))
    assert [one.departure(3000, t) for t in range(20)] == [two.departure(3000, t) for t in range(20)]


@given(LINKS)
def test_a_window_fills_the_link_within_bounds(link: Link) -> None:
    """Smaller, and distance would cap the rate; unbounded, and a slow reader would cost memory."""
    assert 256 * 1024 <= link.window <= 16 << 20
    bandwidth_delay = link.bits_per_second / 8 * link.rtt_seconds
    assert link.window >= min(bandwidth_delay, 16 << 20)
