"""Display names that no other asset of the folder bears, where somebody asks for that (upload-api §3.2)."""

from typing import TypeVar

from attrs import evolve
from sqlalchemy import Connection, bindparam, select, text

from origin.catalogue.schema import assets
from origin.catalogue.values import AssetDraft

LONGEST = 255

Draft = TypeVar("Draft", bound=AssetDraft)

BORNE = (
    select(assets.c.id)
    .where(
        assets.c.cloud == bindparam("cloud"),
        assets.c.asset_folder == bindparam("asset_folder"),
        assets.c.display_name == bindparam("display_name"),
        assets.c.asset_id != bindparam("asset_id"),
    )
    .limit(1)
)


def set_apart(connection: Connection, draft: Draft, asset_id: str, suffix: str) -> Draft:
    """The draft, with `_<suffix>` at its display name if another asset of its folder bears that.

    PostgreSQL: two that ask for it in one folder wait for each other; SQLite has one writer anyway.
    """
    cloud, folder = draft.identity.cloud, draft.asset_folder
    if connection.dialect.name == "postgresql":
        place = {"place": f"{cloud}/{folder}"}
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:place, 0))"), place)
    named = {
        "cloud": cloud,
        "asset_folder": folder,
        "display_name": draft.display_name,
        "asset_id": asset_id,
    }
    if connection.execute(BORNE, named).first() is None:
        return draft
    ending = f"_{suffix}"
    return evolve(draft, display_name=draft.display_name[: LONGEST - len(ending)] + ending)
