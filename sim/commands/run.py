"""`pixeledge run`."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import yaml
from attrs import define, field

from sim.commands.running import BAD_DOCUMENT, RESULT_AS_JSON, RESULT_AS_PAGE, hear_ctrl_c, refuse, run_once
from sim.scenarios.script import Scenario, read, shipped
from sim.topology.read import AT_HOME, SHIPPED
from sim.topology.read import read as read_topology
from sim.world import HOME_OF_GO
from wire.document import DocumentError

if TYPE_CHECKING:
    from sim.scenarios.running import Outcome
    from sim.topology.model import Topology

SKIPPED = 77  # as test drivers have it: it could not be run here


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
@RESULT_AS_JSON
@RESULT_AS_PAGE
def run(
    name: str | None,
    is_list: bool,
    times: int,
    without_safeguard: bool,
    state: Path | None,
    json_file: Path | None,
    page_file: Path | None,
) -> None:
    """Rehearse: run a world of its own, let viewers ask, do what the scenario says, judge what they noticed.

    Exits with 0 if all came as expected, 1 if not, 2 if the scenario cannot be read, 77 if a program that it needs
    is missing.
    """
    if is_list or name is None:
        for each, path in shipped().items():
            click.echo(f"{each:28} {read(path.read_text('utf-8')).about}")
        sys.exit(0 if is_list else BAD_DOCUMENT)
    hear_ctrl_c()
    scenario, path = _scenario(name)
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
    rehearsal = _Rehearsal(name, path, scenario, without_safeguard, state, json_file, page_file)

    async def work(reactor: Any) -> int:
        return await rehearsal.repeated(reactor, times)

    try:
        passed = run_once(work)
    except KeyboardInterrupt:
        click.echo("broken off", err=True)
        sys.exit(130)
    if times > 1:
        click.echo(f"{passed} of {times} passed")
    sys.exit(passed != times)


def _scenario(name: str) -> tuple[Scenario, Path]:
    path = shipped().get(name, Path(name))
    try:
        return read(path.read_text("utf-8")), path
    except DocumentError as error:
        refuse(path, error)
    except (OSError, UnicodeDecodeError) as error:
        said = f"{name}: {getattr(error, 'strerror', None) or error}; scenarios: {', '.join(shipped())}"
        click.echo(said, err=True)
        sys.exit(BAD_DOCUMENT)


@define
class _Rehearsal:
    """One scenario, played as often as wanted."""

    name: str
    path: Path
    scenario: Scenario
    without_safeguard: bool
    state: Path | None
    json_file: Path | None
    page_file: Path | None
    document: dict[str, Any] = field(init=False)
    topology: Topology = field(init=False)

    def __attrs_post_init__(self) -> None:
        from sim.scenarios.running import document_of

        base = yaml.safe_load((SHIPPED if SHIPPED.is_file() else AT_HOME).read_text("utf-8"))
        self.document = document_of(base, self.scenario, without_safeguard=self.without_safeguard)
        try:
            self.topology, _ = read_topology(yaml.safe_dump(self.document))
        except DocumentError as error:
            refuse(self.path, error)

    async def repeated(self, reactor: Any, times: int) -> int:
        """How many passed. The files tell of the last, or of the first that did not pass."""
        said = f"{self.name}: {self.scenario.about}"
        click.echo(f"{said} (without its safeguard)" if self.without_safeguard else said)
        passed = 0
        for number in range(times):
            if times > 1:
                click.echo(f"--- {number + 1} of {times}")
            outcome = await self._once(reactor)
            self._tell(outcome)
            if passed == number:
                self._write(outcome)
            passed += outcome.is_passed
        return passed

    async def _once(self, reactor: Any) -> Outcome:
        from sim.scenarios.running import Run

        def say(at: float, what: str) -> None:
            click.echo(f"  {at:7.1f} s  {what}")

        with tempfile.TemporaryDirectory(prefix="pixeledge-run-", ignore_cleanup_errors=True) as folder:
            where = (self.state or Path(folder)).resolve()
            return await Run(reactor, self.scenario, self.document, self.topology, where, say).run()

    def _tell(self, outcome: Outcome) -> None:
        for verdict in outcome.verdicts:
            click.echo(f"  {'ok    ' if verdict.is_met else 'FAILED'}  {verdict}")
        if outcome.trouble:
            click.echo(f"  FAILED  {outcome.trouble}")

    def _write(self, outcome: Outcome) -> None:
        from sim.scenarios.report import document_of_outcome, page_of

        if self.json_file is not None:
            told = document_of_outcome(self.name, outcome)
            self.json_file.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
        if self.page_file is not None:
            self.page_file.write_text(page_of(self.name, self.scenario, outcome), "utf-8")
