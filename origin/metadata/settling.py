"""The values an asset bears after it was uploaded or edited: given, kept, defaults, rules, mandatory ones."""

from collections.abc import Mapping

from attrs import frozen

from origin.metadata.fields import LONGEST, Entry, Field, chosen, without
from origin.metadata.rules import Standing, applied, holds
from origin.metadata.schema import Schema, missing_of
from origin.metadata.spelling import Written
from origin.metadata.validation import Value
from wire.components import printable
from wire.errors import InvalidRequest

Values = Mapping[str, Value]


@frozen
class Edit:
    """What a request says of an asset's values."""

    given: Mapping[str, Written]  # empty clears
    clear_invalid: bool = False


def settled(schema: Schema, edit: Edit, before: Values | None = None) -> dict[str, Value]:
    """The values afterwards, or 400. `before` is None for a new asset: then defaults come in.

    A value given must pass; entries that the asset had already may be inactive, given again or not. Where validation
    or rules turned against a value that was there, it goes with `clear_invalid` and is refused without.
    """
    check_known(schema, edit.given)
    old = before or {}
    values = {each.external_id: old[each.external_id] for each in schema.fields if each.external_id in old}
    given = {name for name, written in edit.given.items() if written}
    for name, written in edit.given.items():
        values.pop(name, None)
        if written:
            values[name] = schema.field(name).read(written, old.get(name))
    if before is None:
        _add_defaults(schema, values, edit.given)
    standings = _ruled(schema, values)
    for field in schema.fields:
        if (value := values.get(field.external_id)) is not None:
            fresh = field.external_id in given or field.external_id not in old
            was = old.get(field.external_id)
            kept = _admitted(field, standings[field.external_id], value, fresh, was, edit.clear_invalid)
            values.pop(field.external_id)
            values |= {} if kept is None else {field.external_id: kept}
    _check_mandatory(schema, standings, values, old if before is not None else None)
    return values


def check_known(schema: Schema, given: Mapping[str, Written]) -> None:
    """400 for values of fields that are not there."""
    if missing := missing_of(schema, given):
        raise InvalidRequest(f"Metadata External IDs do not exist: {', '.join(map(printable, missing))}")


def grown(schema: Schema, given: Mapping[str, Written]) -> Schema:
    """With an entry for every value that a field takes though its datasource does not have it yet."""
    for field in schema.fields:
        written = given.get(field.external_id)
        if written and field.has_datasource and field.allow_dynamic_list_values:
            known = {each.external_id for each in field.entries}
            wanted = (written,) if isinstance(written, str) else written
            new = [Entry(each, each) for each in dict.fromkeys(wanted) if each and each not in known]
            if any(len(each.value) > LONGEST for each in new):
                raise InvalidRequest(f"Invalid value for metadata field {printable(field.external_id)}")
            schema = schema.replacing(field.upserted(new)) if new else schema
    return schema


def _add_defaults(schema: Schema, values: dict[str, Value], given: Mapping[str, Written]) -> None:
    for field in schema.fields:
        has_default = field.default_value is not None and not field.default_disabled
        if has_default and field.external_id not in given and field.default_value is not None:
            values[field.external_id] = field.default_value


def _ruled(schema: Schema, values: dict[str, Value]) -> dict[str, Standing]:
    """Carry the rules out in their order; each sees what those before it applied."""
    standings = {
        each.external_id: Standing(not each.default_disabled, each.mandatory) for each in schema.fields
    }
    for rule in schema.rules:
        if rule.state == "active" and holds(rule.condition, values):
            name = rule.metadata_field_id
            standings[name] = standings[name].after(rule.result)
            value = applied(rule.result, schema.field(name), values.get(name))
            if value is not None:
                values[name] = value
    return standings


def _admitted(
    field: Field, standing: Standing, value: Value, fresh: bool, was: Value | None, clear_invalid: bool
) -> Value | None:
    """The value, or what is left of it."""
    wrong: set[str] = set()
    if field.has_datasource and standing.active is not None:
        wrong = {each for each in chosen(value) if each not in standing.active}
    is_fit = standing.is_enabled and field.admits(value, inactive=not fresh, before=was)
    if is_fit and not wrong:
        return value
    if clear_invalid and not fresh:
        return without(value, wrong) if is_fit else None
    why = "is disabled" if not standing.is_enabled else f"does not take {_shown(value)} now"
    raise InvalidRequest(f"Metadata field {printable(field.external_id)} {why}")


def _check_mandatory(
    schema: Schema, standings: Mapping[str, Standing], values: Values, old: Values | None
) -> None:
    """A new asset must have them all; an edit may not take one away, nor leave out what a rule demands."""
    missing = [
        field.external_id
        for field in schema.fields
        if (standing := standings[field.external_id]).is_mandatory
        and standing.is_enabled
        and field.external_id not in values
        and (old is None or field.external_id in old or not field.mandatory)
    ]
    if missing:
        raise InvalidRequest(f"Missing values for mandatory metadata fields: {', '.join(missing)}")


def _shown(value: Value) -> str:
    return printable(",".join(value) if isinstance(value, list) else str(value))
