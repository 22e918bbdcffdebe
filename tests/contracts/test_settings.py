"""What the catalogue promises of presets, metadata schemas and streaming profiles, on SQLite and on PostgreSQL."""

from typing import Any
from uuid import uuid4

import pytest
import pytest_twisted
from attrs import evolve
from twisted.internet.defer import Deferred, DeferredList, gatherResults

from origin.catalogue import Asset, Catalogue, Preset, Profile
from origin.catalogue.metadata import STRIP_METADATA
from origin.metadata.fields import Entry, Field
from origin.metadata.rules import Rule
from origin.metadata.schema import NO_FIELDS, Schema
from tests.support.drafts import draft
from tests.support.owed import NOW, claimed
from wire.errors import InvalidRequest, NotFound


def preset(name: str = "p", cloud: str = "demo", **more: Any) -> Preset:
    return Preset(cloud=cloud, name=name, external_id=str(uuid4()), **more)


def profile(name: str, cloud: str = "demo") -> Profile:
    return Profile(
        cloud=cloud, name=name, external_id=str(uuid4()), display_name="Ü", representations=("c_limit,w_9",)
    )


@pytest_twisted.ensureDeferred
async def test_a_preset_is_made_once_changed_and_removed(catalogue: Catalogue) -> None:
    first = preset(unsigned=True, settings={"tags": "ä,b"})
    assert await catalogue.presets.create(first)
    assert not await catalogue.presets.create(preset(settings={"tags": "other"}))
    assert await catalogue.presets.get("demo", "p") == first
    changed = await catalogue.presets.change(
        "demo", "p", lambda old: evolve(old, unsigned=False, settings={**old.settings, "folder": "x"})
    )
    assert changed is not None
    assert (changed.unsigned, changed.settings) == (False, {"tags": "ä,b", "folder": "x"})
    assert await catalogue.presets.get("demo", "p") == changed
    assert await catalogue.presets.delete("demo", "p")
    assert not await catalogue.presets.delete("demo", "p")
    assert await catalogue.presets.get("demo", "p") is None
    assert await catalogue.presets.change("demo", "p", lambda old: old) is None


@pytest_twisted.ensureDeferred
async def test_presets_come_in_pages_of_their_own_cloud(catalogue: Catalogue) -> None:
    """The newest first; a cursor goes on where the page ended, whatever was made since."""
    for name in "abcde":
        await catalogue.presets.create(preset(name))
    await catalogue.presets.create(preset("a", cloud="other"))
    page, cursor = await catalogue.presets.list("demo", limit=2, cursor=None)
    assert [each.name for each in page] == ["e", "d"]
    await catalogue.presets.create(preset("f"))
    page, cursor = await catalogue.presets.list("demo", limit=2, cursor=cursor)
    assert [each.name for each in page] == ["c", "b"]
    page, cursor = await catalogue.presets.list("demo", limit=2, cursor=cursor)
    assert ([each.name for each in page], cursor) == (["a"], None)
    with pytest.raises(InvalidRequest):
        await catalogue.presets.list("demo", limit=2, cursor="' OR 1")


@pytest_twisted.ensureDeferred
async def test_of_presets_made_at_once_one_gets_the_name(catalogue: Catalogue) -> None:
    making = [Deferred.fromCoroutine(catalogue.presets.create(preset("p"))) for _ in range(5)]
    assert sorted(await gatherResults(making)) == [False] * 4 + [True]


@pytest_twisted.ensureDeferred
async def test_profiles_are_made_changed_and_removed_in_one_step(catalogue: Catalogue) -> None:
    made = profile("mine")
    await catalogue.profiles.change("demo", "mine", lambda old: made if old is None else old)
    await catalogue.profiles.change("other", "hers", lambda old: profile("hers", "other"))
    assert await catalogue.profiles.get("demo", "mine") == made
    assert await catalogue.profiles.list("demo") == (made,)
    assert await catalogue.profiles.change("demo", "mine", lambda old: None) is None
    assert await catalogue.profiles.list("demo") == ()
    assert len(await catalogue.profiles.list("other")) == 1


COLOUR = Field(
    external_id="colour",
    type="set",
    label="Colour",
    entries=(Entry("r", "Röt"), Entry("g", "Grün", is_active=False)),
    default_value=["r"],
    created_at=NOW,
)
SIZE = Field(
    external_id="size_1",
    type="integer",
    label="Size",
    mandatory=True,
    validation={"type": "greater_than", "value": 3},
    restrictions={"readonly_ui": True},
)
RULE = Rule(
    external_id="rule",
    metadata_field_id="colour",
    name="Rule",
    condition={"metadata_field_id": "size_1", "populated": True},
    result={"enable": True},
)


async def adding(catalogue: Catalogue, *fields: Field, cloud: str = "demo") -> None:
    def with_them(schema: Schema) -> tuple[Schema, None]:
        for field in fields:
            schema = schema.with_field(field)
        return schema, None

    await catalogue.metadata.change(cloud, with_them)


@pytest_twisted.ensureDeferred
async def test_a_schema_is_read_as_it_was_written(catalogue: Catalogue) -> None:
    """Fields, rules and the ids of what is gone; another cloud has its own."""
    assert await catalogue.metadata.get("demo") == NO_FIELDS
    await adding(catalogue, COLOUR, SIZE)
    await catalogue.metadata.change("demo", lambda schema: (schema.with_rule(RULE), None))
    expected = Schema(fields=(COLOUR, SIZE), rules=(RULE,))
    assert await catalogue.metadata.get("demo") == expected
    assert await catalogue.metadata.get("demo") is await catalogue.metadata.get("demo")  # parsed once
    assert await catalogue.metadata.get("other") == NO_FIELDS


@pytest_twisted.ensureDeferred
async def test_changes_made_at_once_all_count(catalogue: Catalogue) -> None:
    """Each sees those before it: no field is lost, and a label is taken by one alone."""
    fields = [evolve(SIZE, external_id=f"f{n}", label=f"L{n % 4}") for n in range(8)]
    making = [Deferred.fromCoroutine(adding(catalogue, each)) for each in fields]
    outcomes = await DeferredList(making, consumeErrors=True)
    assert [is_made for is_made, _ in outcomes].count(True) == 4
    schema = await catalogue.metadata.get("demo")
    assert sorted(each.label for each in schema.fields) == ["L0", "L1", "L2", "L3"]


@pytest_twisted.ensureDeferred
async def test_a_change_that_is_refused_leaves_all_as_it_was(catalogue: Catalogue) -> None:
    await adding(catalogue, COLOUR)
    with pytest.raises(InvalidRequest):
        await adding(catalogue, COLOUR)
    with pytest.raises(NotFound):
        await catalogue.metadata.delete_field("demo", "nothing", now=NOW)
    assert (await catalogue.metadata.get("demo")).fields == (COLOUR,)


@pytest_twisted.ensureDeferred
async def test_with_a_field_its_values_go(catalogue: Catalogue) -> None:
    """On every asset of the cloud, and only there; its id is never given again."""
    await adding(catalogue, COLOUR, SIZE)
    size_only = evolve(draft("size"), metadata={"size_1": 7})
    both = evolve(draft("both"), metadata={"size_1": 7, "colour": ["r"]})
    theirs = evolve(draft("both", cloud="other"), metadata={"size_1": 7})
    similar = evolve(draft("similar"), metadata={"sizex1": 7})
    for each in (size_only, both, theirs, similar):
        await catalogue.assets.put(each, now=NOW)
    await catalogue.metadata.delete_field("demo", "size_1", now=NOW + 5)

    async def found(wanted: Any) -> Asset:
        asset = await catalogue.assets.get(wanted.identity)
        assert asset is not None
        return asset

    assert (await found(size_only)).metadata == {}
    assert (await found(both)).metadata == {"colour": ["r"]}
    assert (await found(both)).last_updated["metadata_updated_at"] == NOW + 5
    assert (await found(theirs)).metadata == {"size_1": 7}
    assert (await found(similar)).metadata == {"sizex1": 7}
    late = evolve(draft("late"), metadata={"size_1": 7})
    await catalogue.assets.put(late, now=NOW + 6)  # by an upload that knew the field
    assert await claimed(catalogue, NOW + 60) == []
    (again,) = [each for each in await claimed(catalogue, NOW + 200) if each.kind == STRIP_METADATA]
    await catalogue.metadata.strip(**again.payload, now=NOW + 200)
    assert (await found(late)).metadata == {}
    with pytest.raises(InvalidRequest, match="external id size_1 already exists"):
        await adding(catalogue, evolve(SIZE, label="Again"))
