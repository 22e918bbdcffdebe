"""What a visit found is of the past once something left the cache or its key was written to."""

from edge.cache.visits import Visits


def test_nothing_overtakes_a_visit_in_peace() -> None:
    visits = Visits()
    visit = visits.begin("/a")
    visits.written("/b")
    assert not visits.is_overtaken(visit)
    assert visits.is_undisturbed(visit)


def test_what_is_stored_overtakes_visits_of_its_key_alone() -> None:
    """And none that began after it."""
    visits = Visits()
    visit, other = visits.begin("/a"), visits.begin("/b")
    visits.written("/a")
    later = visits.begin("/a")
    assert [visits.is_overtaken(each) for each in (visit, other, later)] == [True, False, False]
    assert visits.is_undisturbed(visit)  # nothing left


def test_what_leaves_overtakes_every_visit_that_was_under_way() -> None:
    """From its beginning to its end: before, nobody knows in which order the disk does both."""
    visits = Visits()
    before = visits.begin("/a")
    with visits.removing():
        during = visits.begin("/b")
        assert [visits.is_overtaken(each) for each in (before, during)] == [True, False]
        assert visits.is_removing
        assert not visits.is_undisturbed(during)
    after = visits.begin("/a")
    assert [visits.is_overtaken(each) for each in (before, during, after)] == [True, True, False]
    assert [visits.is_undisturbed(each) for each in (before, during, after)] == [False, False, True]
