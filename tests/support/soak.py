"""Many random chains through a real origin process: what came, whether a worker died, what memory did.

python -m tests.support.soak [--chains 2000] [--seed 1]
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import urllib3
from attrs import define, field
from PIL import Image

from bench.measure import family
from sim.gallery.studio import studio
from tests.support.chains import urls
from tests.support.images import PAN_GIF, as_bytes
from tests.support.shop import PICTURES, logo, product, star

SAMPLE_EVERY = 20
MEBI = 1 << 20
EXPLAINED = ("Maximum ", "Invalid effect in transformation: ")
"""How a valid chain's refusal may begin: limits, and corners that a picture's size turns over."""


@define
class Figures:
    """What a soak found."""

    statuses: Counter[int] = field(factory=Counter)
    sentences: Counter[str] = field(factory=Counter)
    unexplained: list[str] = field(
        factory=list
    )  # path and answer of whatever is no picture and no known refusal
    node_bytes: list[int] = field(factory=list)
    worker_bytes: list[int] = field(factory=list)
    workers: set[int] = field(factory=set)  # pids seen
    seconds: float = 0.0

    @property
    def node_growth(self) -> int:
        """Bytes between the median of the second quarter of the run (the first warms up) and of the last."""
        quarter = max(len(self.node_bytes) // 4, 1)
        early, late = sorted(self.node_bytes[quarter : 2 * quarter]), sorted(self.node_bytes[-quarter:])
        return late[len(late) // 2] - early[len(early) // 2]

    def told(self) -> str:
        """For people."""
        count = sum(self.statuses.values())
        lines = [
            f"{count} chains in {self.seconds:.0f} s ({count / self.seconds:.1f}/s); answers {dict(self.statuses)}",
            f"node: MiB {_mebi(self.node_bytes)}; grew by {self.node_growth / MEBI:.1f} after warming up",
            f"workers: {len(self.workers)} processes, MiB {_mebi(self.worker_bytes)}",
            *(f"  {number} × {sentence}" for sentence, number in self.sentences.most_common(20)),
            *(f"  UNEXPLAINED {each}" for each in self.unexplained[:50]),
        ]
        return "\n".join(lines)


def _mebi(sizes: list[int]) -> str:
    return f"{sizes[0] / MEBI:.0f} at first, {max(sizes) / MEBI:.0f} at most, {sizes[-1] / MEBI:.0f} at last"


def assets() -> dict[str, bytes]:
    """Small pictures of every kind that the chains speak of, by name."""
    with Image.open(PAN_GIF) as film:
        frames = []
        for number in range(0, 12, 3):
            film.seek(number)
            frames.append(film.convert("RGB").resize((160, 90)))
    animation = {"save_all": True, "append_images": frames[1:], "duration": 90, "loop": 0}
    return {
        "photo": PICTURES["people/astronaut"],
        "upright": as_bytes(product(), "JPEG", quality=85),
        "cutout": as_bytes(star().resize((240, 200)), "PNG"),
        "film": as_bytes(frames[0], "GIF", **animation),
        "logo": as_bytes(logo(), "PNG"),
        "shapes/star": as_bytes(star(), "WEBP"),
    }


def soak(chains: int, seed: int, told: Callable[[str], None] = lambda _: None) -> Figures:
    """Ask for so many chains, one at a time."""
    figures = Figures()
    http = urllib3.PoolManager(timeout=60.0, retries=False)
    with studio() as origin:
        for name, data in assets().items():
            origin.keep(name, data)
        began = time.monotonic()
        for number, path in enumerate(urls(seed, chains)):
            answer = http.request("GET", origin.url + path)
            _note(figures, path, answer)
            if number % SAMPLE_EVERY == 0:
                _sample(figures, origin.pid)
                told(f"{number} of {chains}")
        _sample(figures, origin.pid)
        figures.seconds = time.monotonic() - began
    return figures


def _note(figures: Figures, path: str, answer: urllib3.BaseHTTPResponse) -> None:
    figures.statuses[answer.status] += 1
    sentence = answer.headers.get("X-Cld-Error", "")
    if sentence:
        figures.sentences[sentence] += 1
    is_picture = answer.status == 200 and answer.headers["Content-Type"].startswith("image/") and answer.data
    if not is_picture and not (answer.status == 400 and sentence.startswith(EXPLAINED)):
        figures.unexplained.append(f"{path} → {answer.status} {sentence}")


def _sample(figures: Figures, pid: int) -> None:
    node, *workers = family(pid)
    figures.node_bytes.append(_resident(node))
    figures.workers |= set(workers)
    figures.worker_bytes.append(max(map(_resident, workers), default=0))


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
    except FileNotFoundError:
        return 0


def main() -> None:
    """Run it and tell; exits with 1 when anything is unexplained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chains", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    figures = soak(arguments.chains, arguments.seed, lambda text: print(text, end="\r", flush=True))
    print(figures.told())
    sys.exit(bool(figures.unexplained))


if __name__ == "__main__":
    main()
