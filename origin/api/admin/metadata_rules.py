"""`metadata_rules`: what metadata fields make of each other (admin-api §16)."""

from typing import Any

from attrs import evolve, frozen

from origin.api.endpoint import Call, Endpoint, Json, Kind, Param
from origin.api.params import Params, integer, text
from origin.catalogue.metadata import MetadataSchemas
from origin.metadata.drafting import NewId, as_json, checked_id
from origin.metadata.fields import LONGEST
from origin.metadata.rules import Rule, check_condition, check_result
from origin.metadata.schema import Schema
from wire.components import printable
from wire.errors import InvalidRequest

STATES = ("active", "inactive")
_PARTS = ("metadata_field_id", "name", "condition", "result")
_KINDS = {"condition": Kind.JSON, "result": Kind.JSON}
_MORE = (Param("state", about="active or inactive"), Param("position", Kind.INTEGER, about="counted from 1"))


@frozen
class MetadataRules:
    """Makes, shows, changes and removes rules."""

    schemas: MetadataSchemas
    new_id: NewId

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Five calls."""
        one = "metadata_rules/{rule_id}"
        parts = [Param(name, _KINDS.get(name, Kind.TEXT)) for name in _PARTS]
        made = (Param("external_id"), *(evolve(each, required=True) for each in parts), *_MORE)
        return (
            Endpoint(
                "GET", "metadata_rules", self.list, summary="List metadata rules", answer="MetadataRules"
            ),
            Endpoint(
                "POST",
                "metadata_rules",
                self.create,
                takes=made,
                summary="Make a metadata rule",
                answer="MetadataRule",
            ),
            Endpoint("GET", one, self.detail, summary="Show a metadata rule", answer="MetadataRule"),
            Endpoint(
                "PUT",
                one,
                self.update,
                takes=(*parts, *_MORE),
                summary="Change a metadata rule",
                answer="MetadataRule",
            ),
            Endpoint("DELETE", one, self.delete, summary="Remove a metadata rule", answer="Success"),
        )

    async def list(self, call: Call) -> Json:
        """All, in the order they are carried out."""
        schema = await self.schemas.get(call.cloud)
        return {"metadata_rules": [schema.shown_rule(each) for each in schema.rules]}

    async def detail(self, call: Call) -> Json:
        """One."""
        schema = await self.schemas.get(call.cloud)
        return schema.shown_rule(schema.rule(call.path["rule_id"]))

    async def create(self, call: Call) -> Json:
        """Last, unless its place is named."""
        external_id = checked_id(text(call.params, "external_id") or self.new_id())
        blank = Rule(external_id=external_id, metadata_field_id="", name="", condition={}, result={})
        rule = _updated(blank, call.params)

        def made(schema: Schema) -> tuple[Schema, Json]:
            new = schema.with_rule(rule, _place(call.params))
            return new, new.shown_rule(rule)

        return await self.schemas.change(call.cloud, made)

    async def update(self, call: Call) -> Json:
        """What is given is new."""

        def changed(schema: Schema) -> tuple[Schema, Json]:
            rule = _updated(schema.rule(call.path["rule_id"]), call.params)
            new = schema.replacing_rule(rule, _place(call.params))
            return new, new.shown_rule(rule)

        return await self.schemas.change(call.cloud, changed)

    async def delete(self, call: Call) -> Json:
        """Values that it made stay."""
        return await self.schemas.change(
            call.cloud, lambda schema: (schema.without_rule(call.path["rule_id"]), {"success": True})
        )


def _updated(rule: Rule, params: Params) -> Rule:
    state = text(params, "state") or rule.state
    if state not in STATES:
        raise InvalidRequest(f"Invalid state {printable(state)}: must be one of {', '.join(STATES)}")
    name = text(params, "name") or rule.name
    if len(name) > LONGEST:
        raise InvalidRequest(f"name is too long. Maximum is {LONGEST}.")
    return evolve(
        rule,
        metadata_field_id=text(params, "metadata_field_id") or rule.metadata_field_id,
        name=name,
        condition=_document(params, "condition", rule.condition),
        result=_document(params, "result", rule.result),
        state=state,
    )


def _document(params: Params, name: str, old: Any) -> Any:
    if text(params, name) is None:
        return old
    document = as_json(params, name)
    (check_condition if name == "condition" else check_result)(document)
    return document


def _place(params: Params) -> int | None:
    return max(0, integer(params, "position", 1) - 1) if text(params, "position") else None
