"""Files that arrive in several requests: their parts, until the last has come and for a while after."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from attrs import evolve, field, frozen
from sqlalchemy import Connection, Row, delete, insert, select, update

from origin.catalogue.database import Database
from origin.catalogue.outbox import enqueue, garbage
from origin.catalogue.schema import parts, uploads
from origin.catalogue.spans import Span, check_fits, check_no_gap, is_whole
from origin.catalogue.values import storable
from wire.components import printable
from wire.errors import InvalidRequest


@frozen(kw_only=True)
class PartDraft:
    """A part whose object is stored, before it has a row. `store_key` is this part's alone."""

    span: Span
    bytes: int
    etag: str = field(validator=storable)  # lower-case hex MD5
    store_key: str = field(validator=storable)


@frozen(kw_only=True)
class UploadDraft:
    """The upload that a request speaks of, as this request knows it. The first to come settles it."""

    upload_key: str
    cloud: str = field(validator=storable)
    revision: str  # of the asset it will be: 32 hex digits
    public_id: str | None = field(default=None, validator=storable)  # as the request names it


@frozen(kw_only=True)
class Progress:
    """An upload after one of its parts."""

    upload: UploadDraft
    parts: tuple[PartDraft, ...]  # in the order of their places
    is_whole: bool  # this part made it so, or would if it came again
    answer: Mapping[str, Any] | None = None  # of the upload, once it is an asset

    @property
    def received(self) -> int:
        """Bytes so far."""
        return sum(each.bytes for each in self.parts)


def upload_key(cloud: str, api_key: str, upload_id: str) -> str:
    """What keeps uploads of several clouds and keys apart, whatever ids their clients choose."""
    return sha256(json.dumps([cloud, api_key, upload_id]).encode()).hexdigest()


class Uploads:
    """The unfinished uploads of every cloud, and the finished ones whose last part may come once more."""

    def __init__(self, database: Database, *, linger_seconds: float) -> None:
        self._database = database
        self._linger_seconds = linger_seconds

    async def get(self, key: str) -> Progress | None:
        """What has come so far."""

        def work(connection: Connection) -> Progress | None:
            row = connection.execute(select(uploads).where(uploads.c.upload_key == key)).one_or_none()
            return _progress_of(row, _parts_of(connection, key)) if row is not None else None

        return await self._database.read(work)

    async def receive(self, draft: UploadDraft, part: PartDraft, *, now: float) -> Progress:
        """Add the part, in one transaction; the same part again changes nothing.

        `InvalidRequest` when it contradicts another part, comes last while others are missing, or comes for
        an upload that is finished. An object that got no row, or lost it, goes to the outbox as garbage.
        """
        outcome = await self._database.write(lambda connection: self._receive(connection, draft, part, now))
        if isinstance(outcome, InvalidRequest):
            raise outcome
        return outcome

    def _receive(
        self, connection: Connection, draft: UploadDraft, part: PartDraft, now: float
    ) -> Progress | InvalidRequest:
        row = connection.execute(
            select(uploads).where(uploads.c.upload_key == draft.upload_key).with_for_update()
        ).one_or_none()
        standing = _parts_of(connection, draft.upload_key)
        same = next((each for each in standing if each.span.is_at(part.span)), None)
        try:
            _check(part, standing, same, is_finished=row is not None and row.answer is not None)
        except InvalidRequest as refusal:  # returned, not raised: the garbage must be committed
            self._forget(connection, [part.store_key], now)
            return refusal
        row = _touched(connection, draft, now) if row is not None else _opened(connection, draft, now)
        if same is not None and same.etag == part.etag:
            self._forget(connection, [part.store_key], now)
            kept = evolve(same, span=part.span)  # which may know the total by now
        else:
            kept = part
        if same is not None:
            if kept is part:
                self._forget(connection, [same.store_key], now)
            is_same = (parts.c.upload_key == draft.upload_key) & (parts.c.start == same.span.start)
            connection.execute(delete(parts).where(is_same))
        connection.execute(insert(parts), _columns_of(draft.upload_key, kept))
        return _progress_of(row, _parts_of(connection, draft.upload_key), latest=part.span)

    async def finish(self, key: str, answer: Mapping[str, Any], *, now: float) -> None:
        """The upload is an asset: its parts' objects may go, its last part may come again for the answer."""

        def work(connection: Connection) -> None:
            is_open = (uploads.c.upload_key == key) & uploads.c.answer.is_(None)
            done = update(uploads).where(is_open).values(answer=json.dumps(dict(answer)), touched_at=now)
            if connection.execute(done).rowcount:
                self._forget(connection, [each.store_key for each in _parts_of(connection, key)], now)

        await self._database.write(work)

    async def drop(self, key: str, *, now: float) -> None:
        """Forget an upload that will never be an asset, with its parts."""
        await self._database.write(lambda connection: self._drop(connection, [key], now))

    async def expire(self, *, before: float, now: float, limit: int = 100) -> int:
        """Forget up to `limit` uploads of which nothing came since `before`; returns how many."""

        def work(connection: Connection) -> int:
            idle = select(uploads.c.upload_key).where(uploads.c.touched_at < before).limit(limit)
            keys = list(connection.execute(idle.with_for_update(skip_locked=True)).scalars())
            self._drop(connection, keys, now)
            return len(keys)

        return await self._database.write(work)

    def _drop(self, connection: Connection, keys: Sequence[str], now: float) -> None:
        gone = delete(parts).where(parts.c.upload_key.in_(keys)).returning(parts.c.store_key)
        self._forget(connection, list(connection.execute(gone).scalars()), now)
        connection.execute(delete(uploads).where(uploads.c.upload_key.in_(keys)))

    def _forget(self, connection: Connection, store_keys: Sequence[str], now: float) -> None:
        enqueue(connection, garbage(store_keys, self._linger_seconds), now)


def _check(
    part: PartDraft, standing: Sequence[PartDraft], same: PartDraft | None, *, is_finished: bool
) -> None:
    if is_finished and (same is None or same.etag != part.etag):
        raise InvalidRequest(f"This upload is finished: {printable(str(part.span))} comes too late")
    others = [each.span for each in standing if each is not same]
    check_fits(part.span, others)
    if part.span.is_last and not part.span.is_numbered:
        check_no_gap([*others, part.span])


def _opened(connection: Connection, draft: UploadDraft, now: float) -> Row[Any]:
    values = {
        "upload_key": draft.upload_key,
        "cloud": draft.cloud,
        "revision": draft.revision,
        "public_id": draft.public_id,
        "touched_at": now,
    }
    return connection.execute(insert(uploads).values(values).returning(uploads)).one()


def _touched(connection: Connection, draft: UploadDraft, now: float) -> Row[Any]:
    touched = update(uploads).where(uploads.c.upload_key == draft.upload_key).values(touched_at=now)
    return connection.execute(touched.returning(uploads)).one()


def _columns_of(key: str, part: PartDraft) -> dict[str, Any]:
    return {
        "upload_key": key,
        "start": part.span.start,
        "stop": part.span.stop,
        "total": part.span.total,
        "is_numbered": part.span.is_numbered,
        "bytes": part.bytes,
        "etag": part.etag,
        "store_key": part.store_key,
    }


def _parts_of(connection: Connection, key: str) -> tuple[PartDraft, ...]:
    rows = connection.execute(select(parts).where(parts.c.upload_key == key).order_by(parts.c.start)).all()
    return tuple(
        PartDraft(
            span=Span(row.start, row.stop, row.total, row.is_numbered),
            bytes=row.bytes,
            etag=row.etag,
            store_key=row.store_key,
        )
        for row in rows
    )


def _progress_of(row: Row[Any], some: tuple[PartDraft, ...], *, latest: Span | None = None) -> Progress:
    """A ranged upload is finished by its last part, a numbered one by whichever makes it whole."""
    ends = latest is not None and (latest.is_last or latest.is_numbered)
    return Progress(
        upload=UploadDraft(
            upload_key=row.upload_key, cloud=row.cloud, revision=row.revision, public_id=row.public_id
        ),
        parts=some,
        is_whole=ends and is_whole([each.span for each in some]),
        answer=None if row.answer is None else json.loads(row.answer),
    )
