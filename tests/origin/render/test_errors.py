import pytest

from origin.render.errors import REFUSALS, RenderFailed, reason_of, refusal
from wire.errors import MediaError, NotFound


@pytest.mark.parametrize(("reason", "kind"), REFUSALS.items())
def test_a_refusal_keeps_its_kind_and_sentences_across_the_pipe(reason: str, kind: type[MediaError]) -> None:
    """The worker decides between the viewer's fault and ours; the status must not change on the way."""
    rebuilt = refusal(reason, "what a viewer may read", "what the log needs")
    assert type(rebuilt) is kind
    assert reason_of(rebuilt) == reason
    assert (rebuilt.public, str(rebuilt)) == ("what a viewer may read", "what the log needs")


def test_an_error_no_worker_should_raise_is_our_own_fault() -> None:
    """Rather a 500 than a status nobody meant."""
    assert reason_of(NotFound("?")) == "render_failed"
    assert isinstance(refusal("from a newer version", "a", "b"), RenderFailed)
