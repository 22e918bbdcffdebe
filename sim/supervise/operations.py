"""What an operator may do to a process of a running world."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping

from sim.supervise.child import Child
from sim.supervise.lifecycle import State
from wire.errors import InvalidRequest, MediaError, NotFound

RUNNING = (State.STARTING, State.READY)
DOWN = (State.NEW, State.STOPPED)


class NotNow(MediaError):
    """The process is not in a state to do that."""

    status = 409


def stop(child: Child) -> None:
    """End it and keep it down."""
    child.stop()


def die(child: Child) -> None:
    """As a machine that burns: gone at once, and not back before it is started."""
    child.stop()
    child.kill()


def crash(child: Child) -> None:
    """Gone at once; the supervisor runs it again."""
    child.kill()


def start(child: Child) -> None:
    """Run one that was stopped."""
    child.start()


def restart(child: Child) -> None:
    """Let it finish what is under way and run it again; a frozen one, too."""
    child.signal(signal.SIGTERM)
    child.signal_all(signal.SIGCONT)


def freeze(child: Child) -> None:
    """It does nothing more, nor do its workers, and what it holds stays open."""
    child.signal_all(signal.SIGSTOP)


def thaw(child: Child) -> None:
    """It goes on."""
    child.signal_all(signal.SIGCONT)


OPERATIONS: Mapping[str, Callable[[Child], None]] = {
    operation.__name__: operation for operation in (stop, die, crash, start, restart, freeze, thaw)
}


def operate(children: Mapping[str, Child], name: str, action: str) -> Child:
    """Do it. Raises `MediaError`: no such process (404), no such action (400), or not now (409)."""
    child = children.get(name)
    if child is None:
        raise NotFound(f"There is no node {name!r}: there is {', '.join(children)}")
    operation = OPERATIONS.get(action)
    if operation is None:
        raise InvalidRequest(f"Nothing is called {action!r}: {', '.join(OPERATIONS)} are")
    state = child.life.state
    if action == "start" and state not in DOWN:
        said = "runs already" if state in RUNNING else f"cannot be started now: it is {state.value}"
        raise NotNow(f"{name} {said}")
    comes_back = action not in ("restart", "crash") or state in RUNNING
    if action not in ("start", "stop") and (child.pid is None or not comes_back):
        raise NotNow(f"{name} does not run: it is {state.value}")
    operation(child)
    return child
