"""`config` and `usage`: what a cloud is, and what it uses (admin-api §3)."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from attrs import frozen

from origin.api.answers import iso
from origin.api.endpoint import Call, Endpoint, Json, Kind, Param
from origin.api.params import flag, text
from origin.catalogue import Catalogue, Tally
from origin.meter import BANDWIDTH, DAY, REQUESTS, TRANSFORMATIONS
from origin.settings import Cloud
from wire.components import printable
from wire.errors import InvalidRequest

CREATED = "created"
"""The tally that keeps when a cloud was first heard of, in unix seconds."""

PLAN = "Free"
CREDITS = 25
DAYS = 30
GIB = 1 << 30
TRANSFORMATIONS_OF_A_CREDIT = 1000


@frozen
class MediaLimits:
    """What one file may be."""

    most_bytes: int
    pixels: int
    total_pixels: int  # of all frames and pages

    def shown(self) -> Json:
        """As clients read it."""
        return {
            **{f"{kind}_max_size_bytes": self.most_bytes for kind in ("image", "video", "raw")},
            "image_max_px": self.pixels,
            "asset_max_total_px": self.total_pixels,
        }


@frozen(kw_only=True)
class Account:
    """Tells of clouds."""

    catalogue: Catalogue
    clouds: Mapping[str, Cloud]
    limits: MediaLimits
    now: Callable[[], float]

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """What it is, and what it uses."""
        settings, date = Param("settings", Kind.FLAG), Param("date", about="dd-mm-yyyy: of this day alone")
        return (
            Endpoint(
                "GET",
                "config",
                self.config,
                takes=(settings,),
                summary="Show the cloud's settings",
                answer="Config",
            ),
            Endpoint(
                "GET", "usage", self.usage, takes=(date,), summary="Show what the cloud uses", answer="Usage"
            ),
            Endpoint(
                "GET", "usage/{date}", self.usage, summary="Show what the cloud used on a day", answer="Usage"
            ),
        )

    async def config(self, call: Call) -> Json:
        """Since when a cloud is known, and its settings where they are asked for."""
        first_heard = await self.catalogue.tallies.first(Tally(call.cloud, CREATED), int(self.now()))
        oldest = await self.catalogue.holdings.since(call.cloud)
        created = first_heard if oldest is None else min(first_heard, oldest)
        answer: Json = {"cloud_name": call.cloud, "created_at": iso(created)}
        if flag(call.params, "settings"):
            answer["settings"] = {"folder_mode": self.clouds[call.cloud].folder_mode}
        return answer

    async def usage(self, call: Call) -> Json:
        """The last thirty days together, or one day."""
        now = datetime.fromtimestamp(self.now(), UTC)
        told = call.path.get("date") or text(call.params, "date")
        date = None if told is None else _date(told)
        day = int((date or now).timestamp() // DAY)
        if date is None:
            sums = await self.catalogue.tallies.totals(call.cloud, since=day - DAYS + 1)
        else:
            sums = await self.catalogue.tallies.of_period(call.cloud, day)
        holding = await self.catalogue.holdings.of(call.cloud, until=float((day + 1) * DAY))
        made, sent, asked = (sums.get(kind, 0) for kind in (TRANSFORMATIONS, BANDWIDTH, REQUESTS))
        parts = (made / TRANSFORMATIONS_OF_A_CREDIT, sent / GIB, holding.bytes / GIB)
        by_use = [round(each, 2) for each in parts]
        return {
            "plan": PLAN,
            "last_updated": f"{now:%Y-%m-%d}",
            "date_requested": f"{date or now.replace(hour=0, minute=0, second=0):%Y-%m-%dT%H:%M:%SZ}",
            "transformations": {
                "usage": made,
                "credits_usage": by_use[0],
                "breakdown": {"transformation": made},
            },
            "objects": {"usage": holding.resources + holding.derived},
            "bandwidth": {"usage": sent, "credits_usage": by_use[1]},
            "storage": {"usage": holding.bytes, "credits_usage": by_use[2]},
            "impressions": {"usage": asked, "credits_usage": 0},
            "seconds_delivered": {"usage": 0, "credits_usage": 0},
            "credits": _of_credits(round(sum(parts), 2), is_dated=date is not None),
            "resources": holding.resources,
            "derived_resources": holding.derived,
            "requests": asked,
            "media_limits": self.limits.shown(),
        }


def _of_credits(usage: float, *, is_dated: bool) -> Json:
    if is_dated:
        return {"usage": usage}
    return {"usage": usage, "limit": CREDITS, "used_percent": round(100 * usage / CREDITS, 2)}


def _date(told: str) -> datetime:
    """A day as `dd-mm-yyyy`, at its beginning in UTC."""
    try:
        date = datetime.strptime(told, "%d-%m-%Y").replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidRequest(f"Invalid date {printable(told)}: dd-mm-yyyy is wanted") from error
    if date < datetime(1970, 1, 1, tzinfo=UTC):
        raise InvalidRequest(f"Invalid date {printable(told)}: dd-mm-yyyy is wanted")
    return date
