"""`metadata_fields/<id>/datasource`: the values that a list field offers (admin-api §16)."""

from collections.abc import Callable

from attrs import frozen

from origin.api.admin.metadata_fields import DIRECTION, is_descending
from origin.api.admin.paging import PAGE, page_size
from origin.api.endpoint import Call, Endpoint, Json, Kind, Param, Reply
from origin.api.params import text, texts
from origin.catalogue.metadata import MetadataSchemas
from origin.metadata.drafting import NewId, as_json, entries_of
from origin.metadata.fields import Field
from origin.metadata.schema import Schema
from wire.components import printable
from wire.errors import InvalidRequest

Edit = Callable[[Field], Field]


@frozen
class MetadataDatasources:
    """Adds, renames, takes away, restores, orders and finds values."""

    schemas: MetadataSchemas
    new_id: NewId

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Values of one field, and a search in all."""
        one = "metadata_fields/{field_id}/datasource"
        some = (Param("external_ids", Kind.LIST, required=True),)
        by = (Param("order_by", required=True, about="value"), DIRECTION)
        term = (Param("term", required=True), PAGE[0])
        ordering = tuple(
            Endpoint(
                method,
                f"{one}/order",
                self.order,
                takes=by,
                summary="Order the values of a field",
                answer="DatasourceValues",
            )
            for method in ("POST", "PUT")
        )
        return (
            Endpoint(
                "PUT",
                one,
                self.upsert,
                takes=(Param("values", Kind.JSON, required=True),),
                summary="Add or rename values of a field",
                answer="DatasourceValues",
            ),
            Endpoint(
                "DELETE",
                one,
                self.remove,
                takes=some,
                summary="Take values of a field away",
                answer="DatasourceValues",
            ),
            Endpoint(
                "POST",
                f"{one}_restore",
                self.restore,
                takes=some,
                summary="Restore values of a field",
                answer="DatasourceValues",
            ),
            *ordering,
            Endpoint(
                "POST",
                f"{one}/search",
                self.search,
                takes=term,
                summary="Find values of a field",
                answer="DatasourceValues",
            ),
            Endpoint(
                "POST",
                "metadata_fields/datasource/search",
                self.search_all,
                takes=term,
                summary="Find values of all fields",
                answer="FoundValues",
            ),
        )

    async def upsert(self, call: Call) -> Json:
        """Those with an id that is there get a new text, the others come last."""
        entries = entries_of(as_json(call.params, "values"), self.new_id)
        return await self._edited(call, lambda field: field.upserted(entries))

    async def remove(self, call: Call) -> Json:
        """Assets keep what they have; nobody can choose them any more."""
        ids = texts(call.params, "external_ids")
        return await self._edited(call, lambda field: field.switched(ids, is_active=False))

    async def restore(self, call: Call) -> Json:
        """They can be chosen again."""
        ids = texts(call.params, "external_ids")
        return await self._edited(call, lambda field: field.switched(ids, is_active=True))

    async def order(self, call: Call) -> Json:
        """By their texts."""
        by, falling = text(call.params, "order_by"), is_descending(call.params)
        if by != "value":
            raise InvalidRequest(f"Invalid order_by {printable(by or '')}: must be value")
        return await self._edited(call, lambda field: field.sorted_by_value(falling))

    async def search(self, call: Call) -> Json:
        """Of one field, those whose text holds the term."""
        field = _with_datasource(await self.schemas.get(call.cloud), call)
        found = list(field.matching(text(call.params, "term") or ""))
        return {"values": [each.shown() for each in found[: page_size(call.params)]]}

    async def search_all(self, call: Call) -> Reply:
        """The same of every field; the one answer that is an array."""
        schema, term = await self.schemas.get(call.cloud), text(call.params, "term") or ""
        found = [
            {"field_id": field.external_id, "id": each.external_id, "value": each.value}
            for field in schema.fields
            for each in field.matching(term)
        ]
        return Reply(found[: page_size(call.params)])

    async def _edited(self, call: Call, edit: Edit) -> Json:
        def changed(schema: Schema) -> tuple[Schema, Json]:
            field = edit(_with_datasource(schema, call))
            return schema.replacing(field), {"values": [each.shown() for each in field.active]}

        return await self.schemas.change(call.cloud, changed)


def _with_datasource(schema: Schema, call: Call) -> Field:
    field = schema.field(call.path["field_id"])
    if not field.has_datasource:
        raise InvalidRequest(f"Metadata field {printable(field.external_id)} has no datasource")
    return field
