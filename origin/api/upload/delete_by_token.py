"""`POST [<resource_type>/]delete_by_token`: an asset goes by leave of a token (upload-api §9, signing §7)."""

from collections.abc import Callable, Mapping, Sequence

from attrs import evolve, frozen

from origin.api.endpoint import Access, Call, Endpoint, Json, Param
from origin.api.notifying import Notifiers
from origin.api.params import text
from origin.assets.deletetokens import InvalidDeleteToken, leave_of
from origin.assets.destroy import Destroy
from origin.assets.outbox import Courier
from origin.catalogue import Asset, Catalogue, Message
from origin.notifications.bodies import deletion_of
from origin.settings import Cloud


@frozen(kw_only=True)
class DeleteByToken:
    """Redeems what `return_delete_token` gave."""

    catalogue: Catalogue
    destroy: Destroy
    courier: Courier
    notifiers: Notifiers
    clouds: Mapping[str, Cloud]
    now: Callable[[], float]

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The token is its own proof: neither key nor signature."""
        return tuple(
            Endpoint(
                "POST",
                pattern,
                self.one,
                access=Access.OPEN,
                takes=(Param("token", required=True, about="delete_token of an upload's answer"),),
                summary="Remove a fresh upload by its token",
                answer="Result",
            )
            for pattern in ("delete_by_token", "{resource_type}/delete_by_token", "auto/delete_by_token")
        )

    async def one(self, call: Call) -> Json:
        """`ok`, once: of two who redeem a token at once, the second finds no such asset."""
        secrets = [key.api_secret for key in self.clouds[call.cloud].every_key if not key.disabled]
        leave = leave_of(text(call.params, "token") or "", call.cloud, secrets, self.now())
        asset = await self.catalogue.assets.by_asset_id(call.cloud, leave.asset_id)
        if asset is None:
            raise InvalidDeleteToken("used already, or its asset is gone")
        notifier = self.notifiers.of(evolve(call, params={}))  # whoever has a token has no say in who is told

        def tell(going: Asset) -> Sequence[Message]:
            if not leave.allows(going):
                raise InvalidDeleteToken("of a revision that was replaced")  # and nothing is removed
            return notifier.tell("delete_by_token", deletion_of(going))

        if await self.destroy.one(asset.identity, invalidate=True, tell=tell) is None:
            raise InvalidDeleteToken("used already")
        await self.courier.purge_now()
        return {"result": "ok"}
