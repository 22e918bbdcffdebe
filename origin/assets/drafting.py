"""A received file as an asset that has no row yet."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from origin.catalogue import AssetDraft, Identity
from origin.store.keys import original_key
from origin.transform.plan import SourceFacts

NOTHING: Mapping[str, Any] = {}


@frozen
class Received:
    """A file on our disk, ours to move or remove."""

    path: Path
    size: int
    md5: str


def draft_of(
    identity: Identity,
    revision: str,
    file: Received,
    facts: SourceFacts | None,
    recording: Mapping[str, Any] = NOTHING,
) -> AssetDraft:
    """The asset that a file will be, by what is seen or read of it; `revision` is fresh, 32 hex digits."""
    extension = facts.format if facts else recording.get("format")
    draft = AssetDraft(
        identity=identity,
        revision=revision,
        store_key=original_key(identity.cloud, revision, extension),
        bytes=file.size,
        etag=file.md5,
        display_name=identity.public_id.rpartition("/")[2],
    )
    if facts is None:
        width, height = recording.get("width"), recording.get("height")
        return evolve(draft, format=extension, width=width, height=height)
    return evolve(
        draft,
        format=facts.format,
        width=facts.shown[0],
        height=facts.shown[1],
        facts=evolve(facts, bytes=file.size),
    )
