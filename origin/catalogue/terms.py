"""What an asset can be listed by besides its name: tags, context, moderation.

One row for each term, with the place of the asset in creation order, which never changes: a page of a listing is one
range of an index, however many assets bear the term.
"""

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, Literal

from attrs import Attribute, field, frozen
from sqlalchemy import Connection, bindparam, delete, insert, select

from origin.catalogue.changes import Change
from origin.catalogue.prefixes import successor
from origin.catalogue.schema import asset_terms
from origin.catalogue.values import AssetDraft, is_storable
from wire.errors import InvalidRequest

BEAR = insert(asset_terms)
FORGET = delete(asset_terms).where(
    asset_terms.c.asset_id == bindparam("of_asset"),
    asset_terms.c.kind == bindparam("of_kind"),
    asset_terms.c.term == bindparam("named"),
)
LONGEST = 1200  # bytes; a PostgreSQL index row ends at 2,704


def _storable(term: "Term", _: "Attribute[str]", text: str) -> None:
    if not is_storable(text):
        raise InvalidRequest(f"{term.kind} is invalid", log=f"{term.kind} cannot be stored: {text!r}")


@frozen
class Term:
    """A word that assets may bear. Of the longest only a digest is kept."""

    kind: Literal["tag", "key", "pair", "moderation"]
    text: str = field(validator=_storable)

    @classmethod
    def tag(cls, tag: str) -> "Term":
        """That tag."""
        return cls("tag", _short(tag))

    @classmethod
    def context(cls, key: str, value: str | None = None) -> "Term":
        """That key of contextual metadata, whatever its value or with just this one."""
        if value is None:
            return cls("key", _short(json.dumps(key)))
        return cls("pair", _short(json.dumps([key, value])))

    @classmethod
    def moderation(cls, kind: str, status: str) -> "Term":
        """That state of that kind of moderation."""
        return cls("moderation", f"{kind}/{status}")


def terms_of(asset: AssetDraft) -> frozenset[Term]:
    """All that an asset bears."""
    return frozenset(_terms_of(asset))


def _terms_of(asset: AssetDraft) -> Iterator[Term]:
    yield from (Term.tag(tag) for tag in asset.tags if is_storable(tag))
    for key, value in asset.context.items():
        yield Term.context(key)
        yield Term.context(key, value)
    for each in asset.details.get("moderation", ()):
        yield Term.moderation(each["kind"], each["status"])


def _short(text: str) -> str:
    raw = text.encode("utf-8", "surrogatepass")
    return text if len(raw) <= LONGEST else f"sha256 {sha256(raw).hexdigest()}"


def bear(connection: Connection, changes: Sequence[Change]) -> None:
    """Within a running transaction: assets can be found by the terms that they bear, and no more by others."""
    gone, fresh = [], []
    for each in changes:
        wanted = terms_of(each.asset)
        known = frozenset[Term]() if each.old is None else terms_of(each.old)
        gone += [_key(each, term) for term in known - wanted]
        fresh += [_row(each, term) for term in wanted - known]
    if gone:
        connection.execute(FORGET, gone)
    if fresh:
        connection.execute(BEAR, fresh)


def _key(change: Change, term: Term) -> dict[str, str]:
    return {"of_asset": change.asset.asset_id, "of_kind": term.kind, "named": term.text}


def _row(change: Change, term: Term) -> dict[str, Any]:
    asset = change.asset
    return {
        "asset_id": asset.asset_id,
        "kind": term.kind,
        "term": term.text,
        "cloud": asset.identity.cloud,
        "resource_type": asset.identity.resource_type,
        "created_at": asset.created_at,
        "number": change.number,
    }


def forget_terms(connection: Connection, *asset_ids: str) -> None:
    """Within a running transaction: those assets cannot be found by anything."""
    connection.execute(delete(asset_terms).where(asset_terms.c.asset_id.in_(asset_ids)))


def tags_of(
    connection: Connection, cloud: str, resource_type: str, *, prefix: str, after: str | None, limit: int
) -> list[str]:
    """Tags in use in byte order: a seek in an index for each, however many assets bear it."""
    term = asset_terms.c.term
    end = successor(prefix)
    wanted = [
        asset_terms.c.cloud == cloud,
        asset_terms.c.resource_type == resource_type,
        asset_terms.c.kind == "tag",
        *([term < end] if end is not None else []),
    ]
    # one lower bound: of two, SQLite seeks to the first and reads on to the second
    following = select(term).where(*wanted, term > bindparam("last")).order_by(term).limit(1)
    found: list[str] = []
    if after is None or after < prefix:
        first = select(term).where(*wanted, term >= prefix).order_by(term).limit(1)
        found += connection.execute(first).scalars()
    last = found[-1] if found else after
    while last is not None and len(found) < limit:
        last = connection.execute(following, {"last": last}).scalar_one_or_none()
        found += [last] if last is not None else []
    return found
