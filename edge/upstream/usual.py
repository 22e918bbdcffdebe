"""How long something usually takes, and from when on it takes unusually long: TCP's own reckoning of when to give an
answer up (RFC 6298). Pure."""

from __future__ import annotations

from attrs import define, field

FIRST_SECONDS = 1.0  # while nothing is known (§2.1)
LEAST_SECONDS = 0.2  # as Linux has it, where §2.4 has a second: one attempt is at stake, and there are others
GAIN, DEVIATION_GAIN, DEVIATIONS = 1 / 8, 1 / 4, 4  # alpha, beta and K of §2


@define
class Usual:
    """Of one thing that is done again and again."""

    _mean: float | None = field(default=None, init=False)
    _deviation: float = field(default=0.0, init=False)
    _backed_off: float = field(default=1.0, init=False)

    @property
    def bound_seconds(self) -> float:
        """What takes longer is unusual."""
        usual = FIRST_SECONDS if self._mean is None else self._mean + DEVIATIONS * self._deviation
        return max(LEAST_SECONDS, usual) * self._backed_off

    def took(self, seconds: float) -> None:
        """It was done in so long (§2.2, §2.3)."""
        self._backed_off = 1.0
        if self._mean is None:
            self._mean, self._deviation = seconds, seconds / 2
            return
        self._deviation += DEVIATION_GAIN * (abs(self._mean - seconds) - self._deviation)
        self._mean += GAIN * (seconds - self._mean)

    def back_off(self) -> None:
        """It was given up: if it takes longer from now on, that is to be found out (§5.5)."""
        self._backed_off *= 2
