"""Structured metadata of assets, settled by the fields and rules of their cloud (admin-api §16)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from origin.catalogue import Asset, Message
from origin.catalogue.metadata import MetadataSchemas
from origin.metadata.schema import Schema, missing_of
from origin.metadata.settling import Edit, check_known, grown, settled
from origin.metadata.spelling import Written
from origin.metadata.validation import Value
from wire.errors import MediaError


@frozen
class Structured:
    """Knows what the fields of every cloud make of values."""

    schemas: MetadataSchemas

    async def of_new(self, cloud: str, given: Mapping[str, Written]) -> dict[str, Value]:
        """The values of an asset that comes in: those given, and defaults; 400 where they will not do."""
        return settled(await self._schema(cloud, given), Edit(given))

    async def missing(self, cloud: str, edit: Edit) -> list[str]:
        """The fields that an edit names and the cloud does not have."""
        return missing_of(await self.schemas.get(cloud), edit.given)

    async def edit(self, cloud: str, edit: Edit) -> Callable[[Asset], Asset]:
        """What an edit makes of an asset; 400 now for fields that are not there, then for values that will not do."""
        schema = await self._schema(cloud, edit.given)
        check_known(schema, edit.given)
        return lambda asset: evolve(asset, metadata=settled(schema, edit, asset.metadata))

    async def _schema(self, cloud: str, given: Mapping[str, Written]) -> Schema:
        """As it is, with the values that it takes though its datasources do not have them yet."""
        schema = await self.schemas.get(cloud)
        if grown(schema, given) is schema:
            return schema

        def growing(now: Schema) -> tuple[Schema, Schema]:
            new = grown(now, given)
            return new, new

        return await self.schemas.change(cloud, growing)


@frozen
class StripMetadata:
    """The job that removes what uploads stored of a field while it was being deleted."""

    schemas: MetadataSchemas
    now: Callable[[], float]

    async def run(self, payload: Mapping[str, Any]) -> Sequence[Message]:
        """Do it; nobody is told."""
        await self.schemas.strip(payload["cloud"], payload["external_id"], now=self.now())
        return ()

    def failed(self, payload: Mapping[str, Any], error: MediaError) -> Sequence[Message]:
        """Nobody waits for it."""
        return ()
