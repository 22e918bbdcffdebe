"""Things that take turns, each as often as its weight says and as evenly as can be. Pure."""

from __future__ import annotations

from attrs import field, frozen


@frozen
class Turns:
    """An endless sequence of the numbers 0 … len(weights) - 1 that repeats after `period`.

    Each number has its part of any beginning of it, as nearly as whole turns allow: smooth weighted round robin, by
    which nginx's balancer deals out requests.
    """

    weights: tuple[float, ...]
    period: int
    order: tuple[int, ...] = field(init=False, repr=False)  # whose turn is at which place of the period
    _before: tuple[int, ...] = field(init=False, repr=False)  # and how many turns it had before in the period
    _times: tuple[int, ...] = field(init=False, repr=False)  # number → its turns in a period

    @order.default
    def _dealt(self) -> tuple[int, ...]:
        total, order = sum(self.weights), []
        credit = [0.0] * len(self.weights)
        for _ in range(self.period):
            credit = [have + weight for have, weight in zip(credit, self.weights, strict=True)]
            order.append(max(range(len(credit)), key=credit.__getitem__))
            credit[order[-1]] -= total
        return tuple(order)

    @_before.default
    def _counted(self) -> tuple[int, ...]:
        seen = [0] * len(self.weights)
        before = []
        for number in self.order:
            before.append(seen[number])
            seen[number] += 1
        return tuple(before)

    @_times.default
    def _summed(self) -> tuple[int, ...]:
        return tuple(map(self.order.count, range(len(self.weights))))

    def nth(self, place: int) -> tuple[int, int]:
        """Whose turn is at this place, and how many turns it had before."""
        rounds, at = divmod(place, self.period)
        number = self.order[at]
        return number, rounds * self._times[number] + self._before[at]
