"""Files that would be drawn for hours or fill all memory: the deadline and the limit hold for every library."""

from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted
from attrs import define, field
from twisted.internet.defer import Deferred

from origin.render.errors import InvalidImage, OutOfMemory, RenderTimedOut
from origin.render.limits import RenderLimits
from origin.transform.parse import parse_chain
from origin.transform.resolve import plan
from tests.support.documents import assembled, svg
from tests.support.images import ASTRONAUT
from tests.support.rendering import running_pool, until

HEAVY_FILTER = (
    '<filter id="f" x="0" y="0" width="1" height="1">'
    + '<feTurbulence baseFrequency="0.9" numOctaves="200"/><feGaussianBlur stdDeviation="900"/>' * 30
    + '</filter><rect width="5000" height="4000" filter="url(#f)"/>'
)
FORMS = b"<< /XObject << /F 5 0 R >> >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R /Resources %b >>" % FORMS


def slow_svg(folder: Path) -> Path:
    path = folder / "slow.svg"
    path.write_bytes(svg(HEAVY_FILTER, 'width="5000" height="4000"'))
    return path


def slow_pdf(folder: Path) -> Path:
    """Forms that draw forms: ten to the power of eight rectangles."""
    kinds = 9
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        PAGE,
        b"<< /Length 5 >>\nstream\n/F Do\nendstream",
    ]
    for number in range(kinds):
        content = b"/F Do " * 10 if number < kinds - 1 else b"0 0 50 50 re f"
        inner = b"/Resources << /XObject << /F %d 0 R >> >>" % (6 + number) if number < kinds - 1 else b""
        objects.append(
            b"<< /Type /XObject /Subtype /Form /BBox [0 0 100 100] %b /Length %d >>\nstream\n%b\nendstream"
            % (inner, len(content), content)
        )
    path = folder / "slow.pdf"
    path.write_bytes(assembled(objects))
    return path


@define
class ChildrenSeen:
    """The processes that a worker was seen to have."""

    worker: int
    pids: set[int] = field(factory=set)

    def look(self) -> bool:
        """Whether there is any."""
        path = Path(f"/proc/{self.worker}/task/{self.worker}/children")
        self.pids |= {int(each) for each in path.read_text().split()} if path.exists() else set()
        return bool(self.pids)


def is_running(pid: int) -> bool:
    """Neither gone nor waiting for whoever adopted it to take notice."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("make", [slow_svg, slow_pdf])
@pytest_twisted.ensureDeferred
async def test_the_deadline_ends_a_drawing_and_its_process(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    """The worker is killed; the process that draws for it must not outlive it, nor the next job suffer."""
    path = make(tmp_path)
    limits = RenderLimits(deadline_seconds=1.5, drain_seconds=0.2)
    async with running_pool(tmp_path / "scratch", limits) as pool:
        facts = await pool.probe(path)
        (worker,) = pool.pids()
        made = plan(parse_chain("f_jpg,dn_96"), facts)
        rendering = Deferred.fromCoroutine(pool.render(made, path, facts))
        drawing = ChildrenSeen(worker)
        await until(drawing.look)
        with pytest.raises(RenderTimedOut):
            await rendering
        await until(lambda: not any(map(is_running, drawing.pids)))
        assert (await pool.probe(ASTRONAUT)).format == "jpg"


@pytest_twisted.ensureDeferred
async def test_want_of_memory_costs_an_answer_and_no_worker(tmp_path: Path) -> None:
    """A library that aborts when memory ends does so in a process of its own."""
    layers = "".join(f'<g opacity="0.{each + 1}">' for each in range(9))
    path = tmp_path / "deep.svg"
    path.write_bytes(
        svg(layers + '<rect width="5000" height="4000"/>' + "</g>" * 9, 'width="5000" height="4000"')
    )
    limits = RenderLimits(memory_bytes=400 << 20, drain_seconds=0.2)
    async with running_pool(tmp_path / "scratch", limits) as pool:
        before = pool.pids()
        facts = await pool.probe(path)
        with pytest.raises((InvalidImage, OutOfMemory)):
            await pool.render(plan(parse_chain("f_jpg,dn_96"), facts), path, facts)
        assert pool.pids() == before
        assert (await pool.probe(ASTRONAUT)).format == "jpg"
