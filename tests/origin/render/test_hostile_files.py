"""Damaged and hostile files of every format, through a real worker: an answer for each, and never its death."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from attrs import asdict

from origin.render.errors import REFUSALS
from origin.render.frames import (
    FrameReader,
    JobRefused,
    Message,
    ProbeDone,
    ProbeJob,
    RenderDone,
    RenderJob,
    WorkerReady,
    encode,
)
from origin.render.limits import RenderLimits, to_json
from origin.transform.parse import parse_chain
from origin.transform.plan import SourceFacts
from origin.transform.resolve import plan
from tests.support.documents import QUARTERED_HEIC, QUARTERS, TWO_HEIC, many_pages, pdf, svg
from tests.support.images import BLUE, RED, as_bytes, quartered
from tests.support.photoshop import LayerOf, PathOf, jpeg_with, path_resources, psd
from wire.errors import InvalidRequest

LAYER = LayerOf(quartered(20, 10).convert("RGBA"), 3, 4)
PATHS = path_resources(PathOf("hull"))
TEXT = '<style>.a{fill:url(#g)}</style><text class="a" x="2" y="20">Ab</text><linearGradient id="g"/>'
MUTANTS = 40  # of each seed


def seeds(folder: Path) -> dict[str, bytes]:
    """A small file of each format."""
    tiff = many_pages(folder / "pages.tiff", [quartered(), quartered(20, 10)])
    return {
        "pdf": pdf([((72, 144), RED), ((50, 50), BLUE)]),
        "pdf of pictures": as_bytes(quartered(), "PDF"),
        "svg": svg(QUARTERS + TEXT),
        "psd": psd(quartered(), [LAYER], resources=PATHS, transparent=True),
        "psd zipped": psd(quartered(), [LAYER], packing="zipped", depth=16),
        "heic": QUARTERED_HEIC.read_bytes(),
        "heic of two": TWO_HEIC.read_bytes(),
        "jp2": as_bytes(quartered(), "JPEG2000"),
        "tga": as_bytes(quartered(), "TGA", compression="tga_rle"),
        "tiff": tiff.read_bytes(),
        "ico": as_bytes(quartered(64, 64), "ICO", sizes=[(16, 16), (64, 64)]),
        "jpeg with paths": jpeg_with(as_bytes(quartered(), "JPEG"), PATHS),
    }


def mutants(seed: bytes, rng: Random) -> Iterator[bytes]:
    """Bytes changed, doubled, dropped, and the end cut off; mostly near the start, where structure is."""
    for _ in range(MUTANTS):
        damaged = bytearray(seed)
        for _ in range(rng.randint(1, 8)):
            at = min(int(rng.random() ** 2 * len(damaged)), len(damaged) - 1)
            match rng.randrange(4):
                case 0:
                    damaged[at] = rng.randrange(256)
                case 1:
                    damaged[at] ^= 1 << rng.randrange(8)
                case 2:
                    damaged[at:at] = damaged[at : at + rng.randint(1, 40)]
                case _:
                    del damaged[at : at + rng.randint(1, 20)]
        if rng.random() < 0.2:
            del damaged[rng.randrange(1, len(damaged)) :]
        yield bytes(damaged)


class Worker:
    """A real one, asked one thing at a time."""

    def __init__(self, limits: RenderLimits) -> None:
        command = [sys.executable, "-P", "-m", "origin.render.worker", to_json(limits), str(os.getpid())]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._frames = FrameReader()
        assert isinstance(self._heard(), WorkerReady)

    def ask(self, job: Message) -> Message:
        assert self._process.stdin is not None
        self._process.stdin.write(encode(job))
        self._process.stdin.flush()
        return self._heard()

    def _heard(self) -> Message:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the worker died: {self._process.wait(10)}"
        (message,) = self._frames.feed(line)
        return message

    def end(self) -> None:
        self._process.communicate(timeout=20)
        assert self._process.returncode == 0


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    it = Worker(RenderLimits(deadline_seconds=300))  # one process for all: its CPU adds up
    yield it
    it.end()


def facts_of(answer: ProbeDone) -> SourceFacts:
    return SourceFacts(**json.loads(json.dumps(answer.facts)))


def shown(worker: Worker, path: Path, facts: SourceFacts, chain: str) -> Message:
    target = path.with_name("shown")
    target.unlink(missing_ok=True)
    made = plan(parse_chain(chain), facts)
    return worker.ask(
        RenderJob(number=2, plan=made.to_json(), facts=asdict(facts), source=str(path), target=str(target))
    )


@pytest.mark.parametrize(
    "kind", ["pdf", "pdf of pictures", "svg", "psd", "psd zipped", "heic", "heic of two"]
)
@pytest.mark.parametrize("chain", ["w_30/f_png", "f_png"])
def test_what_is_whole_is_shown(worker: Worker, tmp_path: Path, kind: str, chain: str) -> None:
    """The seeds are good files, or the rest would prove nothing."""
    path = tmp_path / "whole"
    path.write_bytes(seeds(tmp_path)[kind])
    probed = worker.ask(ProbeJob(number=1, source=str(path), verify=True))
    assert isinstance(probed, ProbeDone)
    assert isinstance(shown(worker, path, facts_of(probed), chain), RenderDone)


@pytest.mark.parametrize("number", range(12))
def test_what_is_damaged_is_shown_or_refused(worker: Worker, tmp_path: Path, number: int) -> None:
    """The header alone, all of it, then a picture of its first and of its last page."""
    kind, seed = list(seeds(tmp_path).items())[number]
    answered = 0
    for damaged in mutants(seed, Random(f"{kind} 1")):
        path = tmp_path / "damaged"
        path.write_bytes(damaged)
        probed = worker.ask(ProbeJob(number=1, source=str(path), verify=False))
        answers = [worker.ask(ProbeJob(number=1, source=str(path), verify=True))]
        if isinstance(probed, ProbeDone):
            facts = facts_of(probed)
            with suppress(InvalidRequest):  # planning refuses what is too large
                answers += [
                    shown(worker, path, facts, f"pg_{page},w_20/f_png") for page in {1, facts.page_count}
                ]
        for answer in (probed, *answers):
            if isinstance(answer, JobRefused):
                assert REFUSALS[answer.reason].status == 400, answer.log
            answered += 1
    assert answered >= 2 * MUTANTS
