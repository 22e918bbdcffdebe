import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from origin.render.frames import (
    AnalyseDone,
    AnalyseJob,
    BrokenFrame,
    FrameReader,
    JobRefused,
    MarginsDone,
    MarginsJob,
    MeasureDone,
    MeasureJob,
    Message,
    ProbeDone,
    ProbeJob,
    RenderDone,
    RenderJob,
    SeeDone,
    SeeJob,
    WorkerReady,
    decode,
    encode,
)

counts = st.integers(0, 2**53)
texts = st.text(max_size=40)
paths = st.binary(max_size=40).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
documents = st.dictionaries(texts, st.integers() | texts | st.lists(st.integers(), max_size=3), max_size=4)
messages: st.SearchStrategy[Message] = st.one_of(
    st.builds(
        RenderJob,
        number=counts,
        plan=documents,
        facts=documents,
        source=paths,
        target=paths,
        inputs=st.lists(paths, max_size=3),
    ),
    st.builds(MeasureJob, number=counts, text=documents),
    st.builds(MeasureDone, number=counts, width=counts, height=counts, resident_bytes=counts),
    st.builds(AnalyseJob, number=counts, source=paths, names=st.lists(texts, max_size=3)),
    st.builds(AnalyseDone, number=counts, found=documents, resident_bytes=counts),
    st.builds(SeeJob, number=counts, source=paths),
    st.builds(SeeDone, number=counts, sight=documents, resident_bytes=counts),
    st.builds(
        MarginsJob,
        number=counts,
        plan=documents,
        layer=documents,
        level=counts,
        colour=st.just(()) | st.tuples(counts, counts, counts, counts),
        source=paths,
        target=paths,
        inputs=st.lists(paths, max_size=3),
    ),
    st.builds(
        MarginsDone, number=counts, box=st.tuples(counts, counts, counts, counts), resident_bytes=counts
    ),
    st.builds(ProbeJob, number=counts, source=paths, verify=st.booleans()),
    st.builds(WorkerReady, resident_bytes=counts),
    st.builds(
        RenderDone,
        number=counts,
        size=counts,
        width=counts,
        height=counts,
        format=texts,
        md5=texts,
        seconds=st.floats(0, 1e6),
        resident_bytes=counts,
    ),
    st.builds(ProbeDone, number=counts, facts=documents, resident_bytes=counts),
    st.builds(JobRefused, number=counts, reason=texts, public=texts, log=texts, resident_bytes=counts),
)


@given(messages)
def test_a_message_survives_the_pipe(message: Message) -> None:
    """File names that are not UTF-8 included: they travel as surrogate escapes."""
    line = encode(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decode(line) == message


@given(st.lists(messages, max_size=5), st.lists(st.integers(1, 200), max_size=20))
def test_how_the_pipe_chops_does_not_matter(sent: list[Message], cuts: list[int]) -> None:
    """A pipe keeps bytes, not messages."""
    stream = b"".join(map(encode, sent))
    reader, received = FrameReader(), []
    for size in cuts:
        received += reader.feed(stream[:size])
        stream = stream[size:]
    received += reader.feed(stream)
    assert received == sent


@given(st.binary(max_size=300))
@settings(max_examples=200)
def test_noise_is_a_broken_frame_and_nothing_else(noise: bytes) -> None:
    """A worker that speaks nonsense is killed, not believed, and does not take the node with it."""
    with pytest.raises(BrokenFrame):
        FrameReader().feed(noise + b"\n")


@pytest.mark.parametrize(
    "line",
    [
        b"[]",
        b"null",
        b'{"message": "Nonsense"}',
        b'{"message": ["WorkerReady"]}',
        b'{"message": "WorkerReady"}',
        b'{"message": "WorkerReady", "resident_bytes": "many"}',
        b'{"message": "WorkerReady", "resident_bytes": -1}',
        b'{"message": "WorkerReady", "resident_bytes": 1, "more": 2}',
        b"[" * 100_000,
    ],
)
def test_what_is_json_but_no_message_is_refused(line: bytes) -> None:
    """Every field must be there, of its type, and no other."""
    with pytest.raises(BrokenFrame):
        decode(line)


def test_a_line_without_end_is_cut_off() -> None:
    """Otherwise a mad worker could fill the node's memory."""
    reader = FrameReader(line_bytes=100)
    assert reader.feed(b"x" * 100) == []
    with pytest.raises(BrokenFrame, match="more than 100 bytes"):
        reader.feed(b"x")


def test_a_long_line_is_refused_even_when_it_ends() -> None:
    """The bound is on the line, not on how it arrives."""
    with pytest.raises(BrokenFrame):
        FrameReader(line_bytes=100).feed(b"x" * 101 + b"\n")
