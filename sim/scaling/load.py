"""What a pool's instances say of themselves, as one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen


@frozen
class Load:
    """A pool at one moment, by the instances that answered."""

    instances: int
    queue_wait_seconds: float = 0.0
    """That of 95 of a hundred renders, at the instance where they wait longest."""
    utilisation: float = 0.0
    """The mean part of the render workers' time that is taken."""
    waiting: int = 0
    """Renders in all queues."""

    @classmethod
    def of(cls, statuses: Iterable[Mapping[str, Any]]) -> Load:
        """From their `/status`. What is no number is 0: an instance of another version must not end the looking."""
        told = [status["render"] for status in statuses if isinstance(status.get("render"), Mapping)]

        def numbers(name: str) -> list[float]:
            return [float(each.get(name, 0)) for each in told if isinstance(each.get(name, 0), int | float)]

        used = numbers("utilisation")
        return cls(
            instances=len(told),
            queue_wait_seconds=max(numbers("queue_wait_seconds"), default=0.0),
            utilisation=sum(used) / len(used) if used else 0.0,
            waiting=round(sum(numbers("waiting"))),
        )
