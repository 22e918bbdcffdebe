"""Values of structured metadata: how they are written, what their fields take, what becomes of them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from origin.metadata.fields import Entry, Field
from origin.metadata.rules import Rule, check_condition, check_result, holds
from origin.metadata.schema import Schema
from origin.metadata.settling import Edit, grown, settled
from origin.metadata.spelling import Written, parse_values, spell_values
from origin.metadata.validation import Value, accepts, check_validation
from wire.errors import InvalidRequest

NAMES = st.text("abc_1", min_size=1, max_size=4)
TEXTS = st.text(st.sampled_from('ab=|,"[]{}ü\\ '), max_size=6).filter(lambda each: not each.endswith("\\"))
PLAIN = TEXTS.filter(lambda each: not each.startswith("[") and "\\" not in each)


def escaped(text: str) -> str:
    """As the Python SDK escapes a value, and Node's each element of an array."""
    return text.replace("=", "\\=").replace("|", "\\|")


def by_python(values: dict[str, Written]) -> str:
    return "|".join(
        f"{name}={escaped(json.dumps(list(each)) if isinstance(each, tuple) else each)}"
        for name, each in values.items()
    )


def by_node(values: dict[str, Written]) -> str:
    def written(each: Written) -> str:
        if isinstance(each, str):
            return escaped(each)
        return "[" + ",".join(f'"{escaped(element)}"' for element in each) + "]"

    return "|".join(f"{name}={written(each)}" for name, each in values.items())


ARRAYS = st.lists(TEXTS, max_size=3).map(tuple)
IDS = st.lists(st.text("ab=|_", min_size=1, max_size=4), max_size=3).map(tuple)


@examples(max_examples=60)
@given(st.dictionaries(NAMES, st.one_of(PLAIN, ARRAYS), max_size=4))
def test_what_the_python_sdk_writes_is_read(values: dict[str, Written]) -> None:
    assert parse_values(by_python(values)) == values


@examples(max_examples=60)
@given(st.dictionaries(NAMES, st.one_of(PLAIN, IDS), max_size=4))
def test_what_nodes_sdk_writes_is_read(values: dict[str, Written]) -> None:
    assert parse_values(by_node(values)) == values


@examples(max_examples=60)
@given(st.dictionaries(st.text(max_size=4), st.one_of(st.text(max_size=6), ARRAYS), max_size=4))
def test_what_we_write_ourselves_is_read(values: dict[str, Written]) -> None:
    assert parse_values(spell_values(values)) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (None, {}),
        ("a=1|b=x", {"a": "1", "b": "x"}),
        ("a=|b=x", {"a": "", "b": "x"}),
        ('a=["x","y"]', {"a": ("x", "y")}),
        ("a=[]", {"a": ()}),
        ('a=say \\"no\\"', {"a": 'say "no"'}),
        ("a=[not json", {"a": "[not json"}),
        ('{"a":5,"b":["x"],"c":null,"d":2.0}', {"a": "5", "b": ("x",), "c": "", "d": "2"}),
        ("a=1|a=2", {"a": "2"}),
    ],
)
def test_values_as_they_come(text: str | None, values: dict[str, Written]) -> None:
    assert parse_values(text) == values


@pytest.mark.parametrize(
    "text", ["no pair", "=x", "{", '{"a":{"b":1}}', '{"a":[[1]]}', "|".join(["a=1"] * 1001)]
)
def test_what_is_no_pair_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        parse_values(text)


COLOURS = (Entry("r", "Red"), Entry("g", "Green"), Entry("old", "Old", is_active=False))
TEXT = Field(external_id="text", type="string", label="T", validation={"type": "strlen", "min": 2, "max": 4})
NUMBER = Field(
    external_id="number",
    type="integer",
    label="N",
    validation={
        "type": "and",
        "rules": [
            {"type": "greater_than", "value": 3},
            {"type": "less_than", "value": 10, "equals": True},
        ],
    },
)
DAY = Field(
    external_id="day",
    type="date",
    label="D",
    validation={"type": "greater_than", "value": "2024-01-15", "equals": True},
)
ONE = Field(external_id="one", type="enum", label="O", entries=COLOURS)
MANY = Field(external_id="many", type="set", label="M", entries=COLOURS)


@pytest.mark.parametrize(
    ("field", "written", "value"),
    [
        (TEXT, "abc", "abc"),
        (TEXT, "ü☃", "ü☃"),
        (NUMBER, "4", 4),
        (NUMBER, "+10", 10),
        (DAY, "2024-01-15", "2024-01-15"),
        (ONE, "r", "r"),
        (MANY, ("r", "g", "r"), ["r", "g"]),
        (MANY, "g", ["g"]),
    ],
)
def test_a_field_reads_what_it_takes(field: Field, written: Written, value: Any) -> None:
    assert field.read(written) == value


@pytest.mark.parametrize(
    ("field", "written"),
    [
        (TEXT, "a"),
        (TEXT, "abcde"),
        (TEXT, ("ab",)),
        (NUMBER, "3"),
        (NUMBER, "11"),
        (NUMBER, "4.5"),
        (NUMBER, "x"),
        (NUMBER, "٤"),
        (NUMBER, "9" * 5000),
        (DAY, "2024-01-14"),
        (DAY, "2024-02-30"),
        (DAY, "15.1.2025"),
        (DAY, "2024-01-15T00:00:00Z"),
        (ONE, "Red"),
        (ONE, "old"),
        (ONE, ("r",)),
        (MANY, ("r", "nothing")),
        (MANY, ("old",)),
    ],
)
def test_a_field_refuses_the_rest(field: Field, written: Written) -> None:
    with pytest.raises(InvalidRequest, match=f"Invalid value for metadata field {field.external_id}"):
        field.read(written)


def test_an_inactive_entry_stays_with_who_has_it_when_others_are_given_beside_it() -> None:
    """Soft delete (admin-api §16): nobody gets it, and nobody loses it with an edit of the rest."""
    schema = Schema(fields=(ONE, MANY))
    old: dict[str, Value] = {"one": "old", "many": ["old", "g"]}
    given: dict[str, Written] = {"one": "old", "many": ("r", "old")}
    assert settled(schema, Edit(given), old) == {"one": "old", "many": ["r", "old"]}
    for before in (None, {}, {"many": ["g"]}):
        with pytest.raises(InvalidRequest, match="Invalid value for metadata field many: r,old"):
            settled(schema, Edit({"many": ("r", "old")}), before)


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        ("string", {"type": "strlen"}),
        ("string", {"type": "strlen", "min": "1"}),
        ("string", {"type": "strlen", "max": -1}),
        ("string", {"type": "greater_than", "value": 1}),
        ("integer", {"type": "strlen", "min": 1}),
        ("integer", {"type": "greater_than", "value": "1"}),
        ("integer", {"type": "greater_than", "value": True}),
        ("integer", {"type": "less_than", "value": 1, "equals": 1}),
        ("integer", {"type": "less_than"}),
        ("date", {"type": "less_than", "value": "tomorrow"}),
        ("integer", {"type": "and", "rules": []}),
        ("integer", {"type": "and", "rules": [{"type": "and", "rules": "x"}]}),
        ("enum", {"type": "greater_than", "value": 1}),
        ("string", []),
        ("string", "x"),
        ("string", None),
    ],
)
def test_a_validation_that_says_nothing_is_refused(kind: str, document: Any) -> None:
    with pytest.raises(InvalidRequest, match="validation is invalid"):
        check_validation(document, kind)


@given(st.integers(-50, 50), st.integers(-50, 50), st.booleans())
def test_bounds_hold_on_either_side(value: int, bound: int, equals: bool) -> None:
    """Every number is above, below, or the bound itself."""
    above = accepts({"type": "greater_than", "value": bound, "equals": equals}, value)
    below = accepts({"type": "less_than", "value": bound, "equals": equals}, value)
    assert above == (value > bound or (equals and value == bound))
    assert below == (value < bound or (equals and value == bound))


def rule(field: str, condition: Any, result: Any, name: str = "rule", state: str = "active") -> Rule:
    check_condition(condition)
    check_result(result)
    return Rule(
        external_id=name, metadata_field_id=field, name=name, condition=condition, result=result, state=state
    )


SCHEMA = Schema(fields=(TEXT, NUMBER, DAY, ONE, MANY))
IF_FOUR = {"metadata_field_id": "number", "equals": 4}
WRITTEN = st.fixed_dictionaries(
    {},
    optional={
        "text": st.sampled_from(["ab", "abcd", ""]),
        "number": st.sampled_from(["4", "9", ""]),
        "one": st.sampled_from(["r", "g", ""]),
        "many": st.sampled_from([("r",), ("r", "g"), ()]),
    },
)


@examples(max_examples=60)
@given(WRITTEN, WRITTEN)
def test_an_edit_merges(first: dict[str, Written], second: dict[str, Written]) -> None:
    """What is given is new, what is given empty goes, the rest stays; saying it twice changes nothing."""
    before = settled(SCHEMA, Edit(first))
    after = settled(SCHEMA, Edit(second), before)
    assert after.keys() == {name for name, each in {**first, **second}.items() if each}
    assert all(after[name] == SCHEMA.field(name).read(each) for name, each in second.items() if each)
    assert settled(SCHEMA, Edit(second), after) == after
    assert settled(SCHEMA, Edit({}), after) == after


@given(WRITTEN)
def test_rules_that_do_not_hold_change_nothing(given_values: dict[str, Written]) -> None:
    never = {"and": [{"metadata_field_id": "day", "populated": True}, IF_FOUR]}
    ruled = Schema(
        fields=SCHEMA.fields,
        rules=(
            rule("text", never, {"disable": True}),
            rule("one", IF_FOUR, {"disable": True}, name="asleep", state="inactive"),
        ),
    )
    assert settled(ruled, Edit(given_values)) == settled(SCHEMA, Edit(given_values))


def ruled(result: Any, field: str = "many") -> Schema:
    return Schema(fields=SCHEMA.fields, rules=(rule(field, IF_FOUR, result),))


@pytest.mark.parametrize(
    ("result", "given_value", "expected"),
    [
        ({"apply_value": {"value": ["g"], "mode": "default"}}, None, ["g"]),
        ({"apply_value": {"value": ["g"], "mode": "default"}}, ("r",), ["r"]),
        ({"apply_value": {"value": ["g"], "mode": "override"}}, ("r",), ["g"]),
        ({"apply_value": {"value": ["g"], "mode": "append"}}, ("r",), ["r", "g"]),
        ({"activate_values": "all"}, ("r",), ["r"]),
        ({"activate_values": {"external_ids": ["r"], "mode": "override"}}, ("r",), ["r"]),
        ({"set_mandatory": True}, ("r",), ["r"]),
        ({"hide": True}, ("r",), ["r"]),
    ],
)
def test_a_rule_that_holds_gives_values(result: Any, given_value: Written | None, expected: Any) -> None:
    given_values: dict[str, Written] = {"number": "4", **({"many": given_value} if given_value else {})}
    assert settled(ruled(result), Edit(given_values))["many"] == expected


@pytest.mark.parametrize(
    ("result", "given_value", "said"),
    [
        ({"disable": True}, ("r",), "Metadata field many is disabled"),
        (
            {"activate_values": {"external_ids": ["g"], "mode": "override"}},
            ("r",),
            "Metadata field many does not take r now",
        ),
        ({"set_mandatory": True}, None, "Missing values for mandatory metadata fields: many"),
    ],
)
def test_a_rule_that_holds_forbids_values(result: Any, given_value: Written | None, said: str) -> None:
    given_values: dict[str, Written] = {"number": "4", **({"many": given_value} if given_value else {})}
    with pytest.raises(InvalidRequest) as refused:
        settled(ruled(result), Edit(given_values))
    assert refused.value.public == said


@pytest.mark.parametrize(
    ("result", "kept"),
    [
        ({"disable": True}, None),
        ({"activate_values": {"external_ids": ["g"], "mode": "override"}}, ["g"]),
    ],
)
def test_values_that_became_invalid_go_if_they_may(result: Any, kept: Any) -> None:
    """`clear_invalid` drops what is left over; without it the edit is refused."""
    before = settled(SCHEMA, Edit({"many": ("r", "g")}))
    with pytest.raises(InvalidRequest):
        settled(ruled(result), Edit({"number": "4"}), before)
    after = settled(ruled(result), Edit({"number": "4"}, clear_invalid=True), before)
    assert after == {"number": 4, **({"many": kept} if kept else {})}


def test_what_was_taken_from_a_datasource_stays_where_it_is() -> None:
    """A soft delete: assets keep it, nobody gets it."""
    assert settled(SCHEMA, Edit({"text": "ab"}), {"one": "old"}) == {"one": "old", "text": "ab"}


def test_defaults_come_with_new_assets_alone() -> None:
    """And not where something was said, nor where the field is disabled until a rule enables it."""
    field = Field(external_id="f", type="string", label="F", default_value="d", mandatory=True)
    asleep = Field(external_id="g", type="string", label="G", default_value="d", default_disabled=True)
    schema = Schema(fields=(field, asleep))
    assert settled(schema, Edit({})) == {"f": "d"}
    assert settled(schema, Edit({"f": "x"})) == {"f": "x"}
    assert settled(schema, Edit({}), {}) == {}
    with pytest.raises(InvalidRequest, match="Metadata field g is disabled"):
        settled(schema, Edit({"g": "x"}))


def test_mandatory_values_are_there_and_stay() -> None:
    schema = Schema(fields=(Field(external_id="f", type="string", label="F", mandatory=True),))
    with pytest.raises(InvalidRequest, match="Missing values for mandatory metadata fields: f"):
        settled(schema, Edit({}))
    with pytest.raises(InvalidRequest, match="Missing values for mandatory metadata fields: f"):
        settled(schema, Edit({"f": ""}), {"f": "x"})
    assert settled(schema, Edit({}), {}) == {}  # it was there before the field was


def test_unknown_fields_are_named() -> None:
    with pytest.raises(InvalidRequest) as refused:
        settled(SCHEMA, Edit({"x": "1", "text": "ab", "y\n": ""}))
    assert refused.value.public == "Metadata External IDs do not exist: x, y%0A"


def test_a_field_may_take_values_that_are_not_listed_yet() -> None:
    """They are entries then, for everybody."""
    field = Field(external_id="f", type="set", label="F", entries=COLOURS, allow_dynamic_list_values=True)
    schema = grown(Schema(fields=(field, ONE)), {"f": ("r", "new"), "one": "new"})
    assert [each.external_id for each in schema.field("f").active] == ["r", "g", "new"]
    assert schema.field("one") == ONE
    assert grown(schema, {"f": ("new",)}) is schema


VALUES: dict[str, Any] = {"number": 4, "many": ["r", "g"], "text": "4"}


@pytest.mark.parametrize(
    ("condition", "is_true"),
    [
        ({"metadata_field_id": "number", "equals": 4}, True),
        ({"metadata_field_id": "number", "equals": "4"}, True),
        ({"metadata_field_id": "number", "equals": 5}, False),
        ({"metadata_field_id": "day", "equals": ""}, False),
        ({"metadata_field_id": "day", "populated": False}, True),
        ({"metadata_field_id": "number", "populated": True}, True),
        ({"metadata_field_id": "many", "includes": ["r"]}, True),
        ({"metadata_field_id": "many", "includes": ["r", "x"]}, False),
        ({"metadata_field_id": "many", "equals": ["g", "r"]}, True),
        ({"metadata_field_id": "many", "equals": ["g"]}, False),
        ({"metadata_field_id": "day", "includes": ["r"]}, False),
        ({"or": [{"metadata_field_id": "number", "equals": 5}, {"and": [IF_FOUR, IF_FOUR]}]}, True),
    ],
)
def test_conditions(condition: Any, is_true: bool) -> None:
    check_condition(condition)
    assert holds(condition, VALUES) is is_true


def nested(depth: int) -> Any:
    return IF_FOUR if depth == 0 else {"and": [nested(depth - 1)]}


@pytest.mark.parametrize(
    "condition",
    [
        None, [], {}, "x", {"and": []}, {"and": [5]}, {"xor": [IF_FOUR]}, {"metadata_field_id": 5, "equals": 1},
        {"metadata_field_id": "a"}, {"metadata_field_id": "a", "populated": "yes"},
        {"metadata_field_id": "a", "includes": "x"}, {"metadata_field_id": "a", "includes": []},
        {"metadata_field_id": "a", "includes": [5]}, {"metadata_field_id": "a", "equals": {"b": 1}},
        {"metadata_field_id": "a", "equals": 1, "populated": True}, {"and": [IF_FOUR], "or": [IF_FOUR]},
        nested(12), {"or": [IF_FOUR] * 10_000},
    ],
)  # fmt: skip
def test_what_is_no_condition_is_refused(condition: Any) -> None:
    with pytest.raises(InvalidRequest):
        check_condition(condition)


@pytest.mark.parametrize(
    "result",
    [
        None, [], {}, "x", {"destroy": True}, {"enable": "yes"}, {"enable": True, "disable": True},
        {"activate_values": "some"}, {"activate_values": {"external_ids": ["a"]}},
        {"activate_values": {"external_ids": [1], "mode": "append"}}, {"apply_value": "x"},
        {"apply_value": {"value": "x"}}, {"apply_value": {"value": "x", "mode": "maybe"}},
    ],
)  # fmt: skip
def test_what_is_no_result_is_refused(result: Any) -> None:
    with pytest.raises(InvalidRequest):
        check_result(result)
