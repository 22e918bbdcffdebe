"""What copies of remote files cost a cloud is bounded: those that nobody looked at for long go, and with too many
of them those least recently delivered. Whoever asks again has them loaded again."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

from attrs import define, field
from twisted.logger import Logger

from origin.assets.purging import purge_of
from origin.catalogue import Asset, Catalogue, Message
from origin.catalogue.copies import Bound
from origin.settings import Cloud, Fetching

log = Logger()

NOTED_SECONDS = 24 * 3600.0  # deliveries of one copy within this are one
MOST_NOTED = 10_000  # copies whose last note a node remembers; of others one is made too many


@define(eq=False)
class CopyKeeping:
    """Notes which copies are delivered, and leaves out those beyond the bounds of their clouds."""

    catalogue: Catalogue
    clouds: Mapping[str, Cloud]
    now: Callable[[], float]
    _noted: OrderedDict[str, float] = field(factory=OrderedDict, init=False)

    async def delivered(self, asset: Asset) -> None:
        """A copy is about to be delivered: written down once a day."""
        now = self.now()
        if now - self._noted.get(asset.asset_id, -NOTED_SECONDS) < NOTED_SECONDS:
            return
        self._noted[asset.asset_id] = now
        self._noted.move_to_end(asset.asset_id)
        if len(self._noted) > MOST_NOTED:
            self._noted.popitem(last=False)
        await self.catalogue.copies.delivered(asset.asset_id, now)

    async def sweep(self) -> None:
        """Leave out what is beyond the bounds."""
        for name, cloud in self.clouds.items():
            gone = 0
            while went := await self.catalogue.copies.shrink(
                name, self._bound(cloud.fetch), now=self.now(), tell=_purged
            ):
                gone += went
            if gone:
                log.info("{cloud}: {gone} copies of remote files were left out", cloud=name, gone=gone)

    def _bound(self, told: Fetching) -> Bound:
        # a copy may have been delivered since its last note
        since = self.now() - told.keep_seconds - NOTED_SECONDS if told.keep_seconds else None
        return Bound(since, told.quota_bytes or None)


def _purged(leaving: Sequence[Asset]) -> Sequence[Message]:
    return purge_of(*(each.identity for each in leaving))
