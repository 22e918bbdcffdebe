"""What is said of assets that are there: edited in one transaction, and told to whoever shows it."""

from collections.abc import Callable, Sequence
from itertools import chain
from random import Random

from attrs import frozen

from origin.assets.description import Description
from origin.assets.naming import random_name
from origin.assets.purging import is_shown_to_others, purge_of, purge_of_lists
from origin.assets.structured import Structured
from origin.catalogue import Asset, Catalogue, Identity, Message, Renamed
from origin.catalogue.changes import Edit, TellChanged
from origin.catalogue.edits import TellEdited, TellRenamed


@frozen
class Editing:
    """Edits assets; the caches' lists of tags follow at once, their pictures when asked to."""

    catalogue: Catalogue
    now: Callable[[], float]
    rng: Random

    async def tell(self, messages: Sequence[Message]) -> None:
        """Queue messages that belong to no change."""
        await self.catalogue.outbox.add(messages, now=self.now())

    async def saying(self, cloud: str, said: Description) -> Callable[[Asset], Asset]:
        """What a description makes of an asset; 400 where it names metadata that the cloud does not have."""
        now = self.now()
        if said.metadata is None:
            return lambda asset: said.applied(asset, now)
        bearing = await Structured(self.catalogue.metadata).edit(cloud, said.metadata)
        return lambda asset: bearing(said.applied(asset, now))

    async def one(
        self,
        identity: Identity,
        edit: Edit,
        *,
        invalidate: bool,
        is_apart: bool,
        backup: bool = False,
        tell: TellChanged,
    ) -> Asset | None:
        """One asset as it is afterwards, None if there is none. `is_apart`: by its name within its folder; with
        `backup` the revision that it shows is kept."""
        return await self.catalogue.assets.change(
            identity,
            edit,
            now=self.now(),
            backup=backup,
            suffix=random_name(self.rng, 6) if is_apart else "",
            tell=lambda old, new: (*purges([(old, new)], invalidate=invalidate), *tell(old, new)),
        )

    async def several(
        self, identities: Sequence[Identity], edit: Edit, *, exclusive: Sequence[str] = (), tell: TellEdited
    ) -> tuple[Asset, ...]:
        """Those of them that there are, as they are afterwards; all are edited, or none is."""
        return await self.catalogue.edits.several(
            identities,
            edit,
            now=self.now(),
            exclusive=exclusive,
            tell=lambda edited: (*purges(edited), *tell(edited)),
        )

    async def rename(
        self, source: Identity, target: Identity, *, overwrite: bool, invalidate: bool, tell: TellRenamed
    ) -> Renamed | None:
        """The asset under its new name; None if there is none."""
        return await self.catalogue.edits.rename(
            source,
            target,
            now=self.now(),
            overwrite=overwrite,
            tell=lambda renamed: (*_purges_of(renamed, invalidate), *tell(renamed)),
        )


def purges(edited: Sequence[tuple[Asset, Asset]], *, invalidate: bool = False) -> tuple[Message, ...]:
    """What caches are told of edited assets: lists that show them end, and all made from them if asked for.

    Or where others may see them than before: no cache may go on showing what it holds.
    """
    shown = [new.identity for old, new in edited if invalidate or is_shown_to_others(old, new)]
    changed = [each for each in edited if each[0] != each[1]]
    return (*purge_of_lists(chain.from_iterable(changed)), *purge_of(*shown))


def _purges_of(renamed: Renamed, invalidate: bool) -> tuple[Message, ...]:
    identity = renamed.asset.identity
    told = purge_of_lists([renamed.asset, *([renamed.replaced] if renamed.replaced else [])])
    return (*told, *purge_of(renamed.old.identity, identity)) if invalidate else told
