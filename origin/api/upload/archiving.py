"""What `generate_archive` does, now or after its answer: assets are chosen, packed, and perhaps taken in."""

from collections.abc import Callable, Sequence
from pathlib import Path

from attrs import frozen
from twisted.internet.interfaces import IConsumer

from origin.api.answers import Answers
from origin.api.endpoint import Json
from origin.api.upload.submission import Submission
from origin.api.wishes import DELIVERY_TYPES
from origin.archives.choosing import Choosing, Chosen
from origin.archives.formats import FORMATS
from origin.archives.naming import Names
from origin.archives.packing import Member, Packing
from origin.archives.wishes import ArchiveWish, archive_wish, check_files
from origin.assets.drafting import Received
from origin.assets.eager import Eager
from origin.assets.ingest import Ingest, Upload
from origin.catalogue import Asset, Message, Outbox, Stored
from origin.store.spooled import spooled
from wire.errors import InvalidRequest


@frozen
class Archived:
    """An archive that was made an asset."""

    asset: Asset
    answer: Json


@frozen(kw_only=True)
class Archiving:
    """Packs assets."""

    answers: Answers
    choosing: Choosing
    packing: Packing
    eager: Eager
    ingest: Ingest
    outbox: Outbox
    spool: Path
    most_bytes: int  # of an archive that is kept
    now: Callable[[], float]
    new_id: Callable[[], str]

    def wish(self, submission: Submission) -> ArchiveWish:
        """What the parameters ask for; 400 for a bad one."""
        cloud = submission.caller.cloud
        return archive_wish(
            cloud,
            submission.resource_type,
            submission.params,
            lambda written: self.eager.parse(cloud, written),
            fixed_folders=cloud in self.answers.fixed_folders,
        )

    async def contents(self, wish: ArchiveWish) -> Chosen:
        """The assets; 400 where there are too many, or such as cannot be transformed."""
        chosen = await self.choosing.chosen(wish.selection, may_miss=wish.may_miss)
        check_files(len(chosen.assets), wish)
        if any(each.chain or each.extension for each in wish.wishes):
            for asset in chosen.assets.values():
                if asset.facts is None:
                    kind = asset.identity.resource_type
                    raise InvalidRequest(f"Transformations are not supported for {kind} files")
        return chosen

    async def pack(
        self,
        chosen: Chosen,
        wish: ArchiveWish,
        consumer: IConsumer,
        *,
        begins: Callable[[], None] = lambda: None,
        most_bytes: int | None = None,
    ) -> None:
        """Write the archive to a consumer, at its pace."""
        await self.packing.pack(
            _members(chosen, wish),
            FORMATS[wish.format](),
            Names(wish.style),
            consumer,
            begins=begins,
            most_bytes=most_bytes,
        )

    async def create(self, submission: Submission) -> Archived:
        """The archive as a raw asset; its notification is of the transaction that stores it."""
        wish = self.wish(submission)
        chosen = await self.contents(wish)
        told = {
            "resource_count": len(chosen.assets),
            "file_count": len(_members(chosen, wish)),
            **chosen.told,
        }

        def answer(stored: Stored) -> Json:
            return {**self.answers.uploaded(stored, submission.caller), **told}

        file = await spooled(
            lambda sink: self.pack(chosen, wish, sink, most_bytes=self.most_bytes), self.spool, wish.filename
        )
        stored = await self.ingest.take(
            self._upload(submission, wish),
            Received(file.path, file.size, file.md5),
            lambda stored: submission.notifier.tell("generate_archive", answer(stored)),
        )
        return Archived(stored.asset, answer(stored))

    def _upload(self, submission: Submission, wish: ArchiveWish) -> Upload:
        return Upload(
            cloud=submission.caller.cloud,
            resource_type="raw",
            type=self.type_of(wish),
            public_id=wish.public_id,
            filename=wish.filename,
            keeps_filename=False,
            asset_folder=wish.asset_folder,
            tags=wish.tags,
            revision=submission.revision,
            by=submission.caller.author,
        )

    def type_of(self, wish: ArchiveWish) -> str:
        """An archive of hidden assets is hidden as they are."""
        return wish.selection.type if wish.selection.type in DELIVERY_TYPES else "upload"

    async def queue(self, messages: Sequence[Message]) -> None:
        """Leave something to be done."""
        await self.outbox.add(messages, now=self.now())


def _members(chosen: Chosen, wish: ArchiveWish) -> list[Member]:
    return [Member(asset, each) for asset in chosen.assets.values() for each in wish.wishes]
