"""What is remembered of the PoPs."""

from edge.balancer.measures import Measures

URL = "http://fra"


def test_an_answer_moves_the_mean_and_the_past_fades() -> None:
    """One slow check is noise; ten are what it is."""
    measures = Measures()
    assert measures.at(URL).answer_seconds is None
    measures.answered(URL, 0.010)
    assert measures.at(URL).answer_seconds == 0.010
    measures.answered(URL, 0.110)
    assert 0.010 < (measures.at(URL).answer_seconds or 0) < 0.060
    for _ in range(10):
        measures.answered(URL, 0.110)
    assert 0.105 < (measures.at(URL).answer_seconds or 0) < 0.110


def test_whoever_is_sent_counts_until_the_pop_is_heard_of_again() -> None:
    """Else all viewers between two reports go to the one who was least busy in the first."""
    measures = Measures()
    measures.told(URL, 5)
    measures.sent(URL)
    measures.sent(URL)
    assert measures.at(URL).running == 7
    measures.told(URL, 6)
    assert measures.at(URL).running == 6
