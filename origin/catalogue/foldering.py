"""Which folder an asset is in, and that this folder exists: within the transaction that puts the asset there."""

from collections.abc import Callable

from attrs import frozen
from sqlalchemy import Connection, bindparam, insert, select

from origin.catalogue.schema import folders
from origin.catalogue.values import AssetDraft

MANAGED = ("upload", "private", "authenticated")
"""Delivery types whose public ids are paths; those of fetched assets are URLs."""

# FOR SHARE: whoever removes or renames one of them waits for us, or we for him and find it gone.
HELD = (
    select(folders.c.path)
    .where(folders.c.cloud == bindparam("cloud"), folders.c.path.in_(bindparam("paths", expanding=True)))
    .order_by(folders.c.path)
    .with_for_update(read=True)
)


@frozen
class FolderModes:
    """How clouds keep their folders; all others keep them apart from public ids (upload-api §10)."""

    fixed: frozenset[str] = frozenset()  # clouds whose folders are paths of public ids
    uncreated: frozenset[str] = frozenset()  # those of them whose folders no upload creates

    def created_by(self, asset: AssetDraft) -> str:
        """The folder that comes to be with this asset; empty for none."""
        identity = asset.identity
        if identity.cloud not in self.fixed:
            return asset.asset_folder
        if identity.cloud in self.uncreated or identity.type not in MANAGED:
            return ""
        return parent_of(identity.public_id)


DYNAMIC = FolderModes()
"""Every cloud keeps its folders apart from public ids."""


def parent_of(path: str) -> str:
    """The folder around a folder or a public id; the root is empty."""
    return path.rpartition("/")[0]


def lineage(path: str) -> list[str]:
    """A folder and those around it, without the root."""
    steps = path.split("/") if path else []
    return ["/".join(steps[: length + 1]) for length in range(len(steps))]


def keep_folder(
    connection: Connection, cloud: str, path: str, *, now: float, new_id: Callable[[], str]
) -> list[str]:
    """See to it that a folder and those around it exist, until this transaction ends; returns those made."""
    wanted = lineage(path)
    if not wanted:
        return []
    held = set(connection.execute(HELD, {"cloud": cloud, "paths": wanted}).scalars())
    missing = [each for each in wanted if each not in held]
    if missing:
        rows = [
            {
                "external_id": new_id(),
                "cloud": cloud,
                "parent": parent_of(each),
                "path": each,
                "created_at": now,
            }
            for each in missing
        ]
        connection.execute(insert(folders), rows)
    return missing
