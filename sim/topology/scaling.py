"""How many instances an origin pool has, and what makes them more or fewer (docs/scaling.md)."""

from __future__ import annotations

from typing import TypeGuard

from attrs import Factory, frozen

from sim.topology.quantities import Duration, Share

MOST_INSTANCES = 64


@frozen
class Instances:
    """From `min`, which are always there, to `max`, for which there are ports."""

    min: int = 1
    max: int = 1

    @classmethod
    def parse(cls, written: object) -> Instances:
        """`2`, or `{min: 1, max: 4}`."""
        if _is_count(written):
            return cls(written, written)
        if isinstance(written, dict) and written.keys() == {"min", "max"}:
            least, most = written["min"], written["max"]
            if _is_count(least) and _is_count(most):
                if least > most:
                    raise ValueError(f"min is more than max: {least} > {most}")
                return cls(least, most)
        raise ValueError(
            f"expected a whole number from 1 to {MOST_INSTANCES}, or {{min: 1, max: 4}}; got {written!r}"
        )

    @property
    def is_elastic(self) -> bool:
        """Whether there may be more or fewer."""
        return self.min < self.max


def _is_count(written: object) -> TypeGuard[int]:
    return isinstance(written, int) and not isinstance(written, bool) and 1 <= written <= MOST_INSTANCES


@frozen
class Scaling:
    """When an elastic pool grows, and when it shrinks."""

    queue_wait: Duration = Factory(lambda: Duration(0.2))  # that 95 of a hundred renders may have
    utilisation: Share = Factory(lambda: Share(0.8))  # of the render workers' time
    up_after: Duration = Factory(lambda: Duration(2.0))  # of more than one of these
    down_after: Duration = Factory(lambda: Duration(30.0))  # of fewer being enough
    drain: Duration = Factory(lambda: Duration(30.0))  # that who leaves has to finish


def instance_names(origin: str, instances: Instances) -> tuple[str, ...]:
    """`main-1`, `main-2`: all there may be, those that are always there first."""
    return tuple(f"{origin}-{number}" for number in range(1, instances.max + 1))


def standby_names(origin: str, instances: Instances) -> tuple[str, ...]:
    """Those that come with the load."""
    return instance_names(origin, instances)[instances.min :]


def pool_of(instance: str) -> str:
    """`main`, of `main-2`."""
    return instance.rpartition("-")[0]
