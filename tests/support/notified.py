"""What an origin has told its listeners, read where they would."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from origin.catalogue import Catalogue
from origin.catalogue.messages import HELD_EVENT, WEBHOOK
from origin.catalogue.schema import buffered
from origin.settings import Cloud, Webhooks
from tests.support.origins import RunningOrigin, running_origin, settings_in
from tests.support.remote import Conversation

QUICK = Webhooks(pauses_seconds=(0.05, 0.05, 0.05), seconds=1.0, running=8, per_receiver=2, look_seconds=0.05)


@asynccontextmanager
async def notifying_origin(folder: Path) -> AsyncIterator[RunningOrigin]:
    """One that tries again soon; its cloud `usual` is told of all that names no other URL."""
    clouds = {
        **settings_in(folder).clouds,
        "usual": Cloud("555", "usual-secret", notification_url="poll://usual"),
    }
    async with running_origin(folder, webhooks=QUICK, clouds=clouds) as running:
        yield running


async def idle(origin: RunningOrigin) -> None:
    """No notification is owed any more."""

    async def is_idle() -> bool:
        return await origin.node.catalogue.outbox.waiting(WEBHOOK, HELD_EVENT) == 0

    await origin.eventually(is_idle, "the outbox is empty")


async def uploaded(origin: RunningOrigin, name: str, **parameters: Any) -> dict[str, Any]:
    return await origin.upload(
        b"bytes of " + name.encode(), public_id=name, resource_type="raw", **parameters
    )


def says(told: Conversation) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(told.body)
    return found


async def told(origin: RunningOrigin, channel: str) -> list[Any]:
    """Notifications in a channel, oldest first."""
    return await told_in(origin.node.catalogue, channel)


async def told_in(catalogue: Catalogue, channel: str) -> list[Any]:
    """The same where no origin runs."""
    wanted = select(buffered.c.body).where(buffered.c.channel == channel).order_by(buffered.c.id)
    rows = await catalogue._database.read(lambda connection: connection.execute(wanted).scalars().all())
    return [json.loads(each) for each in rows]


async def told_once(origin: RunningOrigin, channel: str, number: int = 1) -> Any:
    """The last of so many, once they are there."""

    async def are_there() -> bool:
        return len(await told(origin, channel)) >= number

    await origin.eventually(are_there, f"{channel} is told")
    found = await told(origin, channel)
    assert len(found) == number
    return found[-1]
