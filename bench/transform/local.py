"""In the process: every row by every peer, in turns, at level quality."""

import io
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from attrs import define, field
from PIL import Image

from bench.measure import median
from bench.transform.peers import COMMANDS, Peer, running
from bench.transform.rows import QUALITY, Row, sources

PEERS = ("sharp", "pyvips")
SEARCH_STEPS = 5


@define
class Result:
    """What one program did for one row."""

    quality: int | None = None
    score: float | None = None
    bytes: int = 0
    cpu: list[float] = field(factory=list)
    later: list[float] = field(factory=list)  # ours, painted from the mezzanine

    @property
    def milliseconds(self) -> float:
        return median(self.cpu)


def measured(rows: Sequence[Row], rounds: int, folder: Path) -> dict[Row, dict[str, Result]]:
    """Peers' qualities are searched once so that they score as ours; then all take turns."""
    with ExitStack() as stack:
        peers = {name: stack.enter_context(running(name, COMMANDS[name])) for name in COMMANDS}
        judge = peers.pop("judge")
        files = sources(folder)
        results: dict[Row, dict[str, Result]] = {}
        for row in rows:
            table = _Table(row, files[row.source], folder, peers, judge)
            results[row] = {name: table.level(name) for name in peers}
        for _ in range(rounds):
            for row in rows:
                table = _Table(row, files[row.source], folder, peers, judge)
                for name, result in results[row].items():
                    result.cpu.append(table.carried_out(name, result.quality))
                results[row]["pixeledge"].later.append(table.carried_out("pixeledge", None, later=True))
        return results


@define
class _Table:
    row: Row
    source: Path
    folder: Path
    peers: Mapping[str, Peer]
    judge: Peer
    ours: Result = field(init=False, factory=Result)

    def carried_out(self, name: str, quality: int | None, *, later: bool = False) -> float:
        """CPU milliseconds of one render."""
        common: dict[str, Any] = {"source": str(self.source), "target": str(self.target(name))}
        if name == "pixeledge":
            return self.peers[name].ask({**common, "chain": self.row.full_chain(), "from_mezzanine": later})
        return self.peers[name].ask({**common, "wish": self.row.wish.to_json(), "quality": quality})

    def target(self, name: str) -> Path:
        return self.folder / f"{name}.{self.row.wish.format}"

    def level(self, name: str) -> Result:
        """A result of our quality; of several peers' qualities the one whose score is nearest to ours."""
        if not self.row.wish.is_lossy or self.row.wish.animated:
            return self._at(name, QUALITY if self.row.wish.is_lossy else None)
        if name == "pixeledge":
            self.ours = self._at(name, None)
            return self.ours
        low, high = 40, 98
        found: list[Result] = []
        for _ in range(SEARCH_STEPS):
            middle = (low + high) // 2
            found.append(self._at(name, middle))
            if (found[-1].score or 0) < (self.ours.score or 0):
                low = middle
            else:
                high = middle
        return min(found, key=lambda each: abs((each.score or 0) - (self.ours.score or 0)))

    def _at(self, name: str, quality: int | None) -> Result:
        self.carried_out(name, quality)
        path = self.target(name)
        return Result(quality, self._score(path), path.stat().st_size)

    def _score(self, path: Path) -> float | None:
        if self.row.wish.animated or self.row.wish.blur:
            return None
        true, seen = self.folder / "true.png", self.folder / "seen.png"
        reference(self.row, self.source).save(true)
        with Image.open(io.BytesIO(path.read_bytes())) as image:
            on_white(image).save(seen)
        return self.judge.ask([str(true), str(seen)])


def reference(row: Row, source: Path) -> Image.Image:
    """The picture as it would be without haste: decoded whole, one Lanczos pass, no loss after it."""
    with Image.open(source) as image:
        whole = image.convert("RGBA" if image.has_transparency_data else "RGB")
    width, height = row.wish.width, row.wish.height
    if height is None:
        height = round(whole.height * width / whole.width)
    ratio = max(width / whole.width, height / whole.height)
    across, down = width / ratio, height / ratio
    left, top = (whole.width - across) / 2, (whole.height - down) / 2
    return on_white(
        whole.resize((width, height), Image.Resampling.LANCZOS, (left, top, left + across, top + down))
    )


def on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    ground = Image.new("RGBA", image.size, "white")
    ground.alpha_composite(image.convert("RGBA"))
    return ground.convert("RGB")
