"""Listings by what assets bear, held to on SQLite and on a real PostgreSQL."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random
from typing import Any, Literal

import pytest
import pytest_twisted
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text
from twisted.internet import reactor

from origin.catalogue import Asset, Catalogue, Query, Term
from origin.catalogue.changes import Change
from origin.catalogue.database import Database
from origin.catalogue.migrations import MIGRATIONS
from origin.catalogue.rows import asset_of
from origin.catalogue.schema import asset_terms, assets, search_numbers, search_rows, search_terms
from origin.catalogue.search.index import reindex
from origin.catalogue.terms import terms_of
from tests.support.drafts import draft, identity
from wire.errors import InvalidRequest

NOW = 1_719_307_544.5


async def found(catalogue: Catalogue, **wanted: Any) -> list[str]:
    query = Query(cloud="demo", limit=500, **{"resource_type": "image", **wanted})
    return [each.identity.public_id for each in (await catalogue.assets.list(query)).assets]


MODERATED = {"moderation": [{"kind": "manual", "status": "pending", "updated_at": NOW}]}


@pytest_twisted.ensureDeferred
async def test_assets_are_found_by_all_that_they_say_now(catalogue: Catalogue) -> None:
    """Not by what they said before; not after they went."""
    said = draft("cat", tags=("t",), context={"k": "v", "a=b": "c", "odd\ud800": "\0"}, details=MODERATED)
    await catalogue.assets.put(said, now=NOW)
    terms = {
        Term.tag("t"),
        Term.context("k"),
        Term.context("k", "v"),
        Term.context("a=b", "c"),
        Term.context("odd\ud800", "\0"),
        Term.moderation("manual", "pending"),
    }
    assert terms <= terms_of(said)
    for term in terms:
        assert await found(catalogue, term=term) == ["cat"], term
    for term in (
        Term.context("a", "b=c"),
        Term.context("k", ""),
        Term.tag("k"),
        Term.moderation("manual", "x"),
    ):
        assert await found(catalogue, term=term) == []
    await catalogue.assets.change(
        identity("cat"), lambda asset: evolve(asset, tags=("u",), context={"k": "w"}, details={}), now=NOW
    )
    assert await found(catalogue, term=Term.tag("u")) == await found(catalogue, term=Term.context("k", "w"))
    for term in (Term.tag("t"), Term.context("k", "v"), Term.moderation("manual", "pending")):
        assert await found(catalogue, term=term) == []
    assert await found(catalogue, term=Term.context("k")) == ["cat"]
    await catalogue.assets.put(draft("cat", tags=("again",)), now=NOW + 1)
    assert await found(catalogue, term=Term.context("k")) == []
    assert await found(catalogue, term=Term.tag("again")) == ["cat"]
    await catalogue.assets.delete(identity("cat"), now=NOW)
    assert await found(catalogue, term=Term.tag("again")) == []


@pytest_twisted.ensureDeferred
async def test_the_longest_words_are_found_too(catalogue: Catalogue) -> None:
    """Longer than an index row may be; and no two of them are one."""
    one, other = "ü" * 5000, "ü" * 5000 + "x"
    await catalogue.assets.put(draft("a", tags=(one,), context={one: one}), now=NOW)
    await catalogue.assets.put(draft("b", tags=(other,), context={one: other}), now=NOW + 1)
    assert await found(catalogue, term=Term.tag(one)) == ["a"]
    assert await found(catalogue, term=Term.context(one, other)) == ["b"]
    assert await found(catalogue, term=Term.context(one)) == ["b", "a"]


@pytest_twisted.ensureDeferred
async def test_folders_ids_and_moments_narrow_a_listing(catalogue: Catalogue) -> None:
    first = (await catalogue.assets.put(draft("a", asset_folder="x"), now=NOW)).asset
    await catalogue.assets.put(draft("b", asset_folder="x/y"), now=NOW + 1)
    await catalogue.assets.put(draft("c", asset_folder="x"), now=NOW + 2)
    in_x = Query(cloud="demo", asset_folder="x", limit=1)
    assert await found(catalogue, resource_type=None, asset_folder="x") == ["c", "a"]
    assert await catalogue.assets.count(in_x) == 2
    assert await catalogue.assets.count(evolve(in_x, asset_folder="")) == 0
    ids = (first.asset_id, "0" * 32, "odd\0")
    assert await found(catalogue, resource_type=None, asset_ids=ids) == ["a"]
    assert await found(catalogue, created_since=NOW + 1) == ["c", "b"]
    with pytest.raises(InvalidRequest):
        Term.tag("\ud800")


@pytest_twisted.ensureDeferred
async def test_tags_in_use_are_told_once_each_in_byte_order(catalogue: Catalogue) -> None:
    for number, borne in enumerate([("b", "a"), ("b", "ä"), ("a\U0010ffff", "ab"), ("Z",)]):
        await catalogue.assets.put(draft(f"{number}", tags=borne), now=NOW)
    await catalogue.assets.put(draft("else", cloud="other", tags=("other",)), now=NOW)

    async def tags(**more: Any) -> list[str]:
        return list(await catalogue.assets.tags("demo", "image", **{"limit": 10, **more}))

    assert await tags() == ["Z", "a", "ab", "a\U0010ffff", "b", "ä"]
    assert await tags(limit=2) == ["Z", "a"]
    assert await tags(limit=2, after="a") == ["ab", "a\U0010ffff"]
    assert await tags(prefix="a") == ["a", "ab", "a\U0010ffff"]
    assert await tags(prefix="a", after="ab") == ["a\U0010ffff"]
    assert await tags(prefix="\U0010ffff") == []


clouds = iter(range(10**9))


def browsings(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Drawn for each database apart: pytest-twisted runs a parametrized Hypothesis test only once."""
    drawn = given(
        created=st.lists(st.integers(0, 5), min_size=0, max_size=8),
        limit=st.integers(1, 4),
        direction=st.sampled_from(["asc", "desc"]),
        kind=st.sampled_from(["tag", "context", "moderation", "folder"]),
        seed=st.integers(0, 2**16),
    )
    fixtures = [HealthCheck.function_scoped_fixture]  # one database for all examples: each has its own cloud
    how = settings(max_examples=15, deadline=None, suppress_health_check=fixtures)
    return how(drawn(pytest_twisted.ensureDeferred(test)))


@browsings
async def test_all_pages_together_show_each_that_stayed_once_on_sqlite(
    tmp_path: Path, created: list[int], limit: int, direction: Literal["asc", "desc"], kind: str, seed: int
) -> None:
    """While assets come and go, and take on and lose what they are listed by."""
    catalogue = Catalogue(f"sqlite:///{tmp_path / 'catalogue.db'}", reactor=reactor)
    await browse(catalogue, created, limit, direction, kind, Random(seed))
    await catalogue.close()


@browsings
async def test_all_pages_together_show_each_that_stayed_once_on_postgresql(
    postgres_url: str, created: list[int], limit: int, direction: Literal["asc", "desc"], kind: str, seed: int
) -> None:
    """The same on the other one."""
    catalogue = Catalogue(postgres_url, reactor=reactor)
    await browse(catalogue, created, limit, direction, kind, Random(seed))
    await catalogue.close()


BEARING: dict[str, dict[str, Any]] = {
    "tag": {"tags": ("x",)},
    "context": {"context": {"k": "x"}},
    "moderation": {"details": MODERATED},
    "folder": {"asset_folder": "x"},
}
WANTED: dict[str, dict[str, Any]] = {
    "tag": {"term": Term.tag("x")},
    "context": {"term": Term.context("k", "x")},
    "moderation": {"term": Term.moderation("manual", "pending")},
    "folder": {"asset_folder": "x"},
}


async def browse(
    catalogue: Catalogue, created: list[int], limit: int, direction: Any, kind: str, rng: Random
) -> None:
    """Page through a listing while it changes, and compare."""
    cloud, bearing = f"cloud-{next(clouds)}", BEARING[kind]
    for number, second in enumerate(created):
        await catalogue.assets.put(draft(f"a{number}", cloud, **bearing), now=NOW + second)
    await catalogue.assets.put(draft("bare", cloud), now=NOW + 2)
    stayed, shown = {f"a{number}" for number in range(len(created))}, list[Asset]()
    query = Query(cloud=cloud, resource_type="image", limit=limit, direction=direction, **WANTED[kind])
    while True:
        page = await catalogue.assets.list(query)
        shown += page.assets
        assert len(page.assets) == limit or page.next_cursor is None
        if page.next_cursor is None:
            break
        query = evolve(query, cursor=page.next_cursor)
        await disturb(catalogue, cloud, stayed, bearing, rng)
    names = [each.identity.public_id for each in shown]
    assert len(names) == len(set(names))
    assert stayed <= set(names)
    assert "bare" not in names
    times = [each.created_at for each in shown]
    assert times == sorted(times, reverse=direction == "desc")


async def disturb(
    catalogue: Catalogue, cloud: str, stayed: set[str], bearing: dict[str, Any], rng: Random
) -> None:
    assets = catalogue.assets
    gone = rng.choice(sorted(stayed)) if stayed else None
    match rng.randrange(4):
        case 0 if gone is not None:
            await assets.delete(identity(gone, cloud), now=NOW)
            stayed.discard(gone)
        case 1 if gone is not None:
            bare: dict[str, Any] = {"tags": (), "context": {}, "details": {}, "asset_folder": ""}
            await assets.change(identity(gone, cloud), lambda asset: evolve(asset, **bare), now=NOW)
            stayed.discard(gone)
        case 2:
            await assets.put(draft(f"n{rng.random()}", cloud, **bearing), now=NOW + rng.randrange(6))
        case _ if gone is not None:
            await assets.put(draft(gone, cloud, **bearing), now=NOW + 9)  # overwritten


@pytest_twisted.ensureDeferred
async def test_what_older_releases_stored_can_be_listed(empty_url: str) -> None:
    """The step that makes the terms reads them from the rows."""
    older = Database(empty_url, reactor=reactor, migrations=[each for each in MIGRATIONS if each.number < 11])
    said = draft("cat", tags=("t", "odd\0"), context={"k": "v"}, details=MODERATED)
    row = (
        "INSERT INTO assets (asset_id, cloud, resource_type, type, public_id, revision, version, store_key, bytes,"
        " etag, asset_folder, display_name, tags, context, details, created_at, uploaded_at)"
        " VALUES (:id, 'demo', 'image', 'upload', :name, :name, 1, :name, 1, '', '', '',"
        " :tags, :context, :details, 1, 1)"
    )

    def fill(connection: Connection) -> None:
        told = {
            "tags": '["t", "odd\\u0000", "t"]',
            "context": '{"k": "v"}',
            "details": '{"moderation": [{"kind": "manual", "status": "pending"}]}',
        }
        connection.execute(
            text(row), [{"id": f"{number}", "name": f"{number}", **told} for number in range(3)]
        )
        connection.execute(
            text(row), [{"id": "bare", "name": "bare", "tags": "[]", "context": "{}", "details": "{}"}]
        )

    await older.write(fill)
    await older.close()
    newer = Catalogue(empty_url, reactor=reactor)
    for term in terms_of(said):
        assert await found(newer, term=term) == ["2", "1", "0"]
    await newer.close()


@pytest_twisted.ensureDeferred
async def test_both_indexes_say_exactly_what_rows_say(catalogue: Catalogue) -> None:
    """After any number of edits, overwrites and new names, though only what differs is written."""
    rng = Random(7)
    words = ("a", "b", "c")
    for step in range(40):
        tags = tuple(rng.sample(words, rng.randrange(4)))
        context = {key: rng.choice(words) for key in rng.sample(words, rng.randrange(3))}
        name = f"n{rng.randrange(3)}"
        match rng.randrange(6):
            case 0:
                await catalogue.assets.put(draft(name, tags=tags, context=context), now=NOW + step)
            case 4:
                some = [identity(f"n{number}") for number in range(3)]
                await catalogue.edits.several(some, saying(tags, context), now=NOW + step)
            case 5 if (asset := await catalogue.assets.get(identity(name))) is not None:
                details = {"duration": step, "moderation": [{"kind": "manual", "status": rng.choice(words)}]}
                await catalogue.assets.annotate(asset, details)
            case 1:
                await catalogue.assets.change(identity(name), saying(tags, context), now=NOW + step)
            case 2:
                target = identity(f"n{rng.randrange(3)}")
                await catalogue.edits.rename(identity(name), target, now=NOW + step, overwrite=True)
            case 3:
                await catalogue.assets.delete(identity(name), now=NOW + step)
    there = [each async for each in everything(catalogue)]
    rows = await catalogue._database.read(lambda connection: connection.execute(asset_terms.select()).all())
    assert {(row.asset_id, row.kind, row.term) for row in rows} == {
        (each.asset_id, term.kind, term.text) for each in there for term in terms_of(each)
    }
    assert {(row.asset_id, row.created_at) for row in rows} <= {
        (each.asset_id, each.created_at) for each in there
    }
    as_found, written_anew = await catalogue._database.write(indexed_twice)
    assert as_found == written_anew


def indexed_twice(connection: Connection) -> tuple[object, object]:
    """What searches find assets by, and the same once it is written anew from their rows."""
    tables = (search_rows, search_terms, search_numbers)
    as_found = [set(connection.execute(table.select()).all()) for table in tables]
    for table in tables:
        connection.execute(table.delete())
    rows = connection.execute(assets.select()).all()
    reindex(connection, [Change(row.id, asset_of(row)) for row in rows])
    return as_found, [set(connection.execute(table.select()).all()) for table in tables]


def saying(tags: tuple[str, ...], context: dict[str, str]) -> Callable[[Asset], Asset]:
    return lambda asset: evolve(asset, tags=tags, context=context)


async def everything(catalogue: Catalogue) -> Any:
    for each in (await catalogue.assets.list(Query(cloud="demo", limit=500))).assets:
        yield each
