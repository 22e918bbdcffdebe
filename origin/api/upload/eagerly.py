"""Eager transformations as answers list them (upload-api §6)."""

from attrs import frozen

from origin.api.answers import Answers
from origin.api.credentials import Caller
from origin.api.endpoint import Json
from origin.assets.eager import Eager, EagerWish
from origin.catalogue import Asset
from wire.errors import MediaError


@frozen
class Eagerly:
    """Makes derived assets, and tells of each in its own place."""

    eager: Eager
    answers: Answers

    async def all(self, asset: Asset, wishes: tuple[EagerWish, ...], caller: Caller) -> list[Json]:
        """One entry a wish, in order."""
        return [await self._one(asset, wish, caller) for wish in wishes]

    async def _one(self, asset: Asset, wish: EagerWish, caller: Caller) -> Json:
        try:
            derived = await self.eager.derive(asset, wish)
        except MediaError as error:
            # The asset is stored and answered for: one bad derivation is told in its own place.
            return {"transformation": wish.chain, "status": "failed", "reason": error.public}
        return self.answers.eager(asset, derived, caller.api_secret)
