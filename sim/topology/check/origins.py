"""What origins paint with, and whom they tell."""

from __future__ import annotations

from origin.transform.params.provided import PROVIDED
from origin.transform.providing import BUILTINS
from sim.topology.check.findings import Findings, unknown
from sim.topology.model import Topology
from wire.document import Document


def providers(topology: Topology, document: Document) -> Findings:
    """An effect is painted by one who can."""
    for origin, settings in topology.origins.items():
        for effect, provider in settings.providers.items():
            where = ("origins", origin, "providers", effect)
            if effect not in PROVIDED:
                yield where, unknown("effect", effect, tuple(sorted(PROVIDED)))
            if bool(provider.command) == (provider.builtin is not None):
                yield where, "give either a command or a builtin"
            elif provider.builtin is not None and effect not in BUILTINS[provider.builtin]:
                fitting = " or ".join(sorted(BUILTINS[provider.builtin]))
                yield (*where, "builtin"), f'"{provider.builtin}" can only stand in for {fitting}'
            if not provider.timeout.seconds:
                yield (*where, "timeout"), "a provider needs some time"


def scaling(topology: Topology, document: Document) -> Findings:
    """What grows has room to, and bounds that can be met."""
    for origin, told in topology.origins.items():
        where = ("origins", origin, "scaling")
        if "scaling" in document.keys_at("origins", origin) and not told.instances.is_elastic:
            yield where, "only instances: {min: 1, max: 4} grow and shrink"
        for name, amount in (
            ("queue_wait", told.scaling.queue_wait.seconds),
            ("utilisation", told.scaling.utilisation.part),
            ("up_after", told.scaling.up_after.seconds),
            ("down_after", told.scaling.down_after.seconds),
        ):
            if not amount:
                yield (*where, name), "expected more than nothing"


def webhooks(topology: Topology, document: Document) -> Findings:
    """Telling takes some time."""
    for origin, told in topology.origins.items():
        for name in ("timeout", "keep"):
            if getattr(told.webhooks, name).seconds <= 0:
                yield ("origins", origin, "webhooks", name), "with no time at all, nothing is told"
