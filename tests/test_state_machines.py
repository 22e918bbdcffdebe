"""The drawn lives have the states that the code has."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path

import pytest
from attrs import evolve

from edge.core.errand import Leg
from edge.core.exchange import Step
from edge.upstream.standings import Standing
from origin.render.workforce import State as SeatState
from sim.supervise.lifecycle import Lifecycle
from sim.supervise.lifecycle import State as LifeState
from wire.web.spool import State as SpoolState

TEXT = (Path(__file__).parents[1] / "docs" / "state-machines.md").read_text("utf-8")
SECTIONS = {part.partition("\n")[0]: part for part in TEXT.split("\n## ")[1:]}


@pytest.mark.parametrize(
    ("section", "states"),
    [
        ("An exchange", (*Step, *Leg)),
        ("A spool", tuple(SpoolState)),
        ("A supervised process", tuple(LifeState)),
        ("A PoP's standing at the balancer", tuple(Standing)),
        ("A worker's seat", tuple(SeatState)),
    ],
)
def test_every_state_is_drawn_and_has_its_sentence(section: str, states: tuple[Enum, ...]) -> None:
    """A state that is added or renamed must be found again in the drawing."""
    drawn = set(re.findall(r"\b[A-Z_]{2,}\b", SECTIONS[section].split("```")[1]))
    told = set(re.findall(r"^\| (?:· )?([A-Z ]{2,}?) \|", SECTIONS[section], re.MULTILINE))
    names = {state.name for state in states}
    assert names <= drawn
    assert {name.replace("_", " ") for name in names} <= told


def test_the_lives_of_a_process_are_drawn_as_they_go() -> None:
    """No arrow leads where the code does not, and none is missing."""
    drawing = SECTIONS["A supervised process"].split("```")[1]
    arrows = set(re.findall(r"^ +(\w+) --> (\w+):", drawing, re.MULTILINE))
    assert arrows == taken()


def taken() -> set[tuple[str, str]]:
    """Every turn that a life can take, found by trying each event in each reachable state."""
    found: set[tuple[str, str]] = set()
    seen: set[tuple[LifeState, bool]] = set()
    waiting = [Lifecycle()]
    while waiting:
        life = waiting.pop()
        if (life.state, life.has_been_ready) in seen:
            continue
        seen.add((life.state, life.has_been_ready))
        for event in ("start", "ready", "exited", "killed", "waited", "stop"):
            after = evolve(life)
            if event == "start":
                if life.state is not LifeState.NEW:
                    continue
                after.start()
            elif event == "ready":
                after.became_ready(0.0)
            elif event in ("exited", "killed"):
                after.exited(0.0, killed=event == "killed")
            elif event == "waited":
                after.waited()
            else:
                after.stop()
            if after.state is not life.state:
                found.add((life.state.name, after.state.name))
            waiting.append(after)
    return found
