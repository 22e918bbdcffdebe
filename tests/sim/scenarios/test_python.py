"""sim.scenarios.python: a scenario as a Python file, and what may be wrong with it."""

from pathlib import Path

import pytest

from sim.scenarios.python import read_python
from sim.scenarios.steps.words import words_of
from wire.document import DocumentError

GOOD = '''"""Every edge is crashed, one after the other, by a step of its own kind."""

from attrs import frozen

from sim.scenarios.expect import Expectation
from sim.scenarios.script import Scenario, Viewers
from sim.scenarios.steps.asking import Answers, Phase, Warm
from sim.scenarios.steps.nodes import Crash, Ready
from sim.scenarios.steps.step import Step

EDGES = ("ashburn", "singapore")


@frozen
class Count(Step):
    """What a scenario adds to those there are."""

    of: str

    async def carry_out(self, stage):
        return f"{len(stage.nodes())} nodes"


SCENARIO = Scenario(
    about="Each edge falls once.",
    steps=(
        *(Warm(), Phase("falling"), Count("nodes")),
        *(step((edge,)) for edge in EDGES for step in (Crash, Ready)),
        Answers(40),
    ),
    expect=(Expectation("falling", "failures", at_most=0),),
    viewers=Viewers(rate=5.0),
)
'''


def file_of(folder: Path, text: str) -> Path:
    path = folder / "mine.py"
    path.write_text(text)
    return path


def test_a_scenario_is_made_by_a_python_file(tmp_path: Path) -> None:
    """Loops where YAML would repeat itself, and kinds of steps of its own."""
    scenario, written = read_python(file_of(tmp_path, GOOD))
    assert [*map(words_of, scenario.steps)] == [
        *("warm", "phase falling", "count of nodes", "crash ashburn", "ready ashburn", "crash singapore"),
        *("ready singapore", "answers 40"),
    ]
    assert written.problem(("steps", 0), "").line == GOOD.splitlines().index("SCENARIO = Scenario(") + 1


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("SCENARIO =", "OTHER =", "line 1: SCENARIO is to be a sim.scenarios.script.Scenario"),
        (
            "SCENARIO = Scenario(",
            "SCENARIO = dict(",
            "line 24: SCENARIO is to be a sim.scenarios.script.Scenario",
        ),
        ("EDGES = (", "EDGES = 1 / 0, (", "line 11: ZeroDivisionError: division by zero"),
        ("EDGES = (", "raise SystemExit(0)\nEDGES = (", "line 11: SystemExit: 0"),
        ("class Count(Step):", "class Count(Step:", "line 15: not Python: "),
        ("Answers(40)", "Answers(0)", "ValueError: 'count' must be >= 1"),
        (
            'Expectation("falling"',
            'Expectation("faling"',
            "line 24: expect[0].phase: no step begins a phase 'faling'",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert before in GOOD
    with pytest.raises(DocumentError) as refused:
        read_python(file_of(tmp_path, GOOD.replace(before, after, 1)))
    assert said in str(refused.value)
