"""A scenario as it is written: steps in their order, and what is expected of each phase of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import Factory, field, frozen
from attrs.validators import and_, deep_iterable, ge, gt, le, min_len

from sim.scenarios.expect import IN_PARTS, IN_SECONDS, MEASURES, Expectation
from sim.scenarios.steps import STEPS, Step
from sim.scenarios.steps.asking import Phase
from sim.scenarios.steps.step import MOST_A_SECOND, MOST_QUESTIONS
from sim.topology.quantities import READINGS, Duration, Share
from sim.traffic.limits import WIDEST
from wire import document
from wire.document import Document, DocumentError, Problem, did_you_mean, finite

SHIPPED = Path(__file__).parent / "shipped"


@frozen
class Viewers:
    """Who asks meanwhile: a few pictures in a few widths, wanted again and again (docs/traffic.md)."""

    rate: float = field(default=10.0, validator=and_(gt(0.0), le(MOST_A_SECOND)))  # requests a second
    keys: int = field(default=24, validator=and_(gt(0), le(MOST_QUESTIONS)))
    widths: tuple[int, ...] = field(
        default=(160, 320), validator=and_(min_len(1), deep_iterable(and_(ge(1), le(WIDEST))))
    )
    formats: dict[str, float] = field(factory=lambda: {"jpg": 1.0}, validator=min_len(1))
    seed: int = 1
    patience: Duration = Factory(lambda: Duration(30.0))


@frozen
class Scenario:
    """One rehearsal."""

    about: str
    steps: tuple[Step, ...] = field(validator=min_len(1))
    expect: tuple[Expectation, ...] = field(validator=min_len(1))
    world: dict[str, Any] = Factory(dict)  # merged into the topology
    safeguard: str = ""  # what keeps viewers from noticing more
    without: dict[str, Any] = Factory(dict)  # merged, too, when that is switched off
    needs: tuple[str, ...] = ()  # programs on PATH
    viewers: Viewers = Factory(Viewers)


def read(text: str) -> Scenario:
    """The scenario of a YAML text. Raises DocumentError with all that is wrong with it."""
    return read_written(document.load(text))


def read_written(written: Document) -> Scenario:
    """The same of a text that was loaded, whose lines are wanted later."""
    scenario, problems = document.structure(written, Scenario, {**READINGS, **_READINGS})
    found = [*problems, *(of_one_mind(written, scenario) if scenario is not None else ())]
    if found or scenario is None:
        raise DocumentError(found)
    return scenario


def of_one_mind(written: Document, scenario: Scenario) -> Iterator[Problem]:
    """Where its steps and expectations disagree about its phases."""
    phases: set[str] = set()
    for place, step in enumerate(scenario.steps):
        if isinstance(step, Phase) and step.name in phases:
            yield written.problem(("steps", place), f"the phase {step.name!r} was begun before")
        phases |= {step.name} if isinstance(step, Phase) else set()
    for place, expectation in enumerate(scenario.expect):
        if expectation.phase not in phases:
            hint = did_you_mean(expectation.phase, phases)
            yield written.problem(
                ("expect", place, "phase"), f"no step begins a phase {expectation.phase!r}{hint}"
            )


def shipped() -> dict[str, Path]:
    """Name → file of the scenarios that come with the package."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.yaml"))}


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Mappings are merged key by key, all else is replaced; None takes a key out."""
    found = dict(base)
    for key, value in changes.items():
        if value is None:
            found.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(found.get(key), Mapping):
            found[key] = merged(found[key], value)
        else:
            found[key] = value
    return found


def _step(plain: object) -> Step:
    """`{die: [frankfurt-a]}`: one key, the step's name."""
    if isinstance(plain, str):
        plain = {plain: None}
    if not isinstance(plain, dict) or len(plain) != 1:
        raise ValueError("a step has one key, its name, like {die: frankfurt-a}")
    ((name, said),) = plain.items()
    kind = STEPS.get(name)
    if kind is None:
        raise ValueError(f"no step is called {name!r}{did_you_mean(name, STEPS)}; steps: {', '.join(STEPS)}")
    step, problems = document.structure(Document(kind.plain(said), {}, ()), kind, READINGS)
    if problems or step is None:
        raise ValueError(f"{name}: " + "; ".join(f"{each.where} {each.message}".strip() for each in problems))
    return step


def _bound(measure: str, plain: object) -> float:
    """What a measure is held against: a number, or a share (`5%`) or a duration (`2s`) where the measure is one."""
    grows, is_share = measure not in MEASURES, measure in IN_PARTS
    unit = "a share like 5%" if is_share else "a duration like 2s" if grows or measure in IN_SECONDS else ""
    try:
        if unit and isinstance(plain, str):
            return Share.parse(plain).part if is_share else Duration.parse(plain).seconds
        if isinstance(plain, bool) or not isinstance(plain, int | float):
            raise ValueError(f"got {plain!r}")
        number = finite(plain)
    except ValueError as error:
        expected = f"a number, or {unit}" if unit else "a number"
        raise ValueError(f"{measure}: expected {expected}: {error}") from None
    if not grows and (number < 0 or (is_share and number > 1)):
        said = "a share is from 0 to 1, or like 5%" if is_share else "it is never below 0"
        raise ValueError(f"{measure}: {number:g}: {said}")
    return number


_READINGS: Mapping[Any, Callable[[Any], Any]] = {Step: _step, Expectation: Expectation.reading(_bound)}
