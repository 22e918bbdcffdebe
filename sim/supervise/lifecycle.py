"""The life of one supervised process, as a pure state machine.

      start            became_ready
NEW ────────▶ STARTING ────────────▶ READY
               │    ▲ ▲                │ exited
   exited by   │    │ └─ waited ──┐    ▼
   itself, and │    │         BACKING_OFF ◀── exited (once it had been ready, or killed by a signal)
   never ready ▼    │
             FAILED                    stop, from anywhere: STOPPING ──exited──▶ STOPPED
"""

from __future__ import annotations

from enum import Enum

from attrs import define, frozen

FIRST_BACK_OFF_SECONDS = 0.25
LONGEST_BACK_OFF_SECONDS = 10.0
FORGIVEN_AFTER_SECONDS = 30.0  # ready for so long: the next fall is a first one again


class State(Enum):
    """Where a process stands."""

    NEW = "new"
    STARTING = "starting"
    READY = "ready"
    BACKING_OFF = "backing off"
    FAILED = "failed"
    STOPPING = "stopping"
    STOPPED = "stopped"


@frozen
class Spawn:
    """Start the process now."""


@frozen
class SpawnAfter:
    """Wait, then say `waited`."""

    seconds: float


@frozen
class Terminate:
    """Ask the process to end."""


@frozen
class GiveUp:
    """It cannot start; say why."""


@frozen
class Rest:
    """Nothing to do."""


Command = Spawn | SpawnAfter | Terminate | GiveUp | Rest


@define
class Lifecycle:
    """One process. Told what happened, it says what to do."""

    state: State = State.NEW
    has_been_ready: bool = False
    restarts: int = 0
    _falls: int = 0  # in a row
    _ready_since: float = 0.0

    def start(self) -> Command:
        """The world begins, or someone who had it stopped wants it again. A process that runs goes on."""
        if self.state not in (State.NEW, State.STOPPED):
            return Rest()
        self.state = State.STARTING
        return Spawn()

    def became_ready(self, now: float) -> Command:
        """Its probe said so."""
        if self.state is State.STARTING:
            self.state, self.has_been_ready, self._ready_since = State.READY, True, now
        return Rest()

    def exited(self, now: float, *, killed: bool) -> Command:
        """The process is gone; `killed` when a signal ended it."""
        match self.state:
            case State.STOPPING:
                self.state = State.STOPPED
                return Rest()
            case State.STARTING if not self.has_been_ready and not killed:
                self.state = State.FAILED
                return GiveUp()
            case State.STARTING | State.READY:
                if self.state is State.READY and now - self._ready_since >= FORGIVEN_AFTER_SECONDS:
                    self._falls = 0
                self.state = State.BACKING_OFF
                seconds = min(LONGEST_BACK_OFF_SECONDS, FIRST_BACK_OFF_SECONDS * 2 ** min(self._falls, 10))
                self._falls += 1
                return SpawnAfter(seconds)
            case _:
                return Rest()

    def waited(self) -> Command:
        """The back-off is over."""
        if self.state is not State.BACKING_OFF:
            return Rest()
        self.state = State.STARTING
        self.restarts += 1
        return Spawn()

    def stop(self) -> Command:
        """The world ends, or someone wants it to be down."""
        match self.state:
            case State.STARTING | State.READY:
                self.state = State.STOPPING
                return Terminate()
            case State.STOPPING:
                return Rest()
            case _:
                self.state = State.STOPPED
                return Rest()
