"""`pixeledge traffic`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from signal import SIGTERM
from typing import TYPE_CHECKING, Any

import attrs
import click
from rich.console import Console
from rich.live import Live

from sim.commands.edges import ALL, first_alive
from sim.commands.nodes import READY_FILE, TOPOLOGY, call, controls_of
from sim.commands.running import (
    RESULT_AS_JSON,
    RESULT_AS_PAGE,
    hear_ctrl_c,
    load,
    refuse,
    run_once,
)
from sim.commands.transfer import CLOUD, target_of
from sim.commands.values import Positive, Result, Time, server
from sim.topology.quantities import Duration
from sim.traffic.limits import wrong_with
from sim.traffic.logs import READ
from sim.traffic.recordings import SHIPPED, Spread, replay
from sim.traffic.regions import viewers_of
from sim.traffic.workload import MOST_A_SECOND, Workload, read
from sim.traffic.written import RecordingError, write
from wire.document import DocumentError, dotted

if TYPE_CHECKING:
    from sim.topology.model import Topology
    from sim.traffic.record import Record
    from sim.traffic.run import World
    from sim.traffic.send import Pace
    from sim.traffic.tally import Tally

PURGE_SECONDS = 10.0
LOOK_SECONDS = 0.5


@click.command()
@click.argument("workload", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--rate", type=Positive(MOST_A_SECOND), metavar="N", help="Requests a second.")
@click.option("--duration", type=Time(), metavar="TIME", help="How long, like 60s or 10min.")
@click.option("--seed", type=int, help="Another seed, another trace; the same seed, the same one.")
@click.option(
    "--popularity",
    type=click.Choice(["photo", "longtail", "steady", "measured"]),
    help="Which keys are wanted.",
)
@click.option(
    "--replay",
    "recording",
    metavar="FILE|NAME",
    help=f"Instead of a workload: an access log ({READ}), a trace, or one of {', '.join(SHIPPED)}.",
)
@click.option("--most", type=click.IntRange(1), metavar="N", help="The first N requests of a recording.")
@click.option(
    "--speed",
    type=Positive(1e6),
    default=1.0,
    show_default=True,
    help="2: twice as fast.",
)
@click.option(
    "--at-once", type=click.IntRange(1), default=1000, show_default=True, help="Requests under way."
)
@click.option(
    "--to",
    "front",
    callback=server,
    metavar="URL",
    help="Ask this server, instead of the world's front door.",
)
@click.option("--write", "trace_file", type=Result(), help="Write the trace; send nothing.")
@RESULT_AS_JSON
@RESULT_AS_PAGE
@TOPOLOGY
@READY_FILE
@CLOUD
def traffic(
    workload: Path | None,
    recording: str | None,
    trace_file: Path | None,
    json_file: Path | None,
    page_file: Path | None,
    file: Path | None,
    ready_file: Path | None,
    cloud_name: str | None,
    front: str | None,
    most: int | None,
    speed: float,
    at_once: int,
    **given: Any,
) -> None:
    """Ask a running world what its viewers would ask: the workload of a file, of the options, or a recording.

    Requests come when they are due, answered or not; every draw follows from the seed. Exits with 1 if a request
    failed, with 2 if there is nothing to send, with 130 after Ctrl-C or SIGTERM, which tell what came until then.
    """
    if recording is not None and (given["rate"] or given["popularity"]):
        raise click.UsageError(
            "a recording has its own rate and keys: no --rate or --popularity beside --replay"
        )
    if recording is None and most is not None:
        raise click.UsageError("--most is for recordings: give --replay, too, or a shorter --duration")
    _, topology, _ = load(file)
    wanted = _workload(workload, topology, given)
    if recording is None and (wrong := next(wrong_with(wanted), None)) is not None:
        path, said = wrong
        raise click.UsageError(f"{dotted(path)}: {said}")
    lasts = given["duration"].seconds if given["duration"] else None
    records = _records(wanted, recording, lasts, most)
    if trace_file is not None:
        with trace_file.open("w", encoding="utf-8") as trace:
            trace.writelines(write(records))
        return
    hear_ctrl_c(SIGTERM)
    from sim.demo.seed import CloudAccess
    from sim.traffic.bill import Bill, months_in, months_of, zones_of
    from sim.traffic.report import bills
    from sim.traffic.report.page import page
    from sim.traffic.report.terminal import view
    from sim.traffic.run import World
    from sim.traffic.send import Pace

    target = target_of(file, ready_file, cloud_name)
    access = CloudAccess(target.url, target.cloud, target.api_key, target.api_secret)
    world = World(
        (front or target.url).rstrip("/"),
        access,
        topology.regions,
        _purger(file, ready_file),
        controls_of(file, ready_file),
    )
    total = None if recording else wanted.duration.seconds / speed
    origins = controls_of(file, ready_file, (), ("origins",))
    pace = Pace(speed, at_once)
    tally, is_whole = _send(
        records, world, wanted.widths, pace, total, origins, is_replay=recording is not None
    )
    Console().print(view(tally, max(tally.seconds, default=0) + 1.0, None))
    told = _told(wanted, recording, world.front, speed)
    if not is_whole:  # the part that was
        wanted = attrs.evolve(wanted, duration=Duration(max(tally.recorded_seconds, 1.0)))
    months = months_in(tally.recorded_seconds) if recording else months_of(wanted)
    bill = Bill.of(tally.served, zones_of(topology), months, is_secure=world.front.startswith("https:"))
    if json_file is not None:
        whole = {"run": told, "is_whole": is_whole, "month": bill.as_plain(), **tally.as_plain()}
        json_file.write_text(json.dumps(whole, indent=1) + "\n", "utf-8")
    if page_file is not None:
        page_file.write_text(page("Traffic", told, tally, after=bills.plots(bill)), "utf-8")
    sys.exit(_end(tally, is_whole=is_whole))


def _end(tally: Tally, *, is_whole: bool) -> int:
    """The exit code, and a word about it."""
    if not is_whole:
        click.echo("broken off", err=True)
        return 130
    if not tally.all.requests:
        click.echo("nothing was sent: the trace is empty", err=True)
        return 2
    return bool(tally.all.failures)


def _workload(path: Path | None, topology: Topology, given: dict[str, Any]) -> Workload:
    """The file's workload, with the options in place of what it says; without a file, of the topology's regions."""
    regions = viewers_of({name: region.at for name, region in topology.regions.items()})
    if path is None:
        workload = Workload(regions=regions)
    else:
        try:
            workload = read(path.read_text("utf-8"), regions)
        except DocumentError as error:
            refuse(path, error)
        except (OSError, UnicodeDecodeError) as error:
            raise click.ClickException(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    return attrs.evolve(workload, **{name: value for name, value in given.items() if value is not None})


def _records(
    workload: Workload, recording: str | None, lasts: float | None, most: int | None
) -> Iterator[Record]:
    from sim.traffic.generate import generate

    if recording is None:
        return generate(workload)
    try:
        return replay(recording, Spread(workload.seed, workload.regions, lasts, most))
    except (RecordingError, OSError) as error:
        raise click.ClickException(str(error)) from error


def _purger(file: Path | None, ready_file: Path | None) -> Callable[[Mapping[str, Any]], str]:
    """Tells one node, which tells the others; a word for what came of it."""
    controls = controls_of(file, ready_file, (), ALL)

    def purge(told: Mapping[str, Any]) -> str:
        for control in first_alive(controls).values():
            status, said = call(control, "POST", "/purge", told, patience_seconds=PURGE_SECONDS)
            if status != 200:
                return "not purged"
            return "purged" if set(said.get("nodes", {}).values()) <= {"ok"} else "not purged everywhere"
        return "not purged"

    return purge


def _send(
    records: Iterator[Record],
    world: World,
    widths: Sequence[int],
    pace: Pace,
    total: float | None,
    origins: Collection[str],
    *,
    is_replay: bool,
) -> tuple[Tally, bool]:
    """Send all of it, showing how it goes; what came of it, and whether nobody broke it off. `origins`: the nodes that
    are instances of a pool."""
    from twisted.internet.task import LoopingCall

    from sim.traffic.report.terminal import view
    from sim.traffic.rounds import Rounds
    from sim.traffic.run import pictures_of, sender_of
    from sim.traffic.tally import Tally
    from sim.traffic.targets import NoPicturesError
    from sim.transfer.cloud import TransferError
    from wire.web.agent import make_agent

    begun: list[Tally] = []

    async def work(reactor: Any) -> Tally:
        sender = sender_of(reactor, world, await pictures_of(reactor, world.access), widths, pace)
        sender.is_replay = is_replay
        agent, pool = make_agent(reactor)
        tally = sender.tally
        begun.append(tally)
        rounds = Rounds(agent, reactor, world.controls, origins, tally.links, tally.saw)
        await rounds.begin()
        console = Console(stderr=True)
        with Live(console=console, auto_refresh=False, transient=True) as live:
            begun_at = time.monotonic()

            def show() -> None:
                live.update(view(tally, time.monotonic() - begun_at, total), refresh=True)

            showing = LoopingCall(show)
            if console.is_terminal:
                showing.start(LOOK_SECONDS)
            try:
                return await sender.run(records)
            finally:
                if showing.running:
                    showing.stop()
                await rounds.end()
                await pool.closeCachedConnections()

    try:
        return run_once(work), True
    except NoPicturesError as error:
        raise click.ClickException(str(error)) from error
    except TransferError as error:
        where = f"the world at {world.access.api_url} does not tell its pictures"
        raise click.ClickException(f"{where}: {error}; is it running? `pixeledge up` runs one") from error
    except KeyboardInterrupt:
        return (begun[0] if begun else Tally()), False


def _told(workload: Workload, recording: str | None, front: str, speed: float) -> dict[str, str]:
    """What was run, for the reader of a report."""
    if recording is not None:
        told = {"recording": recording}
    else:
        told = {
            "workload": f"{workload.popularity}, {workload.rate:g} requests/s for {workload.duration.seconds:g} s",
            "bots": f"{workload.bots.share.part * 100:g} %",
            "flash crowds": str(len(workload.crowds)),
        }
    regions = ", ".join(f"{name} {viewers.share:g}" for name, viewers in workload.regions.items())
    return {**told, "seed": str(workload.seed), "speed": f"{speed:g}", "regions": regions, "asked": front}
