"""Traffic against a running world: what its cloud has becomes what is asked for, changes become purges."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import Factory, frozen
from treq.client import HTTPClient
from twisted.internet.threads import deferToThread

from sim.demo.seed import CloudAccess
from sim.topology.model import Region
from sim.traffic.record import Kind, Record
from sim.traffic.send import Pace, Sender
from sim.traffic.targets import Picture, Targets
from sim.transfer.cloud import Cloud
from wire.web.agent import make_agent

Purge = Callable[[Mapping[str, Any]], str]  # blocks; a word for what came of it


@frozen
class World:
    """Where a running world is reached."""

    front: str
    """Base URL that viewers ask."""
    access: CloudAccess
    regions: Mapping[str, Region]
    purge: Purge
    controls: Mapping[str, str] = Factory(dict)
    """Node → control URL; they are asked how they are, and counted by what they say."""


async def pictures_of(reactor: Any, access: CloudAccess) -> list[Picture]:
    """All uploaded images of a cloud."""
    agent, pool = make_agent(reactor)
    try:
        cloud = Cloud(HTTPClient(agent), access, time.time)
        return [
            Picture(asset["public_id"], asset["format"])
            async for asset in cloud.assets("image")
            if asset["type"] == "upload"
        ]
    finally:
        await pool.closeCachedConnections()


def sources_of(regions: Mapping[str, Region]) -> dict[str, str]:
    """The first loopback address of each region's viewers; a region without one says its name in a header."""
    found = {}
    for name, region in regions.items():
        networks = [network.range for network in region.viewers if network.range.is_loopback]
        if networks:
            found[name] = str(next(iter(networks[0].hosts())))
    return found


def sender_of(
    reactor: Any, world: World, pictures: Sequence[Picture], widths: Sequence[int], pace: Pace
) -> Sender:
    """Traffic to this world, of these pictures."""
    targets = Targets(world.access.cloud, pictures)

    async def change(together: Sequence[Record]) -> str:
        told: dict[str, Any] = {"fanout": True}
        if together[0].asset < 0:
            told["everything"] = True
        else:
            told["urls"] = [url for record in together for url in targets.variants_of(record.asset, widths)]
        word = await deferToThread(world.purge, told)
        return f"{'overwrite' if together[0].kind is Kind.OVERWRITE else 'purge'}: {word}"

    return Sender(reactor, world.front, targets, sources_of(world.regions), pace, change)
