"""A journal survives whatever ended the run that wrote it."""

from pathlib import Path

from sim.transfer.journal import Journal, Stamp

ONE, OTHER = Stamp(10, 1), Stamp(10, 2)


def test_what_was_done_is_remembered_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "journal"
    with Journal(path) as journal:
        journal.done("a", ONE)
    with Journal(path) as journal:
        assert journal.has("a", ONE)
        assert not journal.has("a", OTHER)
        assert not journal.has("b", ONE)


def test_a_line_cut_short_is_no_line_and_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with Journal(path) as journal:
        journal.done("a", ONE)
    path.write_text(path.read_text() + '["b", 10')
    with Journal(path) as journal:
        journal.done("c", ONE)
    with Journal(path) as journal:
        assert [journal.has(name, ONE) for name in "abc"] == [True, False, True]
