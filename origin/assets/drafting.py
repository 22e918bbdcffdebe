"""A received file as an asset that has no row yet."""

from pathlib import Path

from attrs import evolve, frozen

from origin.catalogue import AssetDraft, Identity
from origin.store.keys import original_key
from origin.transform.plan import SourceFacts


@frozen
class Received:
    """A file on our disk, ours to move or remove."""

    path: Path
    size: int
    md5: str


def draft_of(identity: Identity, revision: str, file: Received, facts: SourceFacts | None) -> AssetDraft:
    """The asset that a file will be, by what is seen of it; `revision` is fresh, 32 hex digits."""
    draft = AssetDraft(
        identity=identity,
        revision=revision,
        store_key=original_key(identity.cloud, revision, facts.format if facts else None),
        bytes=file.size,
        etag=file.md5,
        display_name=identity.public_id.rpartition("/")[2],
    )
    if facts is None:
        return draft
    width, height = facts.shown
    return evolve(
        draft, format=facts.format, width=width, height=height, facts=evolve(facts, bytes=file.size)
    )
