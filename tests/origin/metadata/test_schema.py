"""All fields and rules of a cloud: what may stand beside what, and in which order."""

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from origin.metadata.fields import MOST_ENTRIES, Entry, Field
from origin.metadata.rules import Rule
from origin.metadata.schema import MOST_FIELDS, MOST_RULES, NO_FIELDS, Schema
from wire.errors import InvalidRequest, NotFound


def field(number: int, **more: Any) -> Field:
    return Field(external_id=f"f{number}", type="string", label=f"L{number}", created_at=-number, **more)


def rule(name: str, asks: str = "f0", acts: str = "f1") -> Rule:
    return Rule(
        external_id=name,
        metadata_field_id=acts,
        name=name,
        condition={"or": [{"metadata_field_id": asks, "populated": True}]},
        result={"hide": True},
    )


def schema(count: int) -> Schema:
    return Schema(fields=tuple(map(field, range(count))))


def test_there_is_an_end_to_fields_rules_and_values() -> None:
    with pytest.raises(InvalidRequest, match=r"Too many metadata fields. Maximum is 100"):
        schema(MOST_FIELDS).with_field(field(MOST_FIELDS))
    ruled = evolve(schema(2), rules=tuple(rule(str(number)) for number in range(MOST_RULES)))
    with pytest.raises(InvalidRequest, match=r"Too many metadata rules. Maximum is 100"):
        ruled.with_rule(rule("more"))
    full = evolve(field(0), type="enum", entries=tuple(Entry(str(n), "x") for n in range(MOST_ENTRIES)))
    with pytest.raises(InvalidRequest, match=r"Too many datasource values. Maximum is 3000"):
        full.upserted([Entry("more", "x")])
    assert full.upserted([Entry("0", "y")]).entries[0] == Entry("0", "y")


def test_an_id_is_never_given_again() -> None:
    """Not even that of a field that is gone; labels are free again."""
    gone = schema(2).without_field("f0")
    with pytest.raises(InvalidRequest, match="external id f0 already exists"):
        gone.with_field(evolve(field(0), label="other"))
    assert len(gone.with_field(evolve(field(0), external_id="new")).fields) == 2


def test_rules_go_with_the_fields_they_ask_for_or_act_on() -> None:
    ruled = schema(3).with_rule(rule("a")).with_rule(rule("b", "f2", "f1")).with_rule(rule("c", "f2", "f0"))
    assert [each.external_id for each in ruled.without_field("f0").rules] == ["b"]


@given(st.integers(1, 6), st.data())
def test_moving_one_field_keeps_the_order_of_the_others(count: int, data: st.DataObject) -> None:
    moved, place = data.draw(st.integers(0, count - 1)), data.draw(st.integers(0, 10))
    before = schema(count)
    after = before.reordered(f"f{moved}", place)
    assert after.fields.index(before.fields[moved]) == min(place, count - 1)
    others = [each for each in after.fields if each.external_id != f"f{moved}"]
    assert others == [each for each in before.fields if each.external_id != f"f{moved}"]


@pytest.mark.parametrize("by", ["label", "external_id", "created_at"])
def test_orders_turn_round(by: str) -> None:
    rising, falling = (schema(5).ordered(by, descending).fields for descending in (False, True))
    assert rising == tuple(reversed(falling))
    assert schema(5).ordered("created_at", False).fields[0] == field(4)


LABELS = st.text(max_size=5)


@examples(max_examples=40)
@given(
    LABELS, st.booleans(), st.sampled_from([None, {"type": "strlen", "max": 3}]), st.lists(LABELS, max_size=3)
)
def test_a_schema_is_read_as_it_was_written(
    label: str, flag: bool, validation: Any, values: list[str]
) -> None:
    entries = tuple(Entry(str(number), value, flag) for number, value in enumerate(values))
    fields = (
        field(0, mandatory=flag, validation=validation, default_value="x", restrictions={"hidden_ui": flag}),
        evolve(field(1), type="set", entries=entries, label=label, default_disabled=flag),
    )
    written = Schema(fields=fields, rules=(rule("a"),), gone=("b", "c"))
    assert Schema.from_text(written.to_text()) == written


def test_what_is_not_there_is_not_found() -> None:
    for look in (NO_FIELDS.field, NO_FIELDS.rule, NO_FIELDS.without_field, NO_FIELDS.without_rule):
        with pytest.raises(NotFound, match="External ID x doesn't exist"):
            look("x")
