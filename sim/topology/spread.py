"""How the instances of an origin pool are spread over machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from attrs import frozen

T = TypeVar("T")


@frozen
class Hosts:
    """The machines on which a pool's instances stand, in turn; none: the first that the world has."""

    names: tuple[str, ...] = ()

    @classmethod
    def parse(cls, written: object) -> Hosts:
        """`two`, or `[one, two]`."""
        match written:
            case str():
                return cls((written,))
            case [*names] if names and all(isinstance(each, str) for each in names):
                return cls(tuple(map(str, names)))
        raise ValueError(f"expected the name of a machine, or several: [one, two]; got {written!r}")


def in_turn(each: Sequence[T], number: int) -> T:
    """That of the instance `number`, from 0 on: they go round, so no machine has two more than another."""
    return each[number % len(each)]
