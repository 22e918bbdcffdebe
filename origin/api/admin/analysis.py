"""`/v2/<cloud>/analysis/analyze/uri`: what is in a picture (admin-api §18), which takes a model nobody has given us."""

from collections.abc import Mapping

from origin.api.endpoint import Call, Endpoint, Json, Param
from origin.api.params import text
from origin.assets.addons import not_subscribed
from wire.components import printable
from wire.errors import InvalidRequest

_CONTENT_ANALYSIS = "Cloudinary AI Content Analysis"
ANALYSES: Mapping[str, str] = {  # type → the add-on's name
    **dict.fromkeys(
        (
            *("captioning", "cld_fashion", "cld_text", "coco", "human_anatomy", "lvis"),
            *("shop_classifier", "unidet", "custom"),
        ),
        _CONTENT_ANALYSIS,
    ),
    "google_tagging": "Google Auto Tagging",
}


async def analyze(call: Call) -> Json:
    """420 for what is an analysis, 400 for what is none."""
    wanted = text(call.params, "analysis_type") or ""
    if wanted not in ANALYSES:
        raise InvalidRequest(f"Illegal value {printable(wanted)} for analysis_type")
    raise not_subscribed(ANALYSES[wanted])


ENDPOINTS = (
    Endpoint(
        "POST",
        "/v2/{cloud}/analysis/analyze/uri",
        analyze,
        takes=(Param("uri", required=True), Param("analysis_type", required=True), Param("parameters")),
        summary="Analyze a picture: always refused",
        statuses=(),
    ),
)
