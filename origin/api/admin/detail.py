"""`GET resources/<resource_type>/<type>/<public_id>`: one asset, whole (admin-api §5)."""

from attrs import frozen

from origin.api.admin.paging import MAX_RESULTS, page_size
from origin.api.answers import Answers
from origin.api.endpoint import Call, Endpoint, Json, Kind, Param
from origin.api.params import flag, text
from origin.assets.analyses import FLAGS, Analyses, AnalysisWish
from origin.catalogue import Catalogue, Identity
from wire.components import printable
from wire.errors import InvalidRequest, NotFound

_FLAGS_WE_LACK = ("related", "versions")


@frozen
class Detail:
    """Tells all about an asset."""

    catalogue: Catalogue
    answers: Answers
    analyses: Analyses

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """By its name."""
        takes = (
            Param("max_results", Kind.INTEGER),
            Param("derived_next_cursor"),
            *(Param(name, Kind.FLAG) for name in ("coordinates", "pages", *FLAGS, *_FLAGS_WE_LACK)),
        )
        pattern = "resources/{resource_type}/{type}/{public_id...}"
        return (Endpoint("GET", pattern, self.one, takes=takes, summary="Show an asset"),)

    async def one(self, call: Call) -> Json:
        """The asset, its derived assets in pages, and what is asked besides."""
        params = call.params
        for name in _FLAGS_WE_LACK:
            if flag(params, name):
                raise InvalidRequest(f"Parameter {name} is not supported by this server")
        identity = Identity(call.cloud, call.path["resource_type"], call.path["type"], call.path["public_id"])
        asset = await self.catalogue.assets.get(identity)
        if asset is None:
            raise NotFound(f"Resource not found - {printable(identity.public_id)}")
        limit = min(page_size(params), MAX_RESULTS - 1)
        derived = await self.catalogue.derived.of(
            asset.asset_id, limit=limit + 1, after=text(params, "derived_next_cursor")
        )
        answer = self.answers.detailed(asset, derived[:limit], call.caller.api_secret)
        if len(derived) > limit:
            answer["next_cursor"] = answer["derived_next_cursor"] = derived[limit - 1].derived_id
        if flag(params, "coordinates"):
            answer["coordinates"] = asset.details.get("coordinates", {})
        if flag(params, "pages") and asset.facts is not None:
            answer["pages"] = asset.facts.page_count
        return {**answer, **await self.analyses.of(asset, AnalysisWish.of(params))}
