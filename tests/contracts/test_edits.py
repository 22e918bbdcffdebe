"""Renames, edits of many assets, and folders: held to on SQLite and on a real PostgreSQL, many at once."""

from collections.abc import Awaitable, Callable, Coroutine
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.internet import reactor
from twisted.internet.defer import Deferred, DeferredList

from origin.assets.tagging import COMMANDS, Retagging
from origin.catalogue import REMOVE_OBJECT, Asset, Catalogue, FolderModes, Message, Query, Renamed
from origin.catalogue.terms import Term
from tests.support.drafts import draft, identity, rendering
from wire.errors import Conflict, InvalidRequest

NOW = 1_719_307_544.5
FIXED = "fixed"
_numbers = count()


@pytest.fixture
def kept_as() -> dict[str, Any]:
    """One of its clouds keeps folders in public ids."""
    return {"linger_seconds": 0.0, "modes": FolderModes(frozenset({FIXED}))}


async def at_once(*calls: Coroutine[Any, Any, Any]) -> list[Any]:
    """What each came to: a value, or the error raised."""
    results = await DeferredList([Deferred.fromCoroutine(each) for each in calls], consumeErrors=True)
    return [value if is_value else value.value for is_value, value in results]


async def stored(catalogue: Catalogue, public_id: str, cloud: str = "demo", **more: Any) -> Asset:
    return (await catalogue.assets.put(draft(public_id, cloud, **more), now=NOW)).asset


async def everything(catalogue: Catalogue) -> dict[str, Asset]:
    page = await catalogue.assets.list(Query(cloud="demo", resource_type="image", limit=500))
    return {each.identity.public_id: each for each in page.assets}


async def garbage(catalogue: Catalogue) -> set[str]:
    entries = await catalogue.outbox.claim(1000, now=NOW + 10, lease_seconds=30, kinds=(REMOVE_OBJECT,))
    return {each.payload["key"] for each in entries}


async def told(catalogue: Catalogue) -> list[Any]:
    entries = await catalogue.outbox.claim(1000, now=NOW + 10, lease_seconds=30, kinds=("told",))
    return [each.payload["what"] for each in entries]


def say(what: object) -> list[Message]:
    return [Message("told", {"what": what})]


@pytest_twisted.ensureDeferred
async def test_a_renamed_asset_is_the_same_asset(catalogue: Catalogue) -> None:
    """Id, object, revision and derived assets stay its own; it is found by its new name and its old tags."""
    old = await stored(catalogue, "a", tags=("t",))
    small = rendering(old)
    assert await catalogue.derived.add(small, now=NOW) is not None
    renamed = await catalogue.edits.rename(
        old.identity, identity("b"), now=NOW + 5, tell=lambda each: say(each.asset.identity.public_id)
    )
    assert renamed is not None
    expected = evolve(
        old,
        identity=identity("b"),
        version=int(NOW + 5),
        last_updated={"updated_at": NOW + 5, "public_id_updated_at": NOW + 5},
    )
    assert renamed == Renamed(expected, old)
    assert await catalogue.assets.get(identity("a")) is None
    assert await catalogue.assets.get(identity("b")) == expected
    assert [each.store_key for each in await catalogue.derived.of(old.asset_id)] == [small.store_key]
    assert await garbage(catalogue) == set()
    assert await told(catalogue) == ["b"]
    assert await catalogue.edits.rename(identity("a"), identity("c"), now=NOW) is None
    assert (await everything(catalogue)).keys() == {"b"}


@pytest_twisted.ensureDeferred
async def test_a_taken_name_is_left_alone_unless_it_may_be_overwritten(catalogue: Catalogue) -> None:
    first, second = await stored(catalogue, "a"), await stored(catalogue, "b")
    with pytest.raises(InvalidRequest, match="to_public_id b already exists"):
        await catalogue.edits.rename(first.identity, second.identity, now=NOW)
    assert await everything(catalogue) == {"a": first, "b": second}
    renamed = await catalogue.edits.rename(first.identity, second.identity, now=NOW, overwrite=True)
    assert renamed is not None
    assert renamed.replaced == second
    assert await everything(catalogue) == {"b": renamed.asset}
    assert renamed.asset.version == first.version + 1  # though the same second
    assert await garbage(catalogue) == {second.store_key}


@pytest_twisted.ensureDeferred
async def test_of_renames_to_one_name_one_wins(catalogue: Catalogue) -> None:
    """Without overwrite the others are told so, and their assets stay what they were."""
    before = {name: await stored(catalogue, name) for name in ("a", "b", "c", "d")}
    results = await at_once(
        *(catalogue.edits.rename(each.identity, identity("t"), now=NOW) for each in before.values())
    )
    winners = [each for each in results if isinstance(each, Renamed)]
    assert len(winners) == 1
    assert all(isinstance(each, InvalidRequest) for each in results if each not in winners)
    after = await everything(catalogue)
    assert after.pop("t").asset_id == winners[0].old.asset_id
    assert after == {name: each for name, each in before.items() if each != winners[0].old}


@pytest_twisted.ensureDeferred
async def test_renames_that_overwrite_leave_one_asset_and_no_object_behind(catalogue: Catalogue) -> None:
    before = [await stored(catalogue, name) for name in ("a", "b", "c", "d")]
    results = await at_once(
        *(catalogue.edits.rename(each.identity, identity("t"), now=NOW, overwrite=True) for each in before)
    )
    assert all(isinstance(each, Renamed) for each in results), results
    (left,) = (await everything(catalogue)).values()
    assert await garbage(catalogue) == {each.store_key for each in before} - {left.store_key}


@pytest_twisted.ensureDeferred
async def test_two_that_swap_names_never_lose_both(catalogue: Catalogue) -> None:
    first, second = await stored(catalogue, "a"), await stored(catalogue, "b")
    results = await at_once(
        catalogue.edits.rename(identity("a"), identity("b"), now=NOW, overwrite=True),
        catalogue.edits.rename(identity("b"), identity("a"), now=NOW, overwrite=True),
    )
    assert not [each for each in results if isinstance(each, Exception)]
    (left,) = (await everything(catalogue)).values()
    assert await garbage(catalogue) == {first.store_key, second.store_key} - {left.store_key}


@pytest_twisted.ensureDeferred
async def test_a_rename_beside_overwrites_loses_nothing_that_was_answered_for(catalogue: Catalogue) -> None:
    """Whatever the order: every object is shown by a row, or queued for removal; never both, never neither."""
    source = await stored(catalogue, "a")
    drafts = [draft(name) for name in ("a", "b", "a", "b")]
    await at_once(
        *(catalogue.assets.put(each, now=NOW) for each in drafts[:2]),
        catalogue.edits.rename(identity("a"), identity("b"), now=NOW, overwrite=True),
        *(catalogue.assets.put(each, now=NOW) for each in drafts[2:]),
    )
    shown = {each.store_key for each in (await everything(catalogue)).values()}
    removed = await garbage(catalogue)
    assert not shown & removed
    assert shown | removed == {source.store_key, *(each.store_key for each in drafts)}


@pytest_twisted.ensureDeferred
async def test_many_assets_are_edited_together_or_not_at_all(catalogue: Catalogue) -> None:
    before = [await stored(catalogue, name, tags=(name,)) for name in ("a", "b", "c")]
    names = [identity(name) for name in ("c", "none", "a", "c")]

    def fails_at_c(asset: Asset) -> Asset:
        if asset.identity.public_id == "c":
            raise InvalidRequest("no")
        return evolve(asset, tags=("x",))

    with pytest.raises(InvalidRequest):
        await catalogue.edits.several(names, fails_at_c, now=NOW, tell=lambda _: say("never"))
    assert list((await everything(catalogue)).values()) == list(reversed(before))
    found = await catalogue.edits.several(
        names,
        lambda asset: evolve(asset, tags=("a",)),
        now=NOW,
        tell=lambda edited: say([new.identity.public_id for _, new in edited]),
    )
    assert [each.identity.public_id for each in found] == ["c", "a"]
    assert await told(catalogue) == [["c"]]  # `a` was so before
    assert await catalogue.edits.several([], lambda asset: asset, now=NOW) == ()


@pytest_twisted.ensureDeferred
async def test_edits_of_the_same_assets_at_once_all_count(catalogue: Catalogue) -> None:
    """In whatever order they name them."""
    names = [(await stored(catalogue, name)).identity for name in ("a", "b", "c")]
    edits = [Retagging("add", (f"t{number}",)) for number in range(6)]
    results = await at_once(
        *(
            catalogue.edits.several(names[:: 1 if number % 2 else -1], each, now=NOW)
            for number, each in enumerate(edits)
        )
    )
    assert not [each for each in results if isinstance(each, Exception)]
    for each in (await everything(catalogue)).values():
        assert sorted(each.tags) == [f"t{number}" for number in range(6)]


commands = st.lists(
    st.tuples(
        st.sampled_from(COMMANDS),
        st.lists(st.sampled_from(["x", "y", "z", "ä,|"]), min_size=1, max_size=2),
        st.lists(st.sampled_from(["0", "1", "2", "none"]), min_size=1, max_size=3),
    ),
    max_size=5,
)


def naive(bearing: dict[str, set[str]], command: str, tags: list[str], names: list[str]) -> None:
    """What a command means, in the plainest words."""
    found = {name for name in names if name in bearing}
    for name in bearing:
        if name in found:
            match command:
                case "add" | "set_exclusive":
                    bearing[name] |= set(tags)
                case "remove":
                    bearing[name] -= set(tags)
                case "replace":
                    bearing[name] = set(tags)
                case "remove_all":
                    bearing[name] = set()
        elif command == "set_exclusive" and found:
            bearing[name] -= set(tags)


def scripts(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Drawn for each database apart: pytest-twisted runs a parametrized Hypothesis test only once."""
    fixtures = [HealthCheck.function_scoped_fixture]  # one database for all examples: each has its own cloud
    how = settings(max_examples=15, deadline=None, suppress_health_check=fixtures)
    return how(given(script=commands)(pytest_twisted.ensureDeferred(test)))


@scripts
async def test_tag_commands_do_what_a_naive_model_does_on_sqlite(tmp_path: Path, script: list[Any]) -> None:
    """And assets are found by the tags they bear, by no others."""
    await play(f"sqlite:///{tmp_path / 'catalogue.db'}", script)


@scripts
async def test_tag_commands_do_what_a_naive_model_does_on_postgresql(
    postgres_url: str, script: list[Any]
) -> None:
    """The same on the other one."""
    await play(postgres_url, script)


async def play(url: str, script: list[Any]) -> None:
    """Give the commands to a catalogue and to the model, and compare."""
    catalogue = Catalogue(url, reactor=reactor)
    cloud = f"cloud{next(_numbers)}"
    bearing: dict[str, set[str]] = {name: set() for name in "012"}
    for name in bearing:
        await stored(catalogue, name, cloud)
    for command, tags, names in script:
        retagging = Retagging(command, () if command == "remove_all" else tuple(tags))
        named = [identity(name, cloud) for name in names]
        found = await catalogue.edits.several(named, retagging, exclusive=retagging.exclusive, now=NOW)
        expected = [name for name in dict.fromkeys(names) if name in bearing]
        assert [each.identity.public_id for each in found] == expected
        naive(bearing, command, tags, names)
    for tag in ("x", "y", "z", "ä,|"):
        page = await catalogue.assets.list(Query(cloud=cloud, resource_type="image", term=Term.tag(tag)))
        assert {each.identity.public_id for each in page.assets} == {
            name for name, borne in bearing.items() if tag in borne
        }
    await catalogue.close()


@pytest_twisted.ensureDeferred
async def test_names_that_must_differ_do_however_many_come_at_once(catalogue: Catalogue) -> None:
    results = await at_once(
        *(
            catalogue.assets.put(
                draft(f"n{number}", display_name="same", asset_folder="f"), now=NOW, suffix=f"s{number}"
            )
            for number in range(6)
        )
    )
    assert len({each.asset.display_name for each in results}) == 6


@pytest_twisted.ensureDeferred
async def test_folders_come_with_assets_and_stay_when_they_go(catalogue: Catalogue) -> None:
    """In dynamic mode by asset_folder, in fixed mode by public id; a fetched asset's name is no path."""
    folders = catalogue.folders
    asset = await stored(catalogue, "p/q", asset_folder="a/b")
    await stored(catalogue, "p/q/r", FIXED, asset_folder="a")
    fetched = draft("x", FIXED)
    await catalogue.assets.put(
        evolve(fetched, identity=evolve(fetched.identity, type="fetch", public_id="http://x/y")), now=NOW
    )
    assert [each.path for each in (await folders.within("demo", "")).folders] == ["a"]
    assert [each.path for each in (await folders.within("demo", "a")).folders] == ["a/b"]
    assert [each.path for each in (await folders.within(FIXED, "")).folders] == ["p"]
    assert (await folders.get("demo", "a/b")) != (await folders.get(FIXED, "p/q"))
    await catalogue.assets.delete(asset.identity, now=NOW)
    assert await folders.get("demo", "a/b") is not None
    with pytest.raises(Conflict, match="Folder a/b already exists"):
        await folders.create("demo", "a/b", now=NOW)
    with pytest.raises(InvalidRequest, match="Folder is not empty"):
        await folders.delete(FIXED, "p", now=NOW)
    assert await folders.delete("demo", "a", now=NOW, tell=say) == ("a", "a/b")
    assert await told(catalogue) == [["a", "a/b"]]
    assert await folders.delete("demo", "a", now=NOW) == ()


@pytest_twisted.ensureDeferred
async def test_a_folder_moves_whole_or_not_at_all(catalogue: Catalogue) -> None:
    """Fixed mode: its assets' names follow; one that is taken stops everything."""
    first = await stored(catalogue, "a/b/x", FIXED)
    await stored(catalogue, "ab/x", FIXED)
    await stored(catalogue, "c/d/b/x", "demo")  # another cloud's name is no obstacle
    moved = await catalogue.folders.rename(FIXED, "a", "c/d", now=NOW + 9)
    assert moved is not None
    assert [new.identity.public_id for _, new in moved.assets] == ["c/d/b/x"]
    assert moved.assets[0][1].asset_id == first.asset_id
    assert [each.path for each in (await catalogue.folders.within(FIXED, "c/d")).folders] == ["c/d/b"]
    assert [each.path for each in (await catalogue.folders.within(FIXED, "")).folders] == ["ab", "c"]
    await catalogue.folders.delete(FIXED, "e", now=NOW)
    with pytest.raises(InvalidRequest, match="to_folder is too long"):
        await catalogue.folders.rename(FIXED, "c", "y" * 252, now=NOW)
    assert await catalogue.assets.get(identity("c/d/b/x", FIXED)) is not None
    assert await catalogue.folders.get(FIXED, "c") is not None


@pytest_twisted.ensureDeferred
async def test_no_asset_is_ever_in_a_folder_that_is_not_there(catalogue: Catalogue) -> None:
    """Uploads into it, its removal and its renaming at once, in every order that chance gives."""
    for number in range(5):
        folder = f"f{number}"
        await catalogue.folders.create("demo", f"{folder}/in", now=NOW)
        results = await at_once(
            catalogue.folders.delete("demo", folder, now=NOW),
            *(
                catalogue.assets.put(draft(f"{folder}-{each}", asset_folder=f"{folder}/in"), now=NOW)
                for each in range(3)
            ),
            catalogue.folders.rename("demo", folder, f"moved{number}", now=NOW),
        )
        assert all(isinstance(each, InvalidRequest) for each in results if isinstance(each, Exception)), (
            results
        )
        for asset in (await everything(catalogue)).values():
            assert await catalogue.folders.get("demo", asset.asset_folder) is not None, asset
