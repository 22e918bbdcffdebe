"""Delivers notifications from the outbox. Several nodes may; each is claimed by one of them at a time."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field
from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred, DeferredList
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from origin.catalogue import Catalogue, Message, OutboxEntry
from origin.catalogue.messages import EVENT, HELD_EVENT, WEBHOOK
from origin.catalogue.outbox import Rooms
from origin.counters import Counters
from origin.notifications.posting import Post
from origin.notifications.rounds import Rounds
from origin.notifications.signing import signed
from origin.remote.addresses import Guard
from origin.remote.errors import RemoteTrouble
from origin.settings import Cloud, Webhooks
from wire.errors import Unavailable

LEASE_MARGIN_SECONDS = 30.0  # on top of the longest delivery: for the catalogue to be told
TIDY_SECONDS = 30.0


@define(eq=False)
class _Delivery:
    entry: OutboxEntry
    ended: "Deferred[None]" = field(init=False)


class Postman(Service):
    """Looks for what is due every so often, and again whenever a delivery ends.

    So many deliveries run at once, and only a few of them to one receiver: one that is slow or dead holds up what
    is meant for it, and nothing else. A delivery that fails is tried again after each of the pauses, then given up.
    What is under way when the node stops is given back; what it held when it was killed comes back by its lease.
    """

    _log = Logger()

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        post: Post,
        clouds: Mapping[str, Cloud],
        settings: Webhooks,
        counters: Counters,
        clock: IReactorTime,
        now: Callable[[], float],
    ) -> None:
        self._catalogue = catalogue
        self._post = post
        self._clouds = clouds
        self._settings = settings
        self._counters = counters
        self._now = now
        self._look = Rounds(self._claim, clock, settings.look_seconds)
        self._tidying = Rounds(self.tidy, clock, TIDY_SECONDS)
        self._told: list[OutboxEntry] = []
        self._under_way: dict[int, _Delivery] = {}

    def startService(self) -> None:
        super().startService()
        self._look.start()
        self._tidying.start()

    def stopService(self) -> Deferred[None]:
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        super().stopService()
        await self._look.stop()
        await self._tidying.stop()
        deliveries = list(self._under_way.values())
        for each in deliveries:
            each.ended.cancel()
        await DeferredList([each.ended for each in deliveries])
        try:
            await self._forget()
        except Unavailable as error:
            self._log.debug("some will be told again: {why}", why=str(error))

    async def _claim(self) -> None:
        await self._forget()
        outbox, now = self._catalogue.outbox, self._now()
        rooms = Rooms(
            self._settings.per_receiver, Counter(each.entry.lane for each in self._under_way.values())
        )
        free = self._settings.running - len(self._under_way)
        if free <= 0 or not await outbox.has_due(WEBHOOK, now=now, full=rooms.full):
            return
        lease = self._settings.seconds + LEASE_MARGIN_SECONDS
        for entry in await outbox.claim_lanes(WEBHOOK, free, rooms, now=now, lease_seconds=lease):
            self._begin(entry)

    def _begin(self, entry: OutboxEntry) -> None:
        delivery = self._under_way[entry.id] = _Delivery(entry)
        delivery.ended = Deferred.fromCoroutine(self._delivered(entry))
        delivery.ended.addBoth(self._ended, entry)

    def _ended(self, result: Any, entry: OutboxEntry) -> None:
        self._under_way.pop(entry.id, None)
        self._look.soon()

    async def _delivered(self, entry: OutboxEntry) -> None:
        with self._log.failuresHandled("while telling {url}", url=entry.payload["url"]):
            try:
                await self._attempt(entry)
            except Unavailable as error:  # of the catalogue: told or not, the lease brings it back
                self._log.debug("a notification waits: {why}", why=str(error))
            except CancelledError:
                pass  # while the catalogue was told what came of it: it knows, or its lease ends

    async def _attempt(self, entry: OutboxEntry) -> None:
        told = entry.payload
        cloud = self._clouds.get(told["cloud"])
        if cloud is None or not cloud.every_key:
            await self._give_up(entry, "its cloud is no more")
            return
        try:
            notification = signed(cloud, told["api_key"], told["body"], self._now())
            await self._post(told["url"], notification, Guard.allowing(cloud.fetch.allow))
        except CancelledError:
            await self._catalogue.outbox.give_back(entry, now=self._now())
        except RemoteTrouble as trouble:
            await self._again(entry, trouble)
        except Exception as error:  # noqa: BLE001  the border: what nobody foresaw must come to an end, too
            self._log.failure("while telling {url}", url=told["url"])
            await self._again(entry, RemoteTrouble(told["url"], type(error).__name__))
        else:
            self._counters.webhooks += 1
            self._told.append(entry)

    async def _again(self, entry: OutboxEntry, trouble: RemoteTrouble) -> None:
        self._counters.webhooks_failed += 1
        pauses = self._settings.pauses_seconds
        if entry.attempts > len(pauses):
            await self._give_up(entry, trouble.reason)
            return
        self._log.info("{why}; it will be told again", why=str(trouble))
        await self._catalogue.outbox.later(entry, self._now() + pauses[entry.attempts - 1])

    async def _give_up(self, entry: OutboxEntry, why: str) -> None:
        self._counters.webhooks_given_up += 1
        self._log.warn(
            "{type} of {cloud} is not told to {url} any more, after {attempts} attempts: {why}",
            type=entry.payload["type"],
            cloud=entry.payload["cloud"],
            url=entry.payload["url"],
            attempts=entry.attempts,
            why=why,
        )
        await self._catalogue.outbox.done(entry)

    async def _forget(self) -> None:
        """Those told since the last look, in one transaction; theirs is the lease until then."""
        told = tuple(self._told)
        await self._catalogue.outbox.done(*told)
        del self._told[: len(told)]

    async def tidy(self) -> None:
        """Tell what was held in vain, forget what nobody read."""
        await self._release()
        await self._catalogue.channels.expire(self._now() - self._settings.kept_seconds)

    async def _release(self) -> None:
        now = self._now()
        if not await self._catalogue.outbox.has_due(HELD_EVENT, now=now):
            return
        held = await self._catalogue.outbox.claim(
            100, now=now, lease_seconds=LEASE_MARGIN_SECONDS, kinds=(HELD_EVENT,)
        )
        for each in held:
            await self._catalogue.outbox.follow(each, [Message(EVENT, each.payload)], now=now)
