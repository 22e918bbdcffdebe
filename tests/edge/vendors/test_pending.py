"""Purges that PoPs have still to hear of: numbered, bounded, and there after a restart."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from edge.control.purge import Purge
from edge.vendors.pending import Pending

A, B = Purge(urls=("/a",)), Purge(urls=("/b",))
POPS = ("fra", "sin", "shield")


def urls(pending: Pending, pop: str) -> list[str]:
    return [url for noted in pending.of(pop) for url in noted.purge.urls]


def test_each_pop_hears_of_all_it_has_not_confirmed() -> None:
    pending = Pending()
    first, second = pending.note(A, POPS), pending.note(B, ("fra",))
    pending.confirm(first, ("fra", "shield"))
    assert (urls(pending, "fra"), urls(pending, "sin"), urls(pending, "shield")) == (["/b"], ["/a"], [])
    assert (pending.left(first), pending.left(second)) == (("sin",), ("fra",))
    pending.confirm(second, ("fra",))
    assert pending.pops == ("sin",)


def test_who_may_have_asked_a_parent_that_was_late_hears_of_it_again() -> None:
    """A PoP that forgot in time may have fetched the old object from a shield that had not."""
    pending = Pending()
    number = pending.note(A, POPS)
    pending.confirm(number, ("fra", "sin"))
    assert pending.confirm_late(number, "shield") == ("fra", "sin")
    assert (urls(pending, "fra"), urls(pending, "shield")) == (["/a"], [])
    assert pending.confirm_late(number, "fra") == ()
    assert pending.confirm_late(number, "sin") == ()
    assert pending.pops == ()


def test_what_is_pending_outlives_the_process(tmp_path: Path) -> None:
    path = tmp_path / "vendors" / "pending.jsonl"
    pending = Pending(path)
    number = pending.note(A, POPS)
    pending.confirm(pending.note(B, POPS), POPS)
    pending.confirm(number, ("fra",))
    path.write_text(path.read_text() + '{"number": 1, "conf')  # the end of a process in the middle of a line
    again = Pending(path)
    assert {pop: urls(again, pop) for pop in POPS} == {"fra": [], "sin": ["/a"], "shield": ["/a"]}
    assert again.confirm_late(number, "shield") == ("fra",)
    assert {pop: urls(Pending(path), pop) for pop in POPS} == {"fra": ["/a"], "sin": ["/a"], "shield": []}


def test_who_is_away_for_long_is_to_forget_everything() -> None:
    """What is remembered for one PoP is bounded, and nothing of it is lost."""
    pending = Pending(most=3)
    for number in range(5):
        pending.confirm(pending.note(Purge(urls=(f"/{number}",)), POPS), ("sin", "shield"))
    missed = [noted.purge for noted in pending.of("fra")]
    assert missed == [Purge(everything=True), Purge(urls=("/4",))]


def test_a_pop_that_is_no_more_is_waited_for_no_longer(tmp_path: Path) -> None:
    pending = Pending(tmp_path / "pending.jsonl")
    number = pending.note(A, POPS)
    pending.keep_to(("fra", "shield"))
    assert pending.left(number) == ("fra", "shield")


STEPS = st.lists(st.tuples(st.sampled_from(("note", "confirm", "late")), st.sampled_from(POPS)), max_size=30)


@given(steps=STEPS)
def test_whatever_happens_a_file_holds_what_memory_does(
    tmp_path_factory: object, steps: list[tuple[str, str]]
) -> None:
    """And nothing is pending for ever once every PoP has confirmed all it was told."""
    path = tmp_path_factory.mktemp("pending") / "pending.jsonl"  # type: ignore[attr-defined]
    pending = Pending(path, most=4)
    for step, pop in steps:
        missed = pending.of(pop)
        if step == "note":
            pending.note(A, (pop, POPS[0]))
        elif missed and step == "confirm":
            pending.confirm(missed[0].number, (pop,))
        elif missed:
            pending.confirm_late(missed[0].number, pop)
        assert all(len(pending.of(each)) <= 5 for each in POPS)
    again = Pending(path, most=4)
    assert {each: again.of(each) for each in POPS} == {each: pending.of(each) for each in POPS}
    for _ in range(len(POPS) + 1):
        for each in POPS:
            for noted in pending.of(each):
                pending.confirm_late(noted.number, each)
    assert pending.pops == ()
