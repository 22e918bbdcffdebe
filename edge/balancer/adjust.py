"""What an operator changes on a balancer that runs: weights of PoPs and vendors, and who drains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import field, frozen
from attrs.validators import and_, ge, in_, instance_of, le, optional

from edge.balancer.routing import Routing
from edge.control.commands import Command
from wire.document import did_you_mean
from wire.errors import InvalidRequest

MOST = 1e6
is_weight: Any = and_(instance_of((int, float)), ge(0), le(MOST))


@frozen
class Change:
    """One change, as it is posted: what is not said stays."""

    pop: str = field(default="", validator=instance_of(str))
    cdn: str = field(default="", validator=instance_of(str))
    weight: float | None = field(default=None, validator=optional(is_weight))
    drain: bool | None = field(default=None, validator=in_((None, True, False)))

    @classmethod
    def parse(cls, told: Any) -> Change:
        """`{"pop": NAME, "drain": true}`, `{"pop": NAME, "weight": 2}` or `{"cdn": VENDOR, "weight": 0}`."""
        try:
            change = cls(**told)
        except (TypeError, ValueError) as error:
            raise InvalidRequest(
                f'Expected {{"pop": NAME}} or {{"cdn": VENDOR}}, with a "weight" (0 to {MOST:.0f}) or "drain"'
            ) from error
        if bool(change.pop) == bool(change.cdn):
            raise InvalidRequest('Expected either a "pop" or a "cdn"')
        if change.cdn and change.drain is not None:
            raise InvalidRequest('A "cdn" takes a "weight": with 0 it is a reserve')
        if change.weight is None and change.drain is None:
            raise InvalidRequest('Expected a "weight", or "drain": true or false')
        return change


class Adjust(Command):
    """Changes one PoP or vendor; answered by the status after it."""

    def __init__(self, routing: Routing, status: Callable[[], Any]) -> None:
        super().__init__()
        self._routing = routing
        self._status = status

    async def carry_out(self, told: Any) -> Any:
        change, routing = Change.parse(told), self._routing
        if change.cdn:
            vendors = {pop.vendor for pop in routing.settings.pops if pop.vendor}
            routing.weigh_cdn(
                known("cdn", change.cdn, vendors | routing.vendors.keys()), change.weight or 0.0
            )
            return self._status()
        pop = known("PoP", change.pop, routing.weights.keys())
        if change.weight is not None:
            routing.weigh(pop, float(change.weight))
        if change.drain is not None:
            routing.drain(pop, drains=change.drain)
        return self._status()


def known(what: str, name: str, names: Any) -> str:
    """The name, if it is one of the names."""
    if name not in names:
        raise InvalidRequest(f'There is no {what} "{name[:40]}"{did_you_mean(name, sorted(names))}')
    return name
