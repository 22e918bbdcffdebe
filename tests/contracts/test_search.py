"""What searching the catalogue promises, held to on SQLite and on a real PostgreSQL."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
import pytest_twisted
from attrs import evolve, field, frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, func, select, text
from twisted.internet import reactor

from origin.catalogue import Asset, AssetDraft, Catalogue, Identity
from origin.catalogue.engine import make_engine
from origin.catalogue.migrations import MIGRATIONS, migrate
from origin.catalogue.schema import search_numbers, search_rows, search_terms
from origin.catalogue.search.order import SORTABLE, order_of_assets
from origin.catalogue.search.searches import Found, Wanted, find
from origin.catalogue.search.totals import Aggregate, Range
from origin.search.parsing import MOST_LEAVES, parse
from origin.search.tree import EVERYTHING, Tree
from origin.transform.plan import SourceFacts
from tests.support.drafts import draft
from tests.support.expressions import DAY, WORDS, matches, trees
from tests.support.postgres import PostgresServer
from wire.errors import InvalidRequest

NOW = 10 * DAY
COUNT = 40


def random_draft(rng: Random, number: int) -> AssetDraft:
    """An asset of the world that `trees` ask about."""
    word = lambda: rng.choice(WORDS)  # noqa: E731
    kind = rng.choice(("image", "image", "raw"))
    width, height = rng.choice(((64, 100), (100, 100), (4, 3)))
    is_image = kind == "image"
    facts = SourceFacts(width, height, "jpg", has_alpha=rng.random() < 0.5, pages=rng.choice((1, 2)))
    details: dict[str, Any] = {"analysis": {}}
    if rng.random() < 0.4:
        details["analysis"] = {
            "faces": [[1, 2, 3, 4]] * rng.choice((0, 1, 10)),
            "image_metadata": {"Make": word(), "ISO": "100"},
            "quality_analysis": {"focus": rng.choice((0.5, 1.0, 2.5))},
        }
    for name, value in (
        ("moderation", [{"kind": "manual", "status": rng.choice(("approved", "pending"))}]),
        ("access_control", [{"access_type": rng.choice(("token", "anonymous"))}]),
        ("access_mode", "authenticated"),
        ("duration", rng.choice((1.0, 2.5, 10.0))),
    ):
        if rng.random() < 0.3:
            details[name] = value
    name = rng.choice(("", "a/", "a/cat/")) + (word() or "empty") + (f"_{number}" if number % 3 else "")
    made = draft(
        name,
        format=rng.choice(("jpg", "png")) if is_image else None,
        width=width if is_image else None,
        height=height if is_image else None,
        facts=facts if is_image else None,
        bytes=rng.choice((0, 1, 10, 1000)),
        etag=word() or "e",
        display_name=word(),
        asset_folder=rng.choice(("", "a", "x", "red cat")),
        tags=tuple(word() for _ in range(rng.choice((0, 1, 3)))),
        context={key: word() for key in ("alt", "c d") if rng.random() < 0.4},
        metadata={
            key: value
            for key, value in (
                ("m", [word(), word()]),
                ("n", rng.choice((1, 2, 10))),
                ("d", f"1970-01-{rng.choice((1, 5, 10)):02}"),
            )
            if rng.random() < 0.4
        },
        details=details,
    )
    return evolve(made, identity=Identity("demo", kind, rng.choice(("upload", "private")), name))


@pytest.fixture(scope="module")
def urls(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """An empty database of each kind."""
    postgres_server.execute("CREATE DATABASE search_contract")
    yield {
        "sqlite": f"sqlite:///{tmp_path_factory.mktemp('search') / 'catalogue.db'}",
        "postgresql": postgres_server.url("search_contract"),
    }
    postgres_server.execute("DROP DATABASE search_contract WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, urls: dict[str, str]) -> str:
    """One after the other."""
    return urls[request.param]


@frozen
class World:
    """A database and what is in it, which a failing property does not list."""

    engine: Engine
    assets: tuple[Asset, ...] = field(repr=False)

    def meant(self, tree: Tree) -> list[Asset]:
        return [each for each in self.assets if matches(tree, each, NOW)]


# Not parametrised: pytest-twisted wraps a property once more for each parameter, and then calls itself.
@pytest_twisted.async_yield_fixture(scope="module")
async def worlds(urls: dict[str, str]) -> AsyncIterator[tuple[World, ...]]:
    """The same assets in both databases."""
    made = tuple([await populated(each) for each in urls.values()])
    yield made
    for each in made:
        each.engine.dispose()


async def populated(url: str) -> World:
    """Forty assets, some of them overwritten or edited, and some of another cloud."""
    rng, catalogue = Random(5), Catalogue(url, reactor=reactor)
    for number in range(COUNT):
        made = random_draft(rng, number)
        at = rng.choice((0.0, 1.0, 3.5, 9.0)) * DAY + rng.choice((0.0, 0.0, 30.0, 7200.25))
        await catalogue.assets.put(made, now=at)
        if number % 5 == 0:
            again = evolve(random_draft(rng, number), identity=made.identity)
            await catalogue.assets.put(again, now=at + DAY)
        if number % 7 == 0:
            await catalogue.assets.change(
                made.identity, lambda asset: evolve(asset, tags=("cat", *asset.tags)), now=at + DAY / 2
            )
        if number % 9 == 0:
            other = evolve(made, identity=evolve(made.identity, cloud="other"), store_key=f"other/{number}")
            await catalogue.assets.put(evolve(other, revision=f"other{number}"), now=at)
    found = await catalogue.searches.find(Wanted(cloud="demo", limit=500), now=NOW)
    await catalogue.close()
    assert found.total == len(found.assets) > 30
    return World(make_engine(url, threads=2, lock_seconds=5, deadline_seconds=10), found.assets)


def pages(connection: Connection, wanted: Wanted) -> tuple[list[Asset], Found]:
    """All pages, and the last."""
    found = find(connection, wanted, NOW)
    assets = list(found.assets)
    while found.next_cursor is not None:
        assert len(found.assets) == wanted.limit
        found = find(connection, evolve(wanted, cursor=found.next_cursor), NOW)
        assets += found.assets
    return assets, found


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=trees())
def test_the_index_finds_what_a_plain_reading_finds(tree: Tree, worlds: tuple[World, ...]) -> None:
    """Every leaf, every junction, on both databases; nothing of another cloud."""
    for world in worlds:
        meant = {each.asset_id for each in world.meant(tree)}
        with world.engine.connect() as connection:
            found, last = pages(connection, Wanted(cloud="demo", tree=tree, limit=17))
        assert {each.asset_id for each in found} == meant
        assert len(found) == last.total == len(meant)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tree=trees() | st.just(EVERYTHING),
    keys=st.dictionaries(st.sampled_from(sorted(SORTABLE)), st.booleans(), max_size=3),
    limit=st.sampled_from((1, 3, 10)),
)
def test_pages_are_the_order_cut_in_pieces(
    tree: Tree, keys: dict[str, bool], limit: int, worlds: tuple[World, ...]
) -> None:
    """Any keys in any direction; what has no value comes last either way."""
    sorting = list(keys.items())
    wanted = Wanted(cloud="demo", tree=tree, order=order_of_assets(sorting), limit=limit)
    for world in worlds:
        with world.engine.connect() as connection:
            found, _ = pages(connection, wanted)
            own = connection.execute(select(search_rows).where(search_rows.c.cloud == "demo")).all()
        by_identity = {(each.resource_type, each.type, each.public_id): each for each in own}
        names = [each.identity for each in found]
        rows = [by_identity[each.resource_type, each.type, each.public_id] for each in names]
        assert len(rows) == len({each.asset for each in rows}) == len(world.meant(tree))
        for earlier, later in pairwise(rows):
            assert compared(sorting or [("created_at", True)], earlier, later) < 0


def compared(keys: list[tuple[str, bool]], one: Any, other: Any) -> int:
    """Below 0: the one comes first."""
    for name, descends in (*keys, ("asset", keys[-1][1])):
        a, b = getattr(one, name), getattr(other, name)
        if a != b:
            if a is None or b is None:
                return 1 if a is None else -1
            return -1 if (a > b) == descends else 1
    return 0


AGGREGATES = (
    Aggregate("format"),
    Aggregate("resource_type"),
    Aggregate("type"),
    Aggregate("bytes", (Range("none", None, 1), Range("few", 1, 10), Range("many", 10))),
    Aggregate("image_pixels", (Range("small", 0, 100), Range("large", 100))),
    Aggregate("video_pixels", (Range("any"),)),
    Aggregate("duration", (Range("short", 0, 2.5), Range("long", 2.5, 100))),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=trees())
def test_aggregations_count_what_is_found(tree: Tree, worlds: tuple[World, ...]) -> None:
    """From is inclusive, to is not; only counted, nothing is fetched."""
    wanted = Wanted(cloud="demo", tree=tree, limit=0, aggregates=AGGREGATES)
    for world in worlds:
        meant = world.meant(tree)
        with world.engine.connect() as connection:
            found = find(connection, wanted, NOW)
        assert (found.assets, found.next_cursor, found.total) == ((), None, len(meant))
        assert found.aggregations == counted(meant)


def counted(meant: list[Asset]) -> dict[str, dict[str, int]]:
    """What `AGGREGATES` asks for."""
    images = [each for each in meant if each.identity.resource_type == "image"]
    pixels = [each.width * each.height for each in images if each.width and each.height]
    lasting = [each.details["duration"] for each in meant if "duration" in each.details]
    return {
        "format": tally(each.format for each in meant),
        "resource_type": tally(each.identity.resource_type for each in meant),
        "type": tally(each.identity.type for each in meant),
        "bytes": {
            "none": sum(each.bytes < 1 for each in meant),
            "few": sum(1 <= each.bytes < 10 for each in meant),
            "many": sum(each.bytes >= 10 for each in meant),
        },
        "image_pixels": {
            "small": sum(each < 100 for each in pixels),
            "large": sum(each >= 100 for each in pixels),
        },
        "video_pixels": {"any": 0},
        "duration": {
            "short": sum(each < 2.5 for each in lasting),
            "long": sum(each >= 2.5 for each in lasting),
        },
    }


def tally(values: Iterable[str | None]) -> dict[str, int]:
    return dict(Counter(each for each in values if each is not None))


BAD_CURSORS = {
    "no base64": "!!!!",
    "no text": "x",
    "no UTF-8": "____",
    "null": "bnVsbA",
    "empty": "W10",
    "too short": "WzFd",
    "text": "WyJhIiwyXQ",
    "no whole number": "WzEuNSwyLjVd",
    "endless": "WzFlOTk5LDJd",
    "nothing": "W251bGwsMl0",
    "deep": "W1tb" * 5000,
}


@pytest.mark.parametrize("cursor", BAD_CURSORS.values(), ids=list(BAD_CURSORS))
def test_a_cursor_nobody_gave_is_refused(cursor: str, worlds: tuple[World, ...]) -> None:
    """Another sort order's cursor among them."""
    by_name = Wanted(cloud="demo", order=order_of_assets([("public_id", False)]), limit=1)
    with worlds[0].engine.connect() as connection:
        for each in (cursor, find(connection, by_name, NOW).next_cursor):
            with pytest.raises(InvalidRequest, match="next_cursor"):
                find(connection, Wanted(cloud="demo", cursor=each), NOW)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Catalogue]:
    catalogue = Catalogue(url, reactor=reactor)
    try:
        yield catalogue
    finally:
        await catalogue.close()


@pytest.mark.parametrize("keys", [[], [("public_id", False)], [("bytes", True)], [("width", False)]])
@pytest_twisted.ensureDeferred
async def test_pages_stay_right_while_assets_come_and_go(url: str, keys: list[tuple[str, bool]]) -> None:
    """Whatever was there all along is seen once; what came or went, at most once."""
    cloud = f"busy{keys}"
    async with opened(url) as catalogue:
        for number in range(20):
            size = {"width": number % 3 or None, "height": 1, "bytes": number % 4}
            await catalogue.assets.put(draft(f"{number:02}", cloud, **size), now=float(number // 2))
        wanted, seen, number = Wanted(cloud=cloud, order=order_of_assets(keys), limit=3), [], 0
        while True:
            found = await catalogue.searches.find(wanted, now=NOW)
            seen += [each.identity.public_id for each in found.assets]
            await catalogue.assets.put(draft(f"new{number:02}", cloud, bytes=number % 4), now=5.0 + number)
            await catalogue.assets.delete(Identity(cloud, "image", "upload", f"{number * 3:02}"), now=NOW)
            number += 1
            if found.next_cursor is None:
                break
            wanted = evolve(wanted, cursor=found.next_cursor)
    stayed = {f"{each:02}" for each in range(20) if each % 3 or each // 3 >= number}
    assert len(seen) == len(set(seen))
    assert stayed <= set(seen)


@pytest_twisted.ensureDeferred
async def test_what_is_said_no_more_is_found_no_more(url: str) -> None:
    """Overwrites, edits, annotations and deletes move the index in their own transactions."""
    cloud = "moving"

    async def found(expression: str) -> list[str]:
        wanted = Wanted(cloud=cloud, tree=parse(expression))
        return [each.identity.public_id for each in (await catalogue.searches.find(wanted, now=NOW)).assets]

    async with opened(url) as catalogue:
        await catalogue.assets.put(draft("cat", cloud, tags=("one",), metadata={"n": 1}), now=1.0)
        assert await found("tags=one") == await found("metadata.n<2") == ["cat"]
        await catalogue.assets.put(draft("cat", cloud, tags=("two",), metadata={"n": 2}), now=2.0)
        assert (await found("tags:one"), await found("metadata.n<2"), await found("tags:two")) == (
            [],
            [],
            ["cat"],
        )
        identity = Identity(cloud, "image", "upload", "cat")
        await catalogue.assets.change(
            identity, lambda asset: evolve(asset, context={"alt": "three"}), now=3.0
        )
        assert await found("three") == await found("context.alt:three tags:two") == ["cat"]
        asset = await catalogue.assets.get(identity)
        assert asset is not None
        await catalogue.assets.annotate(asset, {"analysis": {"faces": [[1, 1, 2, 2]]}})
        assert await found("face_count=1") == ["cat"]
        await catalogue.assets.delete(identity, now=4.0)
        assert await found("") == await found("two") == await found("face_count=1") == []
    engine = make_engine(url, threads=1, lock_seconds=5, deadline_seconds=10)
    with engine.connect() as connection:
        for table in (search_rows, search_terms, search_numbers):
            assert connection.execute(select(func.count()).where(table.c.cloud == cloud)).scalar_one() == 0
    engine.dispose()


ODD = {
    "long": "x" * 5000,
    "long word": "🥐" * 3000,
    "nul": "a\0b",
    "half": "\ud800",
    "empty": "",
}


@pytest_twisted.ensureDeferred
async def test_texts_no_index_could_hold_are_still_stored(url: str) -> None:
    """Cut, or left out; their assets are found by the rest."""
    async with opened(url) as catalogue:
        said = {**ODD, "k" * 3000: "long key", "\0": "nul key"}
        made = draft(
            "odd", "odd", context=said, tags=tuple(ODD.values()), metadata={"deep": [[1], None, {"a": 1}]}
        )
        await catalogue.assets.put(made, now=1.0)
        for expression, count in (
            ("odd", 1),
            (f'context.long="{"x" * 5000}"', 1),
            (f'context.long="{"x" * 4999}"', 0),
            ("context.long:xxx*", 1),
            (f'context.{"k" * 3000}:"long key"', 1),
            ('tags=""', 1),
            ("tags=a\0b", 0),
            ("tags=\ud800", 0),
            ("public_id:a\0*", 0),
            ("\ud800", 0),
            ("context.\0:x", 0),
            ("metadata.\0>5", 0),
            ("-public_id:\ud800", 1),
        ):
            found = await catalogue.searches.find(Wanted(cloud="odd", tree=parse(expression)), now=NOW)
            assert found.total == count, expression[:40]


@pytest.mark.parametrize("leaf", ["word{}", "-tags=t{}", "context.alt:w{}*", "metadata.n>{}", "format:f{}"])
def test_the_largest_expressions_are_answered(leaf: str, worlds: tuple[World, ...]) -> None:
    """SQLite bounds the depth of a statement, PostgreSQL the patience of its planner."""
    for joined in (" ", " OR "):
        tree = parse(joined.join(leaf.format(number) for number in range(MOST_LEAVES)))
        for world in worlds:
            with world.engine.connect() as connection:
                found = find(connection, Wanted(cloud="demo", tree=tree, limit=5), NOW)
                assert found.total == len(world.meant(tree))


@pytest.fixture
def fresh(url: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Another empty database of the same kind."""
    is_file = url.startswith("sqlite")
    return f"sqlite:///{tmp_path / 'old.db'}" if is_file else str(request.getfixturevalue("postgres_url"))


def test_assets_of_old_are_found_after_the_upgrade(fresh: str) -> None:
    """Step 5 reads them off the rows there are, in pages."""
    engine = make_engine(fresh, threads=1, lock_seconds=5, deadline_seconds=10)
    statement = text(
        "INSERT INTO assets (asset_id, cloud, resource_type, type, public_id, revision, version, store_key,"
        " bytes, etag, asset_folder, display_name, tags, context, details, created_at, uploaded_at, facts) VALUES"
        " (:id, 'demo', 'image', 'upload', :name, 'r', 1, :name, 1, 'e', '', '', :tags, '{}', '{}', 1, 1, :facts)"
    )
    facts = '{"width": 1, "height": 1, "format": "png", "has_alpha": true}'
    rows = [
        {"id": str(each), "name": str(each), "tags": '["pet"]' if each % 2 else "[]", "facts": facts}
        for each in range(1500)
    ]
    with engine.begin() as connection:
        migrate(connection, [each for each in MIGRATIONS if each.number < 5])
        connection.execute(statement, rows)
        migrate(connection, MIGRATIONS)
    with engine.connect() as connection:
        for expression, count in (("tags=pet", 750), ("", 1500), ("transparent:true", 1500), ("1499", 1)):
            assert find(connection, Wanted(cloud="demo", tree=parse(expression)), NOW).total == count
    engine.dispose()
