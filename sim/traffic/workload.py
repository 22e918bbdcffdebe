"""A workload document: what is asked for, how often, by whom (workloads.md). Every draw follows from `seed`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import Factory, evolve, field, frozen
from attrs.validators import and_, ge, gt, le, optional

from sim.topology.quantities import READINGS, Duration, Share
from sim.traffic.ageing import DAY, Ageing
from sim.traffic.popularity import MEASURED
from sim.traffic.regions import DEFAULT, Viewers
from sim.traffic.sizes import Law, Sizes
from sim.traffic.tide import HOURS
from sim.traffic.variants import FORMATS, WIDTHS, FanOut
from wire import document
from wire.document import Document, DocumentError, Problem

MOST_A_SECOND = 1e7


@frozen
class FlashCrowd:
    """One asset, all its variants, wanted by everybody (§7)."""

    at: Duration
    rise: Duration = Factory(lambda: Duration(300.0))
    hold: Duration = Factory(lambda: Duration(900.0))
    fall: Duration = Factory(lambda: Duration(1200.0))
    share: Share = Factory(lambda: Share(0.1))  # of all traffic, at the top
    asset: int = field(default=0, validator=ge(0))
    steep: float = field(
        default=50.0, validator=gt(1)
    )  # so many times as much at the end of the rise as before


@frozen
class Bots:
    """Crawlers: flat over the day, the catalogue once in random order, originals or the largest variant (§7)."""

    share: Share = Factory(lambda: Share(0.1))
    regions: tuple[str, ...] = ()  # none: the two with the largest shares
    originals: Share = Factory(lambda: Share(0.5))  # the rest asks for the asset's largest width
    with_parameters: Share = Factory(lambda: Share(0.2))  # queries with random parameters


@frozen
class Lifetime:
    """A share of the keys, and how long their answers are fresh (§8)."""

    share: float = field(validator=gt(0))
    lasts: Duration


LIFETIMES = (
    Lifetime(0.90, Duration(30 * DAY)),
    Lifetime(0.09, Duration(3600.0)),
    Lifetime(0.01, Duration(60.0)),
)


@frozen
class Changes:
    """What happens to the catalogue meanwhile (§8); `overwrites` is a share of the assets a day."""

    overwrites: Share = Factory(lambda: Share(0.001))
    overwrite_every: Duration | None = None  # in its place: one in so long, as a mean; 0s: never
    purge_every: Duration = Factory(lambda: Duration(DAY))  # of the keys of `purge_assets` assets; 0s: never
    purge_assets: int = field(default=1000, validator=ge(1))
    purge_all_every: Duration = Factory(lambda: Duration(10 * DAY))  # 0s: never


@frozen
class Workload:
    """All of it, with the defaults of the fact sheet."""

    seed: int = 1
    duration: Duration = Factory(lambda: Duration(60.0))
    rate: float = field(
        default=20.0, validator=and_(gt(0.0), le(MOST_A_SECOND))
    )  # requests a second, mean over a day
    start: float = field(default=12.0, validator=and_(ge(0.0), le(24.0)))  # hour of the day, UTC
    tide: bool = True
    hours: tuple[float, ...] = (
        HOURS  # how much is asked for in each hour of a region's day; scaled to a mean of 1
    )
    weekend: bool = False
    weekend_factor: float = field(default=0.9, validator=gt(0))  # of a weekday
    popularity: Literal["photo", "longtail", "steady", "measured"] = "photo"
    fresh: Share | None = None  # of the requests, for keys that never return; None: as the popularity has it
    exponent: float | None = field(default=None, validator=optional(ge(0)))  # of Zipf's law; None: likewise
    keys: int | None = field(default=None, validator=optional(ge(1)))  # None: by the number of requests
    assets: int | None = field(default=None, validator=optional(ge(1)))  # None: one for each three keys
    ageing: Ageing | None = None  # None: what is popular stays so
    size: Law = "lognormal"
    sizes: Sizes = Factory(Sizes)
    widths: tuple[int, ...] = WIDTHS
    formats: dict[str, float] = Factory(lambda: dict(FORMATS))
    variants: FanOut = Factory(FanOut)
    regions: dict[str, Viewers] = Factory(lambda: dict(DEFAULT))
    bots: Bots = Factory(Bots)
    crowds: tuple[FlashCrowd, ...] = ()
    lifetimes: tuple[Lifetime, ...] = LIFETIMES
    changes: Changes = Factory(Changes)

    @property
    def requests(self) -> float:
        """How many are expected of an average hour: popularity is scaled to it, since its shape belongs to a window."""
        return max(1.0, self.rate * self.duration.seconds)


def read(text: str, regions: Mapping[str, Viewers] = DEFAULT) -> Workload:
    """The workload of a YAML text; one that names no regions has these. Raises DocumentError with all that is wrong."""
    written = document.load(text)
    workload, problems = document.structure(written, Workload, READINGS)
    if workload is not None and isinstance(written.plain, dict) and "regions" not in written.plain:
        workload = evolve(workload, regions=dict(regions))
    found = [*problems, *(_problems(workload, written) if workload is not None else ())]
    if found or workload is None:
        raise DocumentError(found)
    return workload


def _problems(workload: Workload, written: Document) -> list[Problem]:
    bots, regions = workload.bots, workload.regions
    wrong: list[tuple[bool, str, tuple[str | int, ...]]] = [
        (not workload.duration.seconds, "a trace lasts longer than nothing", ("duration",)),
        (not regions, "no region, no viewer: name at least one", ("regions",)),
        (min(workload.widths, default=0) < 1, "expected widths in pixels, like [320, 640]", ("widths",)),
        (
            min(workload.formats.values(), default=0.0) <= 0,
            "expected formats with their shares, like {avif: 0.7, jpg: 0.3}",
            ("formats",),
        ),
        (
            workload.sizes.smallest.bytes > workload.sizes.largest.bytes,
            "the largest is smaller than the smallest",
            ("sizes", "largest"),
        ),
        (not workload.lifetimes, "an answer has some lifetime: name at least one", ("lifetimes",)),
        (bots.share.part >= 1, "bots alone make no workload: less than 100%", ("bots", "share")),
    ]
    hours = workload.hours
    is_day = len(hours) == 24 and min(hours) >= 0 and sum(hours) > 0
    wrong.append((not is_day, "expected 24 numbers, one for each hour from midnight", ("hours",)))
    if workload.ageing is not None:
        wrong.append((not workload.ageing.half.seconds, "longer than nothing", ("ageing", "half")))
        wrong.append((not workload.ageing.new.part, "more than 0%", ("ageing", "new")))
    if workload.popularity == MEASURED:
        said = "measured popularity has the keys of its table, which never age: not beside it"
        wrong += [
            (getattr(workload, name) is not None, said, (name,))
            for name in ("fresh", "exponent", "keys", "ageing")
        ]
    for place, name in enumerate(bots.regions):
        said = f"no region {name!r}; there are {', '.join(regions)}"
        wrong.append((name not in regions, said, ("bots", "regions", place)))
    for place, crowd in enumerate(workload.crowds):
        where = ("crowds", place)
        wrong.append((not 0 < crowd.share.part < 1, "more than 0%, less than 100%", (*where, "share")))
        instant = not crowd.rise.seconds or not crowd.fall.seconds
        wrong.append((instant, "a crowd takes some time to come and to go: not 0s", where))
    return [written.problem(path, message) for is_wrong, message, path in wrong if is_wrong]
