"""What must hold of any bytes that are taken for a URL or a chain. A broken law is an AssertionError."""

import json
import time

from origin.transform.canonical import canonical
from origin.transform.parse import Chain, parse_chain
from origin.transform.plan import Plan, SourceFacts
from origin.transform.references import Referenced
from origin.transform.resolve import plan
from sim.explain import Question, as_json
from tests.support.gathering import with_all
from wire.delivery import parse
from wire.errors import InternalError, MediaError
from wire.public_ids import has_control_characters

SOURCES = (
    SourceFacts(1280, 853, "jpg"),
    SourceFacts(300, 400, "png", has_alpha=True),
    SourceFacts(40, 30, "gif", frames=5, has_alpha=True),
)
LAYER = Referenced(SourceFacts(200, 100, "png", has_alpha=True), "assumed")
WORDS = (120, 30)
SECONDS_A_KIBIBYTE = 1.0
"""An instrumented parser on a busy machine takes hundredths of this; one that is not linear, many times it."""


def urls(data: bytes) -> None:
    """A URL is taken apart or refused, and what is there is spelled in its parts."""
    with _Linear(data):
        try:
            url = parse(data)
        except MediaError as error:
            _is_sound(error)
            return
    if url.asset_type == "image":
        _chain(url.chain)


def chains(data: bytes) -> None:
    """A chain is read or refused; its canonical text reads to the same, and stays itself; it can be planned."""
    with _Linear(data):
        _chain(data.decode("utf-8", "replace"))


def lines(data: bytes) -> None:
    """`pixeledge explain --jsonl` answers every line with JSON."""
    with _Linear(data):
        told = json.loads(as_json(Question().answer(data)))
    assert "error" not in told or 400 <= told["error"]["status"] < 500, told["error"]


def planned(chain: Chain, facts: SourceFacts) -> Plan:
    """The plan of a chain, everything it wants to know assumed."""
    return with_all(
        lambda gathered: plan(chain, facts, gathered=gathered), image=lambda _: LAYER, words=lambda _: WORDS
    )


def _chain(raw: str) -> None:
    try:
        chain = parse_chain(raw)
    except MediaError as error:
        _is_sound(error)
        return
    text = canonical(chain)
    again = parse_chain(text)
    assert canonical(again) == text, (raw, text, canonical(again))
    if chain.program is None:
        assert again == chain, (raw, text)
    for facts in SOURCES:
        try:
            made = planned(chain, facts)
        except MediaError as error:
            _is_sound(error)
            continue
        assert Plan.from_json(json.loads(json.dumps(made.to_json()))) == made, raw


def _is_sound(error: MediaError) -> None:
    """A refusal is the asker's fault, and its sentence fits into a header line."""
    assert not isinstance(error, InternalError), error
    assert 400 <= error.status < 500, error
    assert not has_control_characters(error.public), error.public


class _Linear:
    """Holds the time that some bytes take to what is linear in them."""

    def __init__(self, data: bytes) -> None:
        self._allowed = SECONDS_A_KIBIBYTE * (1 + len(data) / 1024)

    def __enter__(self) -> None:
        self._began = time.process_time()

    def __exit__(self, *_: object) -> None:
        took = time.process_time() - self._began
        assert took < self._allowed, f"took {took:.2f} s of processor time"
