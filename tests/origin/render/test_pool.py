import os
import signal
import sys
from hashlib import md5
from pathlib import Path

import pytest
import pytest_twisted
from PIL import Image
from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred

from origin.render import faces
from origin.render.errors import (
    InvalidImage,
    OutOfMemory,
    RenderFailed,
    RenderQueueFull,
    RenderStopped,
    RenderTimedOut,
    TextRefused,
    TooManyPixels,
)
from origin.render.limits import RenderLimits
from origin.render.providers import Command
from origin.transform.composite import Composite, File, Text
from origin.transform.plan import Flip, Input, Output, Plan, Provided, Resample, SourceFacts
from origin.transform.references import Look, Margins
from tests.support.images import ASTRONAUT, DOGS, cut_short, png_bomb, saved
from tests.support.rendering import end, endless, is_alive, running_pool, scaled_plan, until
from wire.errors import MediaError

FACTS = SourceFacts(512, 512, "jpg")


@pytest_twisted.ensureDeferred
async def test_a_photograph_is_probed_and_rendered(tmp_path: Path) -> None:
    """The whole way: queue, pipe, child, Pillow, file, answer."""
    async with running_pool(tmp_path / "scratch") as pool:
        facts = await pool.probe(DOGS, verify=True)
        assert facts == SourceFacts(1600, 1065, "jpg", DOGS.stat().st_size, orientation=6, density=72.0)
        plan = Plan(True, (Resample((0.0, 0.0, 1065.0, 1600.0), 213, 320),), Output("webp"), 213, 320)
        result = await pool.render(plan, DOGS, facts)
        assert (result.width, result.height, result.format) == (213, 320, "webp")
        assert result.path.parent == tmp_path / "scratch"
        data = result.path.read_bytes()
        assert (result.size, result.md5) == (len(data), md5(data, usedforsecurity=False).hexdigest())
        assert result.seconds > 0
        with Image.open(result.path) as image:
            assert (image.format, image.size) == ("WEBP", (213, 320))
        assert pool.counters.completed == 2
        assert pool.counters.spawned == 1


@pytest_twisted.ensureDeferred
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the kernel does not tell peaks")
async def test_a_photograph_of_twelve_megapixels_takes_less_than_eighty_megabytes(tmp_path: Path) -> None:
    """libjpeg scales while it decodes: the whole canvas alone would take 48."""
    noise = Image.effect_noise((400, 300), 80).resize((4000, 3000)).convert("RGB")
    path = saved(noise, tmp_path / "photo.jpg", quality=85)
    whole = (0.0, 0.0, 4000.0, 3000.0)
    async with running_pool(tmp_path / "scratch") as pool:
        for to in ("jpg", "webp", "avif"):
            plan = Plan(True, (Resample(whole, 400, 300),), Output(to, quality=80, auto=None), 400, 300)
            await pool.render(plan, path, SourceFacts(4000, 3000, "jpg"))
        told = Path(f"/proc/{pool.pids()[0]}/status").read_text()
        peak = next(line.split()[1] for line in told.splitlines() if line.startswith("VmHWM"))
        assert int(peak) < 80_000


@pytest_twisted.ensureDeferred
async def test_providers_are_brought_along_wherever_a_plan_asks_them(tmp_path: Path) -> None:
    """For the pictures of a sequence too: with them comes the time they may take."""
    copy = Command((sys.executable, "-c", "import shutil, sys; shutil.copy(*sys.argv[1:3])"), 9.0, 1 << 30)
    frame = Composite(File(0, 64, 64), (Provided("enhance", "me", (), 64, 64),), 64, 64)
    plan = Plan(
        True,
        scaled_plan().operations,
        Output("gif", animated=True),
        64,
        64,
        inputs=(Input("upload", "second", "1"),),
        further=(frame,),
    )
    second = saved(Image.new("RGB", (64, 64), "red"), tmp_path / "second.png")
    async with running_pool(tmp_path / "scratch", providers={"enhance": copy}) as pool:
        made = await pool.render(plan, ASTRONAUT, FACTS, [second])
        with Image.open(made.path) as image:
            assert image.n_frames == 2  # type: ignore[attr-defined]  # of a GIF


@pytest_twisted.ensureDeferred
async def test_a_worker_that_dies_while_a_provider_works_leaves_no_file(tmp_path: Path) -> None:
    """Neither of a render nor of a look for margins: the node removes what the worker cannot."""
    murder = Command((sys.executable, "-c", "import os; os.kill(os.getppid(), 9)"), 9.0, 1 << 30)
    work = (Provided("enhance", "me", (), 512, 512),)
    scratch = tmp_path / "scratch"
    async with running_pool(scratch, providers={"enhance": murder}) as pool:
        with pytest.raises(MediaError):
            await pool.render(Plan(True, work, Output("png"), 512, 512), ASTRONAUT, FACTS)
        assert list(scratch.iterdir()) == []
        with pytest.raises(MediaError):
            await pool.margins(Margins(Look(None, True, work, ()), 10, None), ASTRONAUT, FACTS)
        assert list(scratch.iterdir()) == []


@pytest_twisted.ensureDeferred
async def test_words_are_measured_and_a_missing_font_is_named(tmp_path: Path) -> None:
    """A plan needs their size before it can place them."""
    async with running_pool(tmp_path / "scratch") as pool:
        small, large = [await pool.measure(Text("words", "Arial", size)) for size in (20, 40)]
        assert 0 < small[0] < large[0]
        assert small[1] < large[1]
        with pytest.raises(TextRefused, match="Font Wobbly is not installed"):
            await pool.measure(Text("words", "Wobbly", 20))
        assert pool.counters.spawned == 1


@pytest_twisted.ensureDeferred
async def test_a_picture_is_looked_at_under_the_limits_of_any_job(tmp_path: Path) -> None:
    """The detector, where there is one, fits into a worker; what is no picture costs it nothing."""
    text = tmp_path / "text.jpg"
    text.write_text("I am no picture\n" * 100)
    facts = SourceFacts(512, 512, "jpg")
    async with running_pool(tmp_path / "scratch") as pool:
        sight = await pool.see(ASTRONAUT, facts)
        assert (None if sight.faces is None else len(sight.faces)) == (None if faces.name() == "none" else 1)
        assert (sight.importance.width, sight.importance.height) == (64, 64)
        with pytest.raises(InvalidImage):
            await pool.see(text, facts)
        assert pool.counters.spawned == 1


@pytest_twisted.ensureDeferred
async def test_what_a_trim_leaves_is_told_of_pictures_files_and_words(tmp_path: Path) -> None:
    """Part of the way through their chains."""
    canvas = Image.new("RGB", (100, 60), "white")
    canvas.paste((255, 0, 0), (10, 5, 50, 25))
    path = saved(canvas, tmp_path / "framed.png")
    facts = SourceFacts(100, 60, "png")
    halved = (Resample((0.0, 0.0, 100.0, 60.0), 50, 30),)
    file, words = File(0, 100, 60), Text("words", "Arial", 20, border=9, background=(0, 0, 0, 255))
    entry = Input("upload", "framed", "1")
    async with running_pool(tmp_path / "scratch") as pool:
        whole = Margins(Look(None, True, (), ()), 10, None)
        assert await pool.margins(whole, path, facts) == (10, 5, 40, 20)
        half = Margins(Look(None, True, halved, ()), 30, (255, 255, 255, 255))
        assert await pool.margins(half, path, facts) == (5, 2, 20, 11)
        layer = Margins(Look(file, True, (), (entry,)), 10, None)
        assert await pool.margins(layer, path, facts, [path]) == (10, 5, 40, 20)
        written = Margins(Look(words, True, (), ()), 10, None)
        _, _, width, height = await pool.margins(written, None, facts)
        outer = await pool.measure(words)
        assert (width, height) < outer


@pytest_twisted.ensureDeferred
async def test_bad_sources_are_refused_and_the_worker_serves_on(tmp_path: Path) -> None:
    """The table of bad input, each with its sentence, all by one process."""
    text = tmp_path / "text.jpg"
    text.write_text("I am no picture\n" * 100)
    cut = cut_short(ASTRONAUT, tmp_path / "cut.jpg")
    bomb = png_bomb(tmp_path / "bomb.png")
    async with running_pool(tmp_path / "scratch") as pool:
        for path in (text, cut):
            with pytest.raises(InvalidImage, match="while reading") as invalid:
                await pool.probe(path, verify=True)
            assert (invalid.value.status, invalid.value.public) == (400, "Invalid image file")
        with pytest.raises(TooManyPixels) as large:
            await pool.probe(bomb)
        assert large.value.public == "Maximum image size is 25 Megapixels. Requested 400 Megapixels"
        with pytest.raises(InvalidImage):
            await pool.render(scaled_plan(), cut, FACTS)
        with pytest.raises(TooManyPixels):
            await pool.render(scaled_plan(), bomb, FACTS)
        with pytest.raises(RenderFailed) as ours:
            await pool.render(scaled_plan(), tmp_path / "missing.jpg", FACTS)
        assert (ours.value.status, ours.value.public) == (500, "Transformation failed")
        assert "FileNotFoundError" in str(ours.value)
        (await pool.render(scaled_plan(), ASTRONAUT, FACTS)).path.unlink()
        assert pool.counters.refused == 6
        assert pool.counters.spawned == 1
        assert list((tmp_path / "scratch").iterdir()) == []


@pytest_twisted.ensureDeferred
async def test_a_job_past_its_deadline_is_killed_and_its_worker_replaced(tmp_path: Path) -> None:
    """Only that job: the next one is rendered by a fresh process."""
    limits = RenderLimits(deadline_seconds=1.0, drain_seconds=0.2)
    async with running_pool(tmp_path / "scratch", limits) as pool:
        (hung,) = pool.pids()
        late = Deferred.fromCoroutine(pool.probe(endless(tmp_path)))
        behind = Deferred.fromCoroutine(pool.render(scaled_plan(), ASTRONAUT, FACTS))
        with pytest.raises(RenderTimedOut) as refused:
            await late
        assert (refused.value.status, refused.value.public) == (503, "Transformation timed out")
        assert refused.value.retry_after_seconds > 0
        assert not is_alive(hung)
        assert (await behind).width == 64
        assert (pool.counters.timed_out, pool.counters.spawned) == (1, 2)


@pytest_twisted.ensureDeferred
async def test_a_crash_fails_only_its_own_job(tmp_path: Path) -> None:
    """A codec's segmentation fault, or the kernel's OOM killer."""
    async with running_pool(tmp_path / "scratch") as pool:
        (doomed,) = pool.pids()
        lost = Deferred.fromCoroutine(pool.probe(endless(tmp_path)))
        behind = Deferred.fromCoroutine(pool.probe(ASTRONAUT))
        assert (pool.jobs_running, pool.jobs_waiting) == (1, 1)
        os.kill(doomed, signal.SIGSEGV)
        with pytest.raises(RenderFailed, match=f"worker {doomed}") as refused:
            await lost
        assert refused.value.public == "Transformation failed"
        assert (await behind).width == 512
        assert (pool.counters.crashed, pool.counters.completed) == (1, 1)


@pytest_twisted.ensureDeferred
async def test_an_idle_worker_that_dies_is_replaced(tmp_path: Path) -> None:
    """Nobody notices."""
    async with running_pool(tmp_path / "scratch") as pool:
        (doomed,) = pool.pids()
        os.kill(doomed, signal.SIGKILL)
        await until(lambda: pool.counters.spawned == 2)
        assert doomed not in pool.pids()
        assert (await pool.probe(ASTRONAUT)).width == 512


@pytest_twisted.ensureDeferred
async def test_a_job_beyond_its_memory_is_refused_and_the_worker_serves_on(tmp_path: Path) -> None:
    """RLIMIT_AS turns it into a MemoryError, not into the machine's trouble."""
    limits = RenderLimits(memory_bytes=200 << 20, input_megapixels=150, output_megapixels=150)
    large = png_bomb(tmp_path / "large.png", 10_000, 10_000)
    plan = Plan(True, (Flip(True),), Output("png"), 10_000, 10_000)
    async with running_pool(tmp_path / "scratch", limits) as pool:
        with pytest.raises(OutOfMemory) as refused:
            await pool.render(plan, large, SourceFacts(10_000, 10_000, "png"))
        assert (refused.value.status, refused.value.public) == (400, "File size too large")
        assert (await pool.probe(ASTRONAUT)).width == 512
        assert pool.counters.spawned == 1
        assert list((tmp_path / "scratch").iterdir()) == []


@pytest_twisted.ensureDeferred
async def test_a_full_queue_turns_away_at_once(tmp_path: Path) -> None:
    """Running and waiting jobs count together; the rest is told when to come again."""
    async with running_pool(tmp_path / "scratch", RenderLimits(queue=2, drain_seconds=0.1)) as pool:
        held = Deferred.fromCoroutine(pool.probe(endless(tmp_path)))
        waits = Deferred.fromCoroutine(pool.probe(ASTRONAUT))
        with pytest.raises(RenderQueueFull) as refused:
            await pool.probe(ASTRONAUT)
        assert (refused.value.status, refused.value.public) == (503, "Too many transformations at once")
        assert refused.value.retry_after_seconds == 1
        assert pool.counters.turned_away == 1
        await end(tmp_path / "endless.jpg")
        with pytest.raises(InvalidImage):
            await held
        assert (await waits).width == 512


@pytest_twisted.ensureDeferred
async def test_a_job_that_waits_too_long_is_turned_away(tmp_path: Path) -> None:
    """Its viewer has left long ago."""
    limits = RenderLimits(waiting_seconds=0.1, drain_seconds=0.1)
    async with running_pool(tmp_path / "scratch", limits) as pool:
        held = Deferred.fromCoroutine(pool.probe(endless(tmp_path)))
        with pytest.raises(RenderQueueFull):
            await pool.probe(ASTRONAUT)
        assert (pool.jobs_running, pool.jobs_waiting) == (1, 0)
        held.addErrback(lambda failure: failure.trap(RenderStopped))


@pytest_twisted.ensureDeferred
async def test_a_cancelled_job_that_waits_never_runs(tmp_path: Path) -> None:
    """Nobody wants it."""
    async with running_pool(tmp_path / "scratch") as pool:
        held = Deferred.fromCoroutine(pool.probe(endless(tmp_path)))
        waits = Deferred.fromCoroutine(pool.render(scaled_plan(), ASTRONAUT, FACTS))
        assert pool.jobs_waiting == 1
        waits.cancel()
        with pytest.raises(CancelledError):
            await waits
        assert pool.jobs_waiting == 0
        await end(tmp_path / "endless.jpg")
        with pytest.raises(InvalidImage):
            await held
        assert pool.counters.completed == 0
        assert pool.counters.abandoned == 1


@pytest_twisted.ensureDeferred
async def test_a_pool_tells_how_hard_it_is_pressed(tmp_path: Path) -> None:
    """By whoever waits and whatever runs; what is not urgent waits and is not counted."""
    async with running_pool(tmp_path / "scratch") as pool:
        held = Deferred.fromCoroutine(pool.probe(endless(tmp_path)))
        calm = Deferred.fromCoroutine(pool.render(scaled_plan(), ASTRONAUT, FACTS, is_urgent=False))
        now = reactor.seconds()
        assert pool.pressure.at(now + 9.0).queue_wait_seconds < 1.0
        waits = Deferred.fromCoroutine(pool.probe(ASTRONAUT))
        assert pool.pressure.at(now + 9.0).queue_wait_seconds > 8.0
        assert pool.pressure.at(now + 9.0).utilisation == 1.0
        waits.addErrback(lambda failure: failure.trap(CancelledError))
        waits.cancel()
        assert pool.pressure.at(now + 9.0).queue_wait_seconds < 1.0
        for each in (held, calm):
            each.addErrback(lambda failure: failure.trap(RenderStopped))


@pytest_twisted.ensureDeferred
async def test_a_cancelled_job_that_runs_leaves_no_file(tmp_path: Path) -> None:
    """It finishes, since a worker is dearer than a picture; the result has no owner and goes."""
    async with running_pool(tmp_path / "scratch") as pool:
        runs = Deferred.fromCoroutine(pool.render(scaled_plan(), ASTRONAUT, FACTS))
        assert pool.jobs_running == 1
        runs.cancel()
        with pytest.raises(CancelledError):
            await runs
        await until(lambda: pool.counters.completed == 1)
        assert list((tmp_path / "scratch").iterdir()) == []
        assert pool.counters.spawned == 1


@pytest_twisted.ensureDeferred
async def test_a_worker_is_replaced_after_so_many_jobs(tmp_path: Path) -> None:
    """Leaks of codecs and a heap grown by one large picture go with the process."""
    limits = RenderLimits(recycle_jobs=2, drain_seconds=0.5)
    async with running_pool(tmp_path / "scratch", limits) as pool:
        (first,) = pool.pids()
        for _ in range(4):
            await pool.probe(ASTRONAUT)
        await until(lambda: not is_alive(first))
        assert (pool.counters.recycled, pool.counters.completed, pool.counters.crashed) == (2, 4, 0)


@pytest_twisted.ensureDeferred
async def test_a_worker_is_replaced_when_it_has_grown(tmp_path: Path) -> None:
    """Its heap keeps the size of the largest picture."""
    async with running_pool(tmp_path / "scratch", RenderLimits(recycle_bytes=1)) as pool:
        await pool.probe(ASTRONAUT)
        assert pool.counters.recycled == 1


@pytest_twisted.ensureDeferred
async def test_several_workers_work_at_once(tmp_path: Path) -> None:
    """One that hangs does not hold up the other."""
    async with running_pool(tmp_path / "scratch", workers=2) as pool:
        held = Deferred.fromCoroutine(pool.probe(endless(tmp_path)))
        assert (await pool.probe(ASTRONAUT)).width == 512
        assert pool.jobs_running == 1
        held.addErrback(lambda failure: failure.trap(RenderStopped))


@pytest_twisted.ensureDeferred
async def test_jobs_too_large_together_wait_for_each_other(tmp_path: Path) -> None:
    """Even with a worker idle."""
    limits = RenderLimits(concurrent_bytes=1, drain_seconds=0.1)
    async with running_pool(tmp_path / "scratch", limits, workers=2) as pool:
        held = Deferred.fromCoroutine(pool.probe(endless(tmp_path)))
        waits = Deferred.fromCoroutine(pool.probe(ASTRONAUT))
        assert (pool.jobs_running, pool.jobs_waiting) == (1, 1)
        await end(tmp_path / "endless.jpg")
        held.addErrback(lambda failure: failure.trap(InvalidImage))
        assert (await waits).width == 512


@pytest_twisted.ensureDeferred
async def test_stopping_leaves_no_child_no_file_and_nobody_waiting(tmp_path: Path) -> None:
    """Idle workers leave, a hung one is killed after the grace, the queue is told."""
    limits = RenderLimits(drain_seconds=0.2)
    async with running_pool(tmp_path / "scratch", limits, workers=2) as pool:
        pids = pool.pids()
        held = [Deferred.fromCoroutine(pool.probe(endless(tmp_path, f"{n}.jpg"))) for n in range(2)]
        waits = Deferred.fromCoroutine(pool.probe(ASTRONAUT))
        stopping = pool.stopService()
        with pytest.raises(RenderStopped) as refused:
            await waits
        assert refused.value.status == 503
        with pytest.raises(RenderStopped):
            await pool.probe(ASTRONAUT)
        await stopping
        assert pool.pids() == []
        assert not any(map(is_alive, pids))
        assert list((tmp_path / "scratch").iterdir()) == []
        for each in held:
            with pytest.raises(RenderStopped):
                await each


@pytest_twisted.ensureDeferred
async def test_stopping_lets_a_running_job_finish(tmp_path: Path) -> None:
    """Its viewer still waits."""
    async with running_pool(tmp_path / "scratch", RenderLimits(drain_seconds=10)) as pool:
        runs = Deferred.fromCoroutine(pool.render(scaled_plan(), ASTRONAUT, FACTS))
        await pool.stopService()
        assert (await runs).path.exists()
        assert pool.pids() == []


@pytest_twisted.ensureDeferred
async def test_a_worker_that_cannot_start_is_tried_again_with_pauses(tmp_path: Path) -> None:
    """A limit under which Python cannot even load must not become a fork bomb; stopping still works."""
    from twisted.internet import reactor

    from origin.render.pool import RenderPool

    pool = RenderPool(reactor, RenderLimits(memory_bytes=1 << 20, waiting_seconds=0.5), 1, tmp_path)
    pool.startService()
    with pytest.raises(RenderQueueFull):
        await pool.probe(ASTRONAUT)
    assert not pool.is_ready
    assert pool.counters.spawned <= 4
    await pool.stopService()
    assert pool.pids() == []


@pytest_twisted.ensureDeferred
async def test_what_the_plan_alone_forbids_costs_no_worker(tmp_path: Path) -> None:
    """Refused before the queue: a source or result beyond the limits."""
    async with running_pool(tmp_path / "scratch") as pool:
        with pytest.raises(TooManyPixels):
            await pool.render(scaled_plan(), ASTRONAUT, SourceFacts(20_000, 20_000, "jpg"))
        with pytest.raises(TooManyPixels):
            await pool.render(scaled_plan(side=9000), ASTRONAUT, FACTS)
        assert pool.counters.refused == 0
