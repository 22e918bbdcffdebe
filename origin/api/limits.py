"""How many Admin API calls a cloud has made in this hour, over all processes, and how many it may (admin-api §1)."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from attrs import define, field, frozen
from twisted.logger import Logger

from origin.catalogue import Tallies, Tally
from origin.delivery.flights import Flights
from origin.settings import Cloud
from wire.errors import RateLimited, Unavailable

log = Logger()

API = "api"
"""The tally of a cloud's Admin API calls by the hour."""

HOUR = 3600
SHARES = 20
"""A process takes this part of what is left of an hour at once, one call at least."""


@frozen
class Allowance:
    """What is left of an hour."""

    limit: int
    made: int
    resets: datetime

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The header fields that clients read it from."""
        return (
            ("X-FeatureRateLimit-Limit", str(self.limit)),
            ("X-FeatureRateLimit-Remaining", str(max(0, self.limit - self.made))),
            ("X-FeatureRateLimit-Reset", self.resets.strftime("%a, %d %b %Y %H:%M:%S GMT")),
        )

    def check(self) -> None:
        """Nothing, or 420 for the call that is one too many."""
        if self.made > self.limit:
            again = self.resets.strftime("%Y-%m-%d %H:%M:%S UTC")
            raise RateLimited(
                f"Rate Limit Exceeded. Limit of {self.limit} api operations reached. Try again on {again}"
            )


@define
class Share:
    """Calls of an hour that are this process's own to count: the catalogue has counted all of them already."""

    hour: int
    made: int = 0  # the number of the last call, among those of all processes
    last: int = 0  # the number of the last call that is ours

    def size(self, limit: int) -> int:
        """How many calls to take next: the less is left, the fewer, so that nobody holds what others miss."""
        return max(1, (limit - self.last) // SHARES)


@define(eq=False)
class RateLimits:
    """Counts calls: shares of an hour in the catalogue, the calls of a share in memory.

    All processes together let no call pass beyond the limit. What one of them has taken and not used when the
    others have run out is lost to them: a twentieth of the limit at most.
    """

    tallies: Tallies
    clouds: Mapping[str, Cloud]
    now: Callable[[], float]
    _shares: dict[str, Share] = field(init=False, factory=dict)
    _flights: Flights[None] = field(init=False, factory=Flights)

    async def made(self, cloud: str) -> Allowance:
        """What is left after one more call. A catalogue out of reach forbids nothing by itself."""
        now = self.now()
        try:
            made = await self._made(cloud, int(now // HOUR))
        except Unavailable as error:
            log.debug("a call of {cloud} is not counted: {why}", cloud=cloud, why=str(error))
            made = 1
        return self._allowance(cloud, made, now)

    def untouched(self, cloud: str) -> Allowance:
        """What strangers are told: nothing of what others have used."""
        return self._allowance(cloud, 0, self.now())

    async def _made(self, cloud: str, hour: int) -> int:
        """The number of this call; one beyond the limit for all that are too many."""
        share, limit = self._share(cloud, hour), self._limit(cloud)
        while share.made == share.last <= limit:
            await self._flights.join(f"{cloud} {hour}", lambda: self._take(cloud, share))
        if share.made < limit:
            share.made += 1
            return share.made
        return limit + 1

    def _share(self, cloud: str, hour: int) -> Share:
        known = self._shares.get(cloud)
        if known is None or known.hour != hour:
            known = self._shares[cloud] = Share(hour)
        return known

    async def _take(self, cloud: str, share: Share) -> None:
        size = share.size(self._limit(cloud))
        share.last = await self.tallies.add(Tally(cloud, API, share.hour), size)
        share.made = share.last - size

    def _limit(self, cloud: str) -> int:
        return self.clouds.get(cloud, Cloud()).rate_limit

    def _allowance(self, cloud: str, made: int, now: float) -> Allowance:
        hour = datetime.fromtimestamp(now, UTC).replace(minute=0, second=0, microsecond=0)
        return Allowance(self._limit(cloud), made, hour + timedelta(hours=1))
