"""What commands that run something share."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from threading import Thread
from typing import IO, TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from sim.commands.values import Result
from sim.holding import FolderError, hold
from sim.supervise import leash
from wire.document import Document, DocumentError

if TYPE_CHECKING:
    from sim.topology.model import Topology
    from sim.topology.settle import Settlement

T = TypeVar("T")
BAD_DOCUMENT = 2
FILE = click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
RESULT_AS_JSON = click.option("--json", "json_file", type=Result(), help="Write the result as JSON.")
RESULT_AS_PAGE = click.option(
    "--report", "page_file", type=Result(), help="Write the result as one HTML page."
)
GOODBYE_SECONDS = 30.0


def run_once(work: Callable[[Any], Coroutine[Any, Any, T]]) -> T:
    """Run the reactor until `work(reactor)` has returned or raised. Ctrl-C cancels it, waits for what it closes
    then (`GOODBYE_SECONDS` at most), and is raised as KeyboardInterrupt. A process can do this once."""
    from twisted.internet.defer import Deferred
    from twisted.python.failure import Failure

    from sim.process import install_reactor

    reactor = install_reactor()
    outcome: list[T | Failure] = []
    doing: list[Deferred[Any]] = []

    def begin() -> None:
        doing.append(Deferred.fromCoroutine(work(reactor)))
        doing[0].addBoth(end)

    def end(result: T | Failure) -> None:
        outcome.append(result)
        if reactor.running:
            reactor.callLater(0, stop_once, reactor)

    def break_off() -> Deferred[None] | None:
        if outcome or not doing:
            return None
        is_broken_off.append(True)
        ended: Deferred[None] = Deferred()
        doing[0].addBoth(lambda _: ended.callback(None))
        ended.addTimeout(GOODBYE_SECONDS, reactor, lambda *_: None)
        doing[0].cancel()
        return ended

    is_broken_off: list[bool] = []
    reactor.callWhenRunning(begin)
    reactor.addSystemEventTrigger("before", "shutdown", break_off)
    reactor.run()
    if is_broken_off or not outcome:
        raise KeyboardInterrupt
    (result,) = outcome
    if isinstance(result, Failure):
        result.raiseException()
        raise AssertionError
    return result


def stop_once(reactor: Any) -> None:
    """Stop a reactor that may be stopping already."""
    if reactor.running and not getattr(reactor, "_stopped", False):
        reactor.stop()


def end_with_stdin(reactor: Any) -> None:
    """As Ctrl-C does, once whoever holds standard input is gone. A thread waits for it: Twisted's StandardIO would
    have standard output, too, and make its writes fail where a reader is slow."""

    def read() -> None:
        while os.read(0, 4096):
            pass
        reactor.callFromThread(stop_once, reactor)

    leash.wear()
    Thread(target=read, daemon=True).start()


def held_or_exit(folder: Path, name: str) -> IO[str]:
    """The lock of a folder that only one process may use."""
    try:
        return hold(folder.resolve(), name)
    except FolderError as error:
        click.echo(f"pixeledge: {error}", err=True)
        sys.exit(1)


def hear_ctrl_c(*others: signal.Signals) -> None:
    """By KeyboardInterrupt until a reactor runs, which hears SIGTERM by itself; `others` are taken for it. A shell
    script starts what it puts in the background deaf to SIGINT, and Twisted leaves it so."""
    for each in (signal.SIGINT, *others):
        signal.signal(each, signal.default_int_handler)


def refuse(path: Path, error: DocumentError) -> NoReturn:
    """Every problem on a line of its own, as compilers do."""
    for problem in error.problems:
        where = f"{path}:{problem.line}"
        click.echo(
            f"{where}: {problem.where}: {problem.message}" if problem.path else f"{where}: {problem.message}",
            err=True,
        )
    count = len(error.problems)
    click.echo(f"{count} problem{'s' if count != 1 else ''}", err=True)
    sys.exit(BAD_DOCUMENT)


def load(file: Path | None) -> tuple[Path, Topology, Document]:
    """The topology of a file; what is wrong with it ends the program."""
    from sim.topology.read import default_file, read

    path = file if file is not None else default_file(Path.cwd())
    try:
        topology, document = read(path.read_text("utf-8"))
    except DocumentError as error:
        refuse(path, error)
    except (OSError, UnicodeDecodeError) as error:
        click.echo(f"{path}: {getattr(error, 'strerror', None) or error}", err=True)
        sys.exit(BAD_DOCUMENT)
    return path, topology, document


def as_running(topology: Topology, state: Path = Path("var")) -> Settlement:
    """The world of a topology as `up` runs it with fixed ports."""
    from sim.topology import ports
    from sim.topology.settle import Settlement

    return Settlement(topology, ports.fixed(topology), state.resolve())
