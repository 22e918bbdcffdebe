"""What every step is, and how it names nodes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import field, frozen
from attrs.validators import min_len

from wire.document import did_you_mean

if TYPE_CHECKING:
    from sim.scenarios.stage import Stage


MOST_A_SECOND = 10_000.0  # questions
MOST_QUESTIONS = 100_000  # of one step, or all that viewers ask: a line in memory each
MOST_AT_ONCE = 10_000  # viewers, each with a socket


class StepError(Exception):
    """A step that could not be done; the run ends there."""


@frozen
class Names:
    """What can be named in a world."""

    nodes: tuple[str, ...]
    regions: tuple[str, ...]
    pools: tuple[str, ...]
    kinds: tuple[str, ...] = ("origin", "shield", "edge", "balancer", "minio")

    def unknown(self, what: str, names: Iterable[str]) -> Iterator[str]:
        """A sentence for each that is no `node`, `region` or `pool`; an empty one names nothing."""
        known: tuple[str, ...] = getattr(self, f"{what}s")
        for name in names:
            if name and name not in known:
                yield f"there is no {what} {name!r}{did_you_mean(name, known)}: there is {', '.join(known)}"


class Step(ABC):
    """One thing to do. A barrier returns when it is so; nothing is settled by waiting a while."""

    short: ClassVar[str] = ""
    """The field that is meant where a script gives no mapping: `{answers: 40}`."""

    @classmethod
    def plain(cls, said: Any) -> Any:
        """What stands behind the step's name, as a mapping of its fields."""
        if isinstance(said, dict):
            return said
        return {} if said is None else {cls.short: said}

    def strangers(self, names: Names) -> Iterator[str]:
        """Whom it names that is not there, a sentence each."""
        return iter(())

    @abstractmethod
    async def carry_out(self, stage: Stage) -> str:
        """Do it; what to say of it in the timeline."""


@frozen
class OnNodes(Step):
    """A step on nodes that are named, or that live in a region: `die: [a, b]`, `die: {region: eu-central}`."""

    nodes: tuple[str, ...] = field(default=(), validator=min_len(0))
    region: str = ""
    kind: str = ""  # of the region's nodes: edge, shield, origin

    short = "nodes"

    @classmethod
    def plain(cls, said: Any) -> Any:
        told = super().plain(said)
        nodes = told.get("nodes")
        return {**told, "nodes": [nodes]} if isinstance(nodes, str) else told

    def strangers(self, names: Names) -> Iterator[str]:
        if not (self.nodes or self.region or self.kind):
            yield "no node is named"
        yield from names.unknown("node", self.nodes)
        yield from names.unknown("region", [self.region])
        yield from names.unknown("kind", [self.kind])

    def of(self, stage: Stage) -> list[str]:
        """The nodes that are meant. Raises StepError of a name that no node has."""
        known = stage.nodes()
        unknown = [name for name in self.nodes if name not in known]
        if unknown:
            raise StepError(f"there is no node {', '.join(unknown)}: there is {', '.join(known)}")
        living = [
            name
            for name, node in known.items()
            if ((self.region and node.region == self.region) or (self.kind and not self.region))
            and self.kind in ("", node.kind)
        ]
        found = [*self.nodes, *(name for name in living if name not in self.nodes)]
        if not found:
            raise StepError("no node is named, and none lives there")
        return found
