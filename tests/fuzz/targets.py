"""The targets by name: what takes bytes, where it begins, how large its inputs grow, its share of the time."""

from collections.abc import Callable
from pathlib import Path

from attrs import frozen

from tests.fuzz import language, pictures

DATA = Path(__file__).parents[1] / "data"


@frozen
class Target:
    """Something that must survive any bytes."""

    check: Callable[[bytes], None]
    seeds: Callable[[], dict[str, bytes]]
    most_bytes: int
    share: float


def _chain_seeds() -> dict[str, bytes]:
    lines = (DATA / "plans" / "chains.txt").read_text("utf-8").splitlines()
    kept = [line.split(" ")[1] for line in lines if line and not line.startswith(("#", "=="))]
    return {f"chain-{number}": chain.encode() for number, chain in enumerate(kept)}


def _url_seeds() -> dict[str, bytes]:
    lines = (DATA / "sdk" / "url-gen.txt").read_bytes().splitlines()[::5]
    lines += (DATA / "sdk" / "cloudinary-npm.txt").read_bytes().splitlines()[::2]
    whole = {f"url-{number}": line for number, line in enumerate(lines)}
    return whole | {f"path-{number}": line.partition(b".com")[2] for number, line in enumerate(lines[::3])}


TARGETS = {
    "urls": Target(language.urls, _url_seeds, 1024, 0.2),
    "chains": Target(language.chains, _chain_seeds, 512, 0.35),
    "lines": Target(language.lines, lambda: _chain_seeds() | _url_seeds(), 512, 0.1),
    "pictures": Target(pictures.pictures, pictures.seeds, 8192, 0.35),
}
