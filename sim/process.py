"""A process that runs a service: its reactor, what ends it, and one line for why it cannot start."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from twisted.application.service import IService
from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.error import CannotListenError
from twisted.internet.main import installReactor
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.stdio import StandardIO
from twisted.python.failure import Failure

from edge.tls.errors import AuthorityError
from sim import loading
from sim.plainlog import begin_logging
from sim.supervise import leash
from sim.uvreactor import UvloopReactor

CANNOT_START = 3
LONGEST_GOODBYE_SECONDS = 9.0  # a supervisor's patience, and a second


def install_reactor() -> Any:
    """Twisted's asyncio reactor, on a uvloop loop where there is one."""
    try:
        import uvloop
    except ImportError:
        reactor: Any = AsyncioSelectorReactor()
    else:
        reactor = UvloopReactor(uvloop.new_event_loop())
    installReactor(reactor)
    return reactor


class Stdin(Protocol):
    """Held open by the supervisor for as long as it lives."""

    def __init__(self, ended: Callable[[], None]) -> None:
        self._ended = ended

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        leash.let_go_on()
        self._ended()


def run(
    make: Callable[[Any], IService], *, supervised: bool = False, started: Callable[[], None] = lambda: None
) -> int:
    """Run a service until a signal ends it; the exit code. Why it cannot start is told in one line."""
    reactor = install_reactor()
    begin_logging(sys.stderr)
    outcome: list[str] = []

    def cannot_start(failure: Failure) -> None:
        outcome.append(reason_of(failure))
        if failure.check(CannotListenError, OSError, AuthorityError) is None:
            sys.stderr.write(failure.getTraceback())
        stop()

    def stop() -> None:
        if reactor.running:
            with suppress(Exception):
                reactor.stop()

    def start() -> None:
        if supervised:
            StandardIO(Stdin(stop), reactor=reactor)
        starting: Deferred[Any] = maybeDeferred(build_and_start)
        starting.addCallbacks(lambda _: serves(started), cannot_start)

    def build_and_start() -> Any:
        service = make(reactor)
        service.privilegedStartService()
        service.startService()
        reactor.addSystemEventTrigger("before", "shutdown", service.stopService)
        return getattr(service, "ready", None)  # an edge has yet to open its cache

    reactor.callWhenRunning(start)
    if supervised:
        reactor.addSystemEventTrigger("before", "shutdown", end_at_last)
    reactor.run()
    if outcome:
        sys.stderr.write(f"cannot start: {outcome[0]}\n")
        return CANNOT_START
    return 0


def serves(started: Callable[[], None]) -> None:
    """No full collection need walk the 62,000 objects again that are loaded by now."""
    loading.end()
    started()


def end_at_last() -> None:
    """A node whose supervisor is gone has nobody to end it by force when its own end hangs."""
    last = threading.Timer(LONGEST_GOODBYE_SECONDS, os._exit, (1,))
    last.daemon = True
    last.start()


def reason_of(failure: Failure) -> str:
    """One line for a person: `127.0.0.1:9001: Address already in use`."""
    error = failure.value
    if isinstance(error, CannotListenError):
        said = getattr(error.socketError, "strerror", None) or error.socketError
        return f"{error.interface or '*'}:{error.port}: {said}"
    text = str(error).strip().replace("\n", "; ")
    return text or type(error).__name__
