"""`pixeledge run`."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from signal import SIGTERM
from textwrap import wrap
from typing import TYPE_CHECKING, Any, TextIO

import click
import yaml
from attrs import define, field, frozen

from sim.commands.running import (
    BAD_DOCUMENT,
    RESULT_AS_JSON,
    RESULT_AS_PAGE,
    end_with_stdin,
    hear_ctrl_c,
    refuse,
    run_once,
)
from sim.scenarios.python import SUFFIX, read_python
from sim.scenarios.script import Scenario, read, read_written, shipped
from sim.scenarios.timeline import Done, Event, Started, line_of
from sim.topology.read import AT_HOME, SHIPPED
from sim.topology.read import read as read_topology
from sim.world import HOME_OF_GO
from wire.document import Document, DocumentError, did_you_mean
from wire.document import load as load_document

if TYPE_CHECKING:
    from twisted.internet.interfaces import IReactorTime

    from sim.scenarios.running import Outcome
    from sim.topology.model import Topology

DASH = Path("-")
SKIPPED = 77  # as test drivers have it: it could not be run here
LEAST_COLUMNS = 20
REMOVALS, AGAIN_SECONDS = 100, 0.1


@click.command()
@click.argument("name", metavar="NAME|FILE", required=False)
@click.option("--list", "is_list", is_flag=True, help="Name the scenarios that come with the package.")
@click.option(
    "--times", type=click.IntRange(1), default=1, show_default=True, help="Run it so often; each must pass."
)
@click.option(
    "--without-safeguard", is_flag=True, help="Switch off what the scenario is to show: it should fail then."
)
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the world's folder here (default: a temporary one).",
)
@click.option(
    "--timeline",
    "timeline_file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    metavar="FILE|-",
    help="Write what happens as it happens, a JSON object a line; -: to standard output, all else to standard error.",
)
@RESULT_AS_JSON
@RESULT_AS_PAGE
@click.option("--supervised", is_flag=True, hidden=True, help="End with standard input.")
def run(
    name: str | None,
    is_list: bool,
    times: int,
    without_safeguard: bool,
    state: Path | None,
    timeline_file: Path | None,
    json_file: Path | None,
    page_file: Path | None,
    supervised: bool,
) -> None:
    """Rehearse: run a world of its own, let viewers ask, do what the scenario says, judge what they noticed.

    Exits with 0 if all came as expected, 1 if not, 2 if the scenario cannot be read, 77 if a program that it needs
    is missing.
    """
    if is_list or name is None:
        columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
        click.echo("\n".join(listed(columns)))
        sys.exit(0 if is_list else BAD_DOCUMENT)
    hear_ctrl_c(SIGTERM)
    scenario, path, written = _scenario(name)
    missing = [
        need
        for need in scenario.needs
        if not (shutil.which(need) or shutil.which(need, path=str(HOME_OF_GO)))
    ]
    if missing:
        click.echo(f"{name} needs {', '.join(missing)} on PATH", err=True)
        sys.exit(SKIPPED)
    if without_safeguard and not scenario.without:
        click.echo(f"{name} does not say how its safeguard is switched off (without: …)", err=True)
        sys.exit(BAD_DOCUMENT)
    timeline = None if timeline_file is None else _opened(timeline_file)
    files = _Files(timeline, json_file, page_file)
    rehearsal = _Rehearsal(name, path, written, scenario, without_safeguard, state, files)

    async def work(reactor: Any) -> int:
        if supervised:
            end_with_stdin(reactor)
        return await rehearsal.repeated(reactor, times)

    try:
        passed = run_once(work)
    except KeyboardInterrupt:
        click.echo("broken off", err=True)
        sys.exit(130)
    if times > 1:
        rehearsal.files.say(f"{passed} of {times} passed")
    sys.exit(passed != times)


def listed(columns: int) -> Iterator[str]:
    """Every scenario that comes with the package: what it is about, in lines of so many columns."""
    abouts = {name: read(path.read_text("utf-8")).about for name, path in shipped().items()}
    begins = max(map(len, abouts)) + 2
    for name, about in abouts.items():
        for nth, line in enumerate(wrap(about, max(columns - begins, LEAST_COLUMNS))):
            yield f"{'' if nth else name:{begins}}{line}"


def _scenario(name: str) -> tuple[Scenario, Path, Document]:
    path = shipped().get(name, Path(name))
    try:
        if path.suffix == SUFFIX:
            scenario, written = read_python(path)
            return scenario, path, written
        written = load_document(path.read_text("utf-8"))
        return read_written(written), path, written
    except DocumentError as error:
        refuse(path, error)
    except (OSError, UnicodeDecodeError) as error:
        hint = did_you_mean(name, shipped())
        said = f"{name}: {getattr(error, 'strerror', None) or error}{hint}; scenarios: {', '.join(shipped())}"
        click.echo(said, err=True)
        sys.exit(BAD_DOCUMENT)


def _opened(path: Path) -> TextIO:
    try:
        return sys.stdout if path == DASH else path.open("w", encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error


async def remove(clock: IReactorTime, folder: Path) -> None:
    """The folder is gone when this returns. A node whose world is gone before it writes into it for a moment yet."""
    from twisted.internet.task import deferLater

    for _ in range(REMOVALS):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        await deferLater(clock, AGAIN_SECONDS)
    click.echo(f"{folder} is still written to, and left behind", err=True)


@frozen
class _Files:
    """What a run is told to, beside the terminal."""

    timeline: TextIO | None = None
    json: Path | None = None
    page: Path | None = None

    def say(self, text: str) -> None:
        """To people: on standard output, unless programs read that."""
        click.echo(text, err=self.timeline is sys.stdout)

    def tell(self, event: Event) -> None:
        """To programs, at once. Who does not read any more misses it."""
        if self.timeline is not None:
            with suppress(BrokenPipeError):
                self.timeline.write(line_of(event))
                self.timeline.flush()


@define
class _Rehearsal:
    """One scenario, played as often as wanted."""

    name: str
    path: Path
    written: Document
    scenario: Scenario
    without_safeguard: bool
    state: Path | None
    files: _Files
    document: dict[str, Any] = field(init=False)
    topology: Topology = field(init=False)

    def __attrs_post_init__(self) -> None:
        from sim.scenarios.running import document_of
        from sim.scenarios.strangers import at_home, strangers

        base = yaml.safe_load((SHIPPED if SHIPPED.is_file() else AT_HOME).read_text("utf-8"))
        self.document = document_of(base, self.scenario, without_safeguard=self.without_safeguard)
        whole = document_of(base, self.scenario, without_safeguard=False)
        try:
            self.topology, _ = read_topology(yaml.safe_dump(self.document))
            safeguarded = self.topology if whole == self.document else read_topology(yaml.safe_dump(whole))[0]
        except DocumentError as error:
            refuse(self.path, DocumentError(at_home(self.written, problem) for problem in error.problems))
        if unknown := tuple(strangers(self.written, self.scenario, self.topology, safeguarded)):
            refuse(self.path, DocumentError(unknown))

    async def repeated(self, reactor: Any, times: int) -> int:
        """How many passed. The files tell of the last, or of the first that did not pass."""
        said = f"{self.name}: {self.scenario.about}"
        self.files.say(f"{said} (without its safeguard)" if self.without_safeguard else said)
        passed = 0
        for number in range(times):
            if times > 1:
                self.files.say(f"--- {number + 1} of {times}")
            self.files.tell(self._started(number + 1, times))
            outcome = await self._once(reactor)
            self._tell(outcome)
            if passed == number:
                self._write(outcome)
            passed += outcome.is_passed
        return passed

    def _started(self, number: int, runs: int) -> Started:
        from sim.scenarios.steps.words import words_of

        return Started(
            self.name,
            self.scenario.about,
            self.scenario.safeguard,
            self.without_safeguard,
            tuple(map(words_of, self.scenario.steps)),
            tuple(map(str, self.scenario.expect)),
            number,
            runs,
        )

    async def _once(self, reactor: Any) -> Outcome:
        from sim.scenarios.running import Run

        def tell(event: Event) -> None:
            if isinstance(event, Done):
                self.files.say(f"  {event.at:7.1f} s  {event.said}")
            self.files.tell(event)

        folder = Path(tempfile.mkdtemp(prefix="pixeledge-run-"))
        try:
            where = (self.state or folder).resolve()
            return await Run(reactor, self.scenario, self.document, self.topology, where, tell).run()
        finally:
            await remove(reactor, folder)

    def _tell(self, outcome: Outcome) -> None:
        for verdict in outcome.verdicts:
            self.files.say(f"  {'ok    ' if verdict.is_met else 'FAILED'}  {verdict}")
        if outcome.trouble:
            self.files.say(f"  FAILED  {outcome.trouble}")
        if self.without_safeguard and outcome.is_passed:
            self.files.say(
                "  It passed without its safeguard: what is expected does not show what that is for."
            )

    def _write(self, outcome: Outcome) -> None:
        from sim.scenarios.report import document_of_outcome, page_of

        if self.files.json is not None:
            told = document_of_outcome(self.name, outcome)
            self.files.json.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
        if self.files.page is not None:
            self.files.page.write_text(page_of(self.name, self.scenario, outcome), "utf-8")
