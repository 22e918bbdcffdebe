"""Which frames `fps` and `vs` keep."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.transform.canonical import canonical
from origin.transform.parse import parse_chain
from origin.transform.plan import Output, Plan, SourceFacts
from origin.transform.resolve import plan
from origin.transform.sampling import count_of, sampled
from wire.errors import InvalidRequest

MOVING = SourceFacts(400, 300, "gif", frames=9)
TENTHS = [100] * 10


@pytest.mark.parametrize(
    ("chain", "text"),
    [
        ("fps_25", "fps_25"),
        ("fps_24-29.97", "fps_29.97"),
        ("fps_20-", ""),
        ("vs_012", "vs_12"),
        ("vs_2.30s", "vs_2.3s"),
        ("fps_5/vs_3", "vs_3"),
        ("vs_3/fps_5,w_10", "c_scale,w_10/fps_5"),
        ("fps_5,vs_3", "vs_3"),
    ],
)
def test_a_spelling_and_its_canonical_text(chain: str, text: str) -> None:
    """Of a range the upper end: frames are never repeated."""
    assert canonical(parse_chain(chain)) == text
    assert canonical(parse_chain(text)) == text


@pytest.mark.parametrize("chain", ["fps_0", "fps_x", "fps_30-20", "vs_0", "vs_s", "vs_0s", "vs_-1", "fps_-5"])
def test_what_is_no_sampling_is_refused(chain: str) -> None:
    with pytest.raises(InvalidRequest, match=r"Invalid (fps|video_sampling) in transformation"):
        parse_chain(chain)


@pytest.mark.parametrize(
    ("sampling", "kept"),
    [
        (None, [(number, 100) for number in range(10)]),
        ("vs_2", [(0, 500), (5, 500)]),
        ("vs_3", [(0, 333), (3, 334), (6, 333)]),
        ("vs_99", [(number, 100) for number in range(10)]),
        ("vs_0.4s", [(0, 400), (4, 400), (8, 200)]),
        ("vs_60s", [(0, 1000)]),
        ("fps_5", [(0, 200), (2, 200), (4, 200), (6, 200), (8, 200)]),
        ("fps_25", [(number, 100) for number in range(10)]),
    ],
)
def test_frames_that_are_kept_and_their_times(sampling: str | None, kept: list[tuple[int, int]]) -> None:
    assert sampled(TENTHS, sampling) == kept


@given(
    st.lists(st.integers(1, 655_350), min_size=1, max_size=60),
    st.one_of(
        st.integers(1, 99).map("vs_{}".format),
        st.integers(1, 999).map("vs_0.{}s".format),
        st.integers(1, 120).map("fps_{}".format),
    ),
)
def test_the_whole_keeps_its_length(times: list[int], sampling: str) -> None:
    kept = sampled(times, sampling)
    numbers = [number for number, _ in kept]
    assert numbers == sorted(set(numbers))
    assert numbers[0] == 0
    assert sum(time for _, time in kept) == sum(times)
    assert len(kept) <= count_of(sampling, len(times))


def test_a_sampling_matters_to_what_moves_alone() -> None:
    made = plan(parse_chain("vs_3"), MOVING)
    assert made.output == Output("gif", animated=True, finish=made.output.finish)
    assert made.output.finish.sampling == "vs_3"
    assert not made.passthrough
    assert Plan.from_json(made.to_json()) == made
    assert plan(parse_chain("vs_3"), SourceFacts(400, 300, "jpg")).passthrough
    assert plan(parse_chain("f_jpg,vs_3"), MOVING) == plan(parse_chain("f_jpg"), MOVING)


def test_fewer_frames_count_as_fewer() -> None:
    """Against the limit of pixels in all frames."""
    long = SourceFacts(1000, 1000, "gif", frames=5000)
    with pytest.raises(InvalidRequest, match="all frames"):
        plan(parse_chain("w_900"), long)
    assert plan(parse_chain("w_900,vs_5"), long).width == 900
