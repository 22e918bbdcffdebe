"""Who is up."""

from hypothesis import given
from hypothesis import strategies as st

from edge.upstream.standings import LEAST_SHARE, UNPROBED_PAUSE_SECONDS, Miss, Standing, Standings

URL = "http://fra"


class Watcher:
    """Standings of one upstream at a time of our own."""

    def __init__(self, *, is_probed: bool = True) -> None:
        self.time = 0.0
        self.changes: list[Standing] = []
        self.suspected: list[str] = []
        self.standings = Standings(now=lambda: self.time, fall=2, rise=2)
        self.standings.on_change = lambda url, standing, reason: self.changes.append(standing)
        self.standings.on_suspect = self.suspected.append
        self.standings.watch([URL], is_probed=is_probed)


def test_two_missed_checks_eject_and_two_passed_ones_return() -> None:
    """One missed check is noise."""
    watcher = Watcher()
    for step, standing in (
        (watcher.standings.check_missed, Standing.UP),
        (watcher.standings.check_missed, Standing.DOWN),
    ):
        step(URL, "refused")
        assert watcher.standings.records[URL].standing is standing
    watcher.standings.check_passed(URL)
    assert not watcher.standings.is_up(URL)
    watcher.standings.check_passed(URL)
    assert watcher.standings.is_up(URL)
    assert watcher.changes == [Standing.DOWN, Standing.UP]


def test_silent_is_who_is_down_and_does_not_even_say_so() -> None:
    """Who says that it is not ready can still be asked, and answers for itself."""
    watcher = Watcher()
    said = [False]
    for how in (Miss.UNANSWERED, Miss.REFUSED, Miss.UNREADY, Miss.UNANSWERED):
        watcher.standings.check_missed(URL, "…", how)
        said.append(watcher.standings.is_silent(URL))
    for _ in range(2):
        watcher.standings.check_passed(URL)
        said.append(watcher.standings.is_silent(URL))
    assert said == [False, False, True, False, True, False, False]


def test_out_of_reach_is_who_lets_whoever_asks_wait_for_nothing() -> None:
    """Who refuses costs nobody time, and may be back before the checks have found out."""
    watcher = Watcher()
    said = []
    for how in (Miss.UNANSWERED, Miss.UNANSWERED, Miss.REFUSED, Miss.UNREADY, Miss.UNANSWERED):
        watcher.standings.check_missed(URL, "…", how)
        said.append(watcher.standings.is_out_of_reach(URL))
    watcher.standings.check_passed(URL)
    assert not watcher.standings.is_up(URL)
    said.append(watcher.standings.is_out_of_reach(URL))
    assert said == [False, True, False, False, True, False]


def test_who_is_away_is_no_help() -> None:
    """All who are there are silent, whatever one says who is not there."""
    watcher, other = Watcher(), "http://away"
    watcher.standings.watch([other])
    for _ in range(2):
        watcher.standings.check_missed(URL, "…")
    assert not watcher.standings.are_silent([URL, other])
    watcher.standings.leave(other)
    assert watcher.standings.are_silent([URL, other])


def test_a_pass_between_forgives_a_miss() -> None:
    """Only misses in a row count."""
    watcher = Watcher()
    for _ in range(5):
        watcher.standings.check_missed(URL, "late")
        watcher.standings.check_passed(URL)
    assert watcher.changes == []


def test_a_failed_request_ejects_at_once_and_asks_for_a_check() -> None:
    """A killed edge must not see a second viewer; who is innocent is back after two checks."""
    watcher = Watcher()
    watcher.standings.failed(URL)
    assert not watcher.standings.is_up(URL)
    assert watcher.standings.may_serve(URL)
    assert watcher.suspected == [URL]
    watcher.standings.check_passed(URL)
    watcher.standings.check_passed(URL)
    assert watcher.standings.is_up(URL)


def test_a_suspect_that_misses_a_check_is_down() -> None:
    """Two witnesses agree."""
    watcher = Watcher()
    watcher.standings.failed(URL)
    watcher.standings.check_missed(URL, "refused")
    assert not watcher.standings.may_serve(URL)


def test_an_unprobed_suspect_gets_another_chance_after_a_pause() -> None:
    """Nothing but a viewer's request can tell that it is back."""
    watcher = Watcher(is_probed=False)
    watcher.standings.failed(URL)
    assert not watcher.standings.is_up(URL)
    watcher.time += UNPROBED_PAUSE_SECONDS
    assert watcher.standings.is_up(URL)
    watcher.standings.succeeded(URL)
    assert watcher.changes == [Standing.SUSPECT, Standing.UP]


@given(st.lists(st.sampled_from(["passed", "missed", "failed", "succeeded"]), max_size=40))
def test_an_upstream_is_up_exactly_when_nothing_bad_came_after_two_passes(events: list[str]) -> None:
    """A reference in words: replay the events, compare at every step."""
    watcher = Watcher()
    is_up, passes, misses = True, 0, 0
    for event in events:
        match event:
            case "passed":
                watcher.standings.check_passed(URL)
                passes, misses = passes + 1, 0
                is_up = is_up or passes >= 2
            case "missed":
                watcher.standings.check_missed(URL, "late")
                passes, misses = 0, misses + 1
                is_up = is_up and misses < 2
            case "failed":
                watcher.standings.failed(URL)
                passes, is_up = 0, False
            case _:
                watcher.standings.succeeded(URL)
        assert watcher.standings.is_up(URL) == is_up
        assert not (is_up and not watcher.standings.may_serve(URL))


def test_who_was_down_gets_its_viewers_back_a_few_at_a_time() -> None:
    """Its share grows with the time since it returned; a mere suspicion takes nothing away for longer."""
    watcher = Watcher()
    standings = watcher.standings
    standings.slow_return_seconds = 10.0

    def passes() -> None:
        standings.check_passed(URL)
        standings.check_passed(URL)

    passes()
    standings.failed(URL)
    passes()
    assert (standings.is_up(URL), standings.share(URL)) == (True, 1.0)
    standings.failed(URL)
    standings.check_missed(URL, "refused")
    passes()
    shares = []
    for watcher.time in (0.0, 2.5, 5.0, 10.0, 60.0):
        shares.append(standings.share(URL))
    assert shares == [LEAST_SHARE, 0.25, 0.5, 1.0, 1.0]
    assert standings.records[URL].ejections == 2


def test_who_was_never_up_begins_with_everything() -> None:
    """A world that starts is not a world that returns: its balancer may be there before its PoPs."""
    watcher = Watcher()
    watcher.standings.slow_return_seconds = 10.0
    for check in ("missed", "missed", "passed", "passed"):
        if check == "missed":
            watcher.standings.check_missed(URL, "refused")
        else:
            watcher.standings.check_passed(URL)
    assert (watcher.standings.is_up(URL), watcher.standings.share(URL)) == (True, 1.0)


def test_whoever_is_forgotten_is_another_as_far_as_is_known() -> None:
    """What was chosen by the old one's health is to be chosen anew: an instance that was down has a successor."""
    watcher = Watcher()
    for _ in range(2):
        watcher.standings.check_missed(URL, "refused")
    before = watcher.standings.mark
    watcher.standings.forget(URL)
    assert watcher.standings.is_up(URL)
    assert watcher.standings.mark not in (None, before)
