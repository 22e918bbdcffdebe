"""A step as its script has it, on one line. Pure."""

from __future__ import annotations

from typing import Any, cast

import attrs

from sim.scenarios.steps import STEPS
from sim.scenarios.steps.step import Step
from sim.topology.quantities import Duration

NAMES = {kind: name for name, kind in STEPS.items()}


def words_of(step: Step) -> str:
    """`die frankfurt-a, frankfurt-b`, `probe region eu-central, within 60 s`: what differs from the defaults."""
    said = [
        _word(value) if each.name == step.short else f"{each.name} {_word(value)}"
        for each in attrs.fields(cast(Any, type(step)))
        if (value := getattr(step, each.name)) != _default(each)
    ]
    name = NAMES.get(
        type(step), type(step).__name__.lower()
    )  # a scenario in Python may have kinds of its own
    return " ".join(filter(None, (name, ", ".join(said))))


def _default(each: attrs.Attribute[Any]) -> object:
    made = getattr(each.default, "factory", None)
    return made() if made is not None else each.default


def _word(value: object) -> str:
    if isinstance(value, Duration):
        return f"{value.seconds:g} s"
    if isinstance(value, float):
        return f"{value:g}"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
