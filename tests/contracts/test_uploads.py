"""What the catalogue promises of files in several requests, on SQLite and on a real PostgreSQL."""

from itertools import count

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred, gatherResults

from origin.catalogue import REMOVE_OBJECT, Catalogue, Message, PartDraft, Progress, UploadDraft, upload_key
from origin.catalogue.spans import Span
from tests.support.owed import NOW, garbage
from wire.errors import InvalidRequest

_numbers = count(1)
KEY = upload_key("demo", "123", "abc")


def part(start: int, stop: int, total: int | None, etag: str = "aa", **more: bool) -> PartDraft:
    key = f"demo/incoming/00/{next(_numbers)}"
    return PartDraft(span=Span(start, stop, total, **more), bytes=stop - start, etag=etag, store_key=key)


async def received(catalogue: Catalogue, *some: PartDraft, key: str = KEY, now: float = NOW) -> Progress:
    for each in some:
        draft = UploadDraft(upload_key=key, cloud="demo", revision="1" * 32, public_id="film")
        progress = await catalogue.uploads.receive(draft, each, now=now)
    return progress


def test_clouds_keys_and_ids_are_apart() -> None:
    """§5: parallel uploads never mix, whatever ids their clients choose."""
    keys = {
        upload_key(*names) for names in (("a", "b", "c"), ("ab", "", "c"), ("a", "bc", ""), ("a", "b", "d"))
    }
    assert len(keys) == 4


@pytest_twisted.ensureDeferred
async def test_parts_in_any_order_make_a_whole_when_the_last_comes(catalogue: Catalogue) -> None:
    first, second, third, last = (part(*at) for at in ((0, 5, None), (5, 9, 12), (9, 11, None), (11, 12, 12)))
    progress = await received(catalogue, first, third, second)
    assert (progress.received, progress.is_whole) == (11, False)
    progress = await received(catalogue, last)
    assert progress.parts == (first, second, third, last)
    assert (progress.received, progress.is_whole, progress.answer) == (12, True, None)
    assert await catalogue.objects.named([first.store_key, "other"]) == {first.store_key}


@pytest_twisted.ensureDeferred
async def test_the_first_request_settles_name_and_revision(catalogue: Catalogue) -> None:
    """Later ones repeat what our answers said, or leave it out (the Python SDK does either)."""
    await received(catalogue, part(0, 5, 12))
    other = UploadDraft(upload_key=KEY, cloud="demo", revision="2" * 32, public_id=None)
    progress = await catalogue.uploads.receive(other, part(5, 12, 12), now=NOW)
    assert (progress.upload.public_id, progress.upload.revision) == ("film", "1" * 32)


@pytest_twisted.ensureDeferred
async def test_the_same_part_again_changes_nothing(catalogue: Catalogue) -> None:
    """Its second object is garbage; what is new about the place (its total) is kept."""
    first, again = part(0, 5, None), part(0, 5, 12)
    assert (await received(catalogue, first, again)).received == 5
    assert (await received(catalogue, again)).parts[0].store_key == first.store_key
    assert await garbage(catalogue) == {again.store_key}
    with pytest.raises(InvalidRequest, match="total size"):
        await received(catalogue, part(5, 9, 13))


@pytest_twisted.ensureDeferred
async def test_other_bytes_at_the_same_place_replace_the_old(catalogue: Catalogue) -> None:
    old, new = part(0, 5, 12), part(0, 5, 12, etag="bb")
    assert (await received(catalogue, old, new)).parts == (new,)
    assert await garbage(catalogue) == {old.store_key}


@pytest_twisted.ensureDeferred
async def test_a_part_that_does_not_fit_leaves_no_row_and_its_object_is_garbage(catalogue: Catalogue) -> None:
    lonely = part(5, 12, 12)
    with pytest.raises(InvalidRequest, match="bytes 0-4 are missing"):
        await received(catalogue, lonely)
    assert await catalogue.uploads.get(KEY) is None
    first, across = part(0, 5, 12), part(4, 8, 12)
    await received(catalogue, first)
    with pytest.raises(InvalidRequest, match="overlap"):
        await received(catalogue, across)
    progress = await catalogue.uploads.get(KEY)
    assert progress is not None
    assert progress.parts == (first,)
    assert await garbage(catalogue) == {lonely.store_key, across.store_key}
    assert (await received(catalogue, part(5, 12, 12))).is_whole  # after what was missing came


@pytest_twisted.ensureDeferred
async def test_numbered_parts_are_whole_with_whichever_comes_last(catalogue: Catalogue) -> None:
    """Explicit-order mode: their sender may send them all at once."""
    third, first, second = (
        part(at, at + 1, total, is_numbered=True) for at, total in ((2, 3), (0, None), (1, None))
    )
    assert not (await received(catalogue, third, first)).is_whole
    progress = await received(catalogue, second)
    assert progress.is_whole
    assert progress.parts == (first, second, third)


@pytest_twisted.ensureDeferred
async def test_a_finished_upload_answers_its_last_part_again_and_no_other(catalogue: Catalogue) -> None:
    first, last = part(0, 5, 12), part(5, 12, 12)
    await received(catalogue, first, last)
    await catalogue.uploads.finish(KEY, {"bytes": 12}, now=NOW)
    await catalogue.uploads.finish(KEY, {"bytes": 13}, now=NOW)  # another node was later
    again = part(5, 12, 12)
    progress = await received(catalogue, again)
    assert (progress.is_whole, progress.answer) == (True, {"bytes": 12})
    late = part(5, 12, 12, etag="bb")
    with pytest.raises(InvalidRequest, match="finished"):
        await received(catalogue, late)
    assert await garbage(catalogue) == {each.store_key for each in (first, last, again, late)}


@pytest_twisted.ensureDeferred
async def test_an_upload_given_up_leaves_nothing(catalogue: Catalogue) -> None:
    """Dropped, or idle for too long: rows gone, objects queued for removal; others stay."""
    one, other, idle = part(0, 5, 12), part(0, 5, 12), part(0, 5, 12)
    await received(catalogue, one)
    await received(catalogue, other, key="other")
    await received(catalogue, idle, key="idle", now=NOW - 100)
    await catalogue.uploads.drop(KEY, now=NOW)
    assert await catalogue.uploads.expire(before=NOW - 50, now=NOW) == 1
    assert await catalogue.uploads.expire(before=NOW - 50, now=NOW) == 0
    assert await catalogue.uploads.get(KEY) is None
    assert await catalogue.uploads.get("idle") is None
    assert await catalogue.uploads.get("other") is not None
    assert await garbage(catalogue) == {one.store_key, idle.store_key}


@pytest_twisted.ensureDeferred
async def test_parts_received_at_once_are_all_there(catalogue: Catalogue) -> None:
    """The first ones race for the upload's row."""
    some = [part(number, number + 1, 8, is_numbered=True) for number in range(8)]
    outcomes = await gatherResults([Deferred.fromCoroutine(received(catalogue, each)) for each in some])
    assert [each.is_whole for each in outcomes].count(True) == 1
    progress = await catalogue.uploads.get(KEY)
    assert progress is not None
    assert progress.parts == tuple(some)
    kinds = [each.kind for each in await catalogue.outbox.claim(9, now=NOW + 999, lease_seconds=1)]
    assert REMOVE_OBJECT not in kinds


@pytest_twisted.ensureDeferred
async def test_what_follows_a_job_is_queued_with_its_end_or_not_at_all(catalogue: Catalogue) -> None:
    """Whoever lost its claim to another neither ends the job nor tells of it."""
    outbox = catalogue.outbox
    await outbox.add([Message("work")], now=NOW)
    (lost,) = await outbox.claim(1, now=NOW, lease_seconds=10)
    (held,) = await outbox.claim(1, now=NOW + 11, lease_seconds=10)
    await outbox.follow(lost, [Message("told", {"by": "lost"})], now=NOW)
    await outbox.follow(held, [Message("told", {"by": "held"})], now=NOW)
    await outbox.follow(held, [Message("told", {"by": "held again"})], now=NOW)
    entries = await outbox.claim(9, now=NOW + 999, lease_seconds=1)
    assert [(each.kind, dict(each.payload)) for each in entries] == [("told", {"by": "held"})]
