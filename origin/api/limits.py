"""How many Admin API calls a cloud has made in this hour, over all processes, and how many it may (admin-api §1)."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from attrs import frozen
from twisted.logger import Logger

from origin.catalogue import Tallies, Tally
from origin.settings import Cloud
from wire.errors import RateLimited, Unavailable

log = Logger()

API = "api"
"""The tally of a cloud's Admin API calls by the hour."""

HOUR = 3600


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


@frozen
class RateLimits:
    """Counts calls. Each is one row added to: a call costs more than that, and no process counts for itself."""

    tallies: Tallies
    clouds: Mapping[str, Cloud]
    now: Callable[[], float]

    async def made(self, cloud: str) -> Allowance:
        """What is left after one more call. A catalogue out of reach forbids nothing by itself."""
        now = self.now()
        try:
            made = await self.tallies.add(Tally(cloud, API, int(now // HOUR)))
        except Unavailable as error:
            log.debug("a call of {cloud} is not counted: {why}", cloud=cloud, why=str(error))
            made = 1
        return self._allowance(cloud, made, now)

    def untouched(self, cloud: str) -> Allowance:
        """What strangers are told: nothing of what others have used."""
        return self._allowance(cloud, 0, self.now())

    def _allowance(self, cloud: str, made: int, now: float) -> Allowance:
        hour = datetime.fromtimestamp(now, UTC).replace(minute=0, second=0, microsecond=0)
        limit = self.clouds.get(cloud, Cloud()).rate_limit
        return Allowance(limit, made, hour + timedelta(hours=1))
