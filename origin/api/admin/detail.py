"""`GET resources/<resource_type>/<type>/<public_id>` and by asset id: one asset, whole (admin-api §5)."""

from attrs import frozen

from origin.api.admin.addressing import BY_ID, NAMED, found, missing, wanted_of
from origin.api.admin.paging import MAX_RESULTS, page_size
from origin.api.answers import Answers, iso
from origin.api.endpoint import Call, Endpoint, Json, Kind, Param
from origin.api.params import flag, text
from origin.assets.analyses import FLAGS, Analyses, AnalysisWish
from origin.catalogue import NUMBER, Asset, Catalogue, Version, cursor_of, values_in

SHOWN = (
    Param("max_results", Kind.SIZE, about="Derived assets of a page"),
    Param("derived_next_cursor"),
    *(Param(name, Kind.FLAG) for name in ("coordinates", "pages", "versions", *FLAGS)),
)
"""What an asset is to show, here and after an update."""


@frozen
class Detail:
    """Tells all about an asset."""

    catalogue: Catalogue
    answers: Answers
    analyses: Analyses

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """By its name, and by its asset id."""
        takes = (*SHOWN, Param("related", Kind.FLAG), Param("related_next_cursor"))
        return tuple(
            Endpoint(
                "GET", f"resources/{path}", self.one, takes=takes, summary="Show an asset", answer="Detail"
            )
            for path in (NAMED, BY_ID)
        )

    async def one(self, call: Call) -> Json:
        """The asset, its derived assets in pages, and what is asked besides; or what is left of it."""
        wanted = wanted_of(call)
        asset = await found(self.catalogue, call.cloud, wanted)
        if asset is not None:
            return {**await self.told(call, asset), **await self._related(call, asset)}
        gone = await self.catalogue.backups.placeholder(wanted, call.cloud)
        if gone is None:
            raise missing(wanted)
        return {
            **self.answers.placeholder(gone, call.caller.api_secret),
            **await self._versions(call, gone),
        }

    async def told(self, call: Call, asset: Asset) -> Json:
        """An asset that is there."""
        params = call.params
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
        analysed = await self.analyses.of(asset, AnalysisWish.of(params))
        return {**answer, **analysed, **await self._versions(call, asset)}

    async def _versions(self, call: Call, asset: Asset) -> Json:
        if not flag(call.params, "versions"):
            return {}
        return {
            "versions": [_told(each) for each in await self.catalogue.backups.of(call.cloud, asset.asset_id)]
        }

    async def _related(self, call: Call, asset: Asset) -> Json:
        if not flag(call.params, "related"):
            return {}
        limit = page_size(call.params)
        after = _place(text(call.params, "related_next_cursor"))
        related = await self.catalogue.relations.of(asset.asset_id, limit=limit + 1, after=after)
        answer: Json = {
            "related_assets": [
                self.answers.listed(other, call.caller.api_secret) for _, other in related[:limit]
            ]
        }
        if len(related) > limit:
            when, last = related[limit - 1]
            answer["related_next_cursor"] = cursor_of(when, last.asset_id)
        return answer


def _place(cursor: str | None) -> tuple[float, str] | None:
    if not cursor:
        return None
    when, asset_id = values_in(cursor, NUMBER, str, param="related_next_cursor")
    return float(when), asset_id


def _told(version: Version) -> Json:
    asset = version.asset
    return {
        "version_id": version.version_id,
        "version": str(asset.version),
        **({"format": asset.format} if asset.format is not None else {}),
        "size": asset.bytes,
        "time": iso(asset.uploaded_at),
        "restorable": True,
    }
