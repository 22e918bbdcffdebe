"""When a notification is tried again, and when it is given up, by the sheet's own clock."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_twisted
from attrs import define, field

from origin.catalogue import Catalogue
from origin.catalogue.hearers import Destination
from origin.catalogue.messages import WEBHOOK
from origin.counters import Counters
from origin.notifications.notifier import HELD_SECONDS, Notifier
from origin.notifications.postman import Postman
from origin.notifications.signing import Signed
from origin.remote.addresses import Guard
from origin.remote.errors import RemoteTrouble
from origin.settings import Cloud, Webhooks
from tests.support.origins import pause

HOOK = Destination("webhook", "https://a.example/", "https://a.example:443")
AWAY = RemoteTrouble(HOOK.uri, "answered with 500")


@define(eq=False)
class Receiver:
    """A way out that leads nowhere."""

    told: list[Signed] = field(factory=list)
    error: Exception | None = AWAY

    async def post(self, url: str, notification: Signed, guard: Guard) -> None:
        self.told.append(notification)
        if self.error is not None:
            raise self.error


@define(eq=False)
class Office:
    """A postman in a time of its own."""

    catalogue: Catalogue
    receiver: Receiver
    counters: Counters = field(factory=Counters)
    now: float = 1_700_000_000.0

    def postman(self) -> Postman:
        from twisted.internet import reactor

        return Postman(
            catalogue=self.catalogue,
            post=self.receiver.post,
            clouds={"demo": Cloud("k", "s")},
            settings=Webhooks(look_seconds=0.01),
            counters=self.counters,
            clock=reactor,
            now=lambda: self.now,
        )

    async def owe(self, cloud: str = "demo") -> None:
        notifier = Notifier(cloud=cloud, api_key="k", request_id="r", at=self.now, to=HOOK)
        await self.catalogue.outbox.add(notifier.tell("upload", {}), now=self.now)

    async def due_after(self) -> float:
        """In how many seconds the one entry will be told (to within one)."""
        low, high = 0, 4000
        while low < high:
            middle = (low + high) // 2
            is_due = await self.catalogue.outbox.has_due(WEBHOOK, now=self.now + middle)
            low, high = (low, middle) if is_due else (middle + 1, high)
        return low

    async def settled(self, attempts: int) -> None:
        """So many attempts were made, and what came of the last one is written."""
        for _ in range(500):
            is_due = await self.catalogue.outbox.has_due(WEBHOOK, now=self.now + 60)  # claimed, or waiting
            if len(self.receiver.told) == attempts and not is_due:
                return
            await pause(0.01)
        raise AssertionError(f"{len(self.receiver.told)} attempts")


@pytest_twisted.async_yield_fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    from twisted.internet import reactor

    made = Catalogue(f"sqlite:///{tmp_path / 'c.db'}", reactor=reactor)
    yield Office(made, Receiver())
    await made.close()


@pytest_twisted.ensureDeferred
async def test_it_is_tried_again_after_three_six_and_nine_minutes(office: Office) -> None:
    """Four attempts, each signed at its own time; whoever is postman by then makes the next."""
    await office.owe()
    for attempt, seconds in enumerate((180, 360, 540), start=1):
        postman = office.postman()
        postman.startService()
        await office.settled(attempt)
        await postman.stopService()
        assert await office.due_after() == seconds
        office.now += seconds
    postman = office.postman()
    postman.startService()
    await office.settled(4)
    await postman.stopService()
    assert [each.timestamp - 1_700_000_000 for each in office.receiver.told] == [0, 180, 540, 1080]
    assert await office.catalogue.outbox.waiting() == 0
    assert (office.counters.webhooks_failed, office.counters.webhooks_given_up) == (4, 1)


@pytest_twisted.ensureDeferred
async def test_what_a_killed_node_held_comes_back_with_its_lease(office: Office) -> None:
    office.receiver.error = None
    await office.owe()
    held = await office.catalogue.outbox.claim(9, now=office.now, lease_seconds=40.0)
    assert [each.attempts for each in held] == [1]
    assert await office.due_after() == 40
    office.now += 40
    postman = office.postman()
    postman.startService()
    await office.settled(1)
    await postman.stopService()
    assert (await office.catalogue.outbox.waiting(), office.counters.webhooks) == (0, 1)


@pytest_twisted.ensureDeferred
async def test_what_is_owed_by_a_cloud_that_is_no_more_is_given_up(office: Office) -> None:
    await office.owe("gone")
    postman = office.postman()
    postman.startService()
    await office.settled(0)
    await postman.stopService()
    assert (await office.catalogue.outbox.waiting(), office.counters.webhooks_given_up) == (0, 1)


@pytest_twisted.ensureDeferred
async def test_what_nobody_foresaw_comes_to_an_end_too(office: Office) -> None:
    """A mistake of ours costs attempts like any other trouble; it is logged, and never tried for ever."""
    office.receiver.error = ZeroDivisionError("ours")
    await office.owe()
    for attempt in range(1, 5):
        postman = office.postman()
        postman.startService()
        await office.settled(attempt)
        await postman.stopService()
        office.now += 540
    assert (await office.catalogue.outbox.waiting(), office.counters.webhooks_given_up) == (0, 1)


@pytest_twisted.ensureDeferred
async def test_a_held_event_that_nobody_completes_is_told_as_it_is(office: Office) -> None:
    office.receiver.error = None
    notifier = Notifier(cloud="demo", api_key="k", request_id="r", at=office.now, to=HOOK)
    await office.catalogue.outbox.add(notifier.hold("upload", {"a": 1}), now=office.now - HELD_SECONDS)
    postman = office.postman()
    await postman.tidy()
    postman.startService()
    await office.settled(1)
    await postman.stopService()
    assert office.receiver.told[0].body == notifier.body("upload", {"a": 1}).encode()
    assert await office.catalogue.outbox.waiting() == 0
