"""`metadata_fields`: which structured metadata the assets of a cloud may bear (admin-api §16)."""

from collections.abc import Callable

from attrs import frozen

from origin.api.endpoint import Call, Endpoint, Json, Kind, Param
from origin.api.params import Params, integer, text
from origin.catalogue.metadata import MetadataSchemas
from origin.metadata.drafting import NewId, new_field, updated
from origin.metadata.schema import Schema
from wire.components import printable
from wire.errors import InvalidRequest

_PARTS = (
    Param("label"),
    Param("mandatory", Kind.FLAG),
    Param("default_value"),
    Param("validation", Kind.JSON),
    Param("restrictions", Kind.JSON),
    Param("datasource", Kind.JSON),
    Param("default_disabled", Kind.FLAG),
    Param("allow_dynamic_list_values", Kind.FLAG),
)
DIRECTION = Param("direction", about="asc or desc")


@frozen
class MetadataFields:
    """Makes, shows, changes, orders and removes fields."""

    schemas: MetadataSchemas
    now: Callable[[], float]
    new_id: NewId

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Seven calls."""
        one = "metadata_fields/{field_id}"
        made = (
            Param("external_id"),
            Param("type", required=True),
            Param("label", required=True),
            *_PARTS[1:],
        )
        by = (Param("order_by", required=True, about="label, external_id or created_at"), DIRECTION)
        place = (Param("position", Kind.INTEGER, required=True, about="counted from 0"),)
        return (
            Endpoint(
                "GET", "metadata_fields", self.list, summary="List metadata fields", answer="MetadataFields"
            ),
            Endpoint(
                "POST",
                "metadata_fields",
                self.create,
                takes=made,
                summary="Make a metadata field",
                answer="MetadataField",
            ),
            Endpoint(
                "PUT",
                "metadata_fields/order",
                self.order,
                takes=by,
                summary="Order the metadata fields",
                answer="MetadataFields",
            ),
            Endpoint("GET", one, self.detail, summary="Show a metadata field", answer="MetadataField"),
            Endpoint(
                "PUT",
                one,
                self.update,
                takes=_PARTS,
                summary="Change a metadata field",
                answer="MetadataField",
            ),
            Endpoint(
                "DELETE", one, self.delete, summary="Remove a metadata field and its values", answer="Message"
            ),
            Endpoint(
                "PUT",
                f"{one}/reorder",
                self.reorder,
                takes=place,
                summary="Move a metadata field",
                answer="MetadataFields",
            ),
        )

    async def list(self, call: Call) -> Json:
        """All, in their order."""
        return _listed(await self.schemas.get(call.cloud))

    async def detail(self, call: Call) -> Json:
        """One."""
        return (await self.schemas.get(call.cloud)).field(call.path["field_id"]).to_json()

    async def create(self, call: Call) -> Json:
        """Under an id that no field ever had."""
        field = new_field(call.params, self.new_id, self.now())
        return await self.schemas.change(
            call.cloud, lambda schema: (schema.with_field(field), field.to_json())
        )

    async def update(self, call: Call) -> Json:
        """What is given is new; type and id stay."""

        def changed(schema: Schema) -> tuple[Schema, Json]:
            field = updated(schema.field(call.path["field_id"]), call.params, self.new_id)
            return schema.replacing(field), field.to_json()

        return await self.schemas.change(call.cloud, changed)

    async def delete(self, call: Call) -> Json:
        """Its values go from every asset, and its id is not given again."""
        await self.schemas.delete_field(call.cloud, call.path["field_id"], now=self.now())
        return {"message": "ok"}

    async def order(self, call: Call) -> Json:
        """All by label, id or age."""
        by, falling = text(call.params, "order_by") or "", is_descending(call.params)
        return await self._rearranged(call, lambda schema: schema.ordered(by, falling))

    async def reorder(self, call: Call) -> Json:
        """One to another place."""
        place = integer(call.params, "position", 0)
        return await self._rearranged(call, lambda schema: schema.reordered(call.path["field_id"], place))

    async def _rearranged(self, call: Call, edit: Callable[[Schema], Schema]) -> Json:
        def changed(schema: Schema) -> tuple[Schema, Json]:
            new = edit(schema)
            return new, _listed(new)

        return await self.schemas.change(call.cloud, changed)


def is_descending(params: Params) -> bool:
    """`direction`: ascending unless it says otherwise."""
    direction = (text(params, "direction") or "asc").lower()
    if direction not in ("asc", "desc"):
        raise InvalidRequest(f"Invalid value for parameter direction: {printable(direction)}")
    return direction == "desc"


def _listed(schema: Schema) -> Json:
    return {"metadata_fields": [each.to_json() for each in schema.fields]}
