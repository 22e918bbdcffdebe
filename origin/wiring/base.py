"""What every room of a node works with: its folders, store, catalogue, renderer, clock and dice."""

from collections.abc import Callable
from pathlib import Path
from random import Random, SystemRandom
from typing import Any
from uuid import uuid4

from attrs import frozen
from twisted.web.iweb import IAgentEndpointFactory

from origin.catalogue import Catalogue, FolderModes
from origin.counters import Counters
from origin.delivery.rules import Rulebook
from origin.render.pool import RenderPool
from origin.render.providers import Command
from origin.settings import Cloud, Settings
from origin.store.interface import ObjectStore
from origin.store.making import make_stores
from wire.clock import Now


def new_id() -> str:
    """32 hex digits nobody had before."""
    return uuid4().hex


@frozen(kw_only=True)
class Base:
    """The ground that all rooms of one node stand on."""

    settings: Settings
    reactor: Any
    connect: IAgentEndpointFactory | None
    spool: Path
    scratch: Path
    store: ObjectStore
    modes: FolderModes
    catalogue: Catalogue
    rules: Rulebook
    renders: RenderPool
    counters: Counters
    rng: Random
    now: Now


def make_base(
    settings: Settings,
    *,
    reactor: Any,
    connect: IAgentEndpointFactory | None,
    store: ObjectStore | None,
    rng: Random | None,
    now: Now,
) -> Base:
    """What the settings say; a `store` or `rng` that is given stands for the node's own."""
    # Instances may share `state`: each has folders of its own, and sweeps there what it left when killed.
    spool, scratch = (Path(settings.state) / kind / settings.name for kind in ("spool", "scratch"))
    modes = FolderModes(
        clouds_where(settings, lambda cloud: cloud.folder_mode == "fixed"),
        clouds_where(settings, lambda cloud: not cloud.auto_create_folders),
    )
    catalogue = Catalogue(settings.catalogue, reactor=reactor, modes=modes)
    return Base(
        settings=settings,
        reactor=reactor,
        connect=connect,
        spool=spool,
        scratch=scratch,
        store=store
        or make_stores(
            settings.storage,
            {name: cloud.storage for name, cloud in settings.clouds.items() if cloud.storage is not None},
            reactor=reactor,
            scratch=scratch,
            connect=connect,
        ),
        modes=modes,
        catalogue=catalogue,
        rules=Rulebook(catalogue, settings.clouds),
        renders=RenderPool(reactor, settings.render, settings.workers, scratch, _commands(settings)),
        counters=Counters(),
        rng=rng or SystemRandom(),
        now=now,
    )


def clouds_where(settings: Settings, holds: Callable[[Cloud], bool]) -> frozenset[str]:
    """The names of some clouds."""
    return frozenset(name for name, cloud in settings.clouds.items() if holds(cloud))


def _commands(settings: Settings) -> dict[str, Command]:
    return {
        name: Command(each.command, each.seconds, each.memory_bytes)
        for name, each in settings.providers.items()
        if each.command
    }
