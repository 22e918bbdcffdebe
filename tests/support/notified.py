"""What an origin has told its listeners, read where they would."""

import json
from typing import Any

from sqlalchemy import select

from origin.catalogue import Catalogue
from origin.catalogue.schema import buffered
from tests.support.origins import RunningOrigin


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
