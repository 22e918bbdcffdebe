"""A workload document: what is asked for, how often, by whom (workloads.md). Every draw follows from `seed`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

from attrs import Factory, evolve, field, frozen
from attrs.validators import and_, ge, gt, le, optional

from sim.topology.quantities import READINGS, Duration, Share
from sim.traffic.ageing import DAY, Ageing
from sim.traffic.draws import STEEPEST
from sim.traffic.limits import MOST_KEYS, wrong_with
from sim.traffic.popularity import PROFILES
from sim.traffic.regions import DEFAULT, Viewers
from sim.traffic.sizes import Law, Sizes
from sim.traffic.tide import HOURS
from sim.traffic.variants import FORMATS, KEYS_PER_ASSET, WIDTHS, FanOut
from sim.traffic.weights import HEAVIEST, a_weight
from wire import document
from wire.document import DocumentError

MOST_A_SECOND = 1e7
STEP_SECONDS = 60.0
a_count: Any = and_(ge(1), le(MOST_KEYS))


@frozen
class FlashCrowd:
    """One asset, all its variants, wanted by everybody (§7)."""

    at: Duration
    rise: Duration = Factory(lambda: Duration(300.0))
    hold: Duration = Factory(lambda: Duration(900.0))
    fall: Duration = Factory(lambda: Duration(1200.0))
    share: Share = Factory(lambda: Share(0.1))  # of all traffic, at the top
    asset: int = field(default=0, validator=and_(ge(0), le(MOST_KEYS)))
    steep: float = field(
        default=50.0, validator=and_(gt(1.0), le(HEAVIEST))
    )  # so many times as much at the end of the rise as before

    @property
    def step_seconds(self) -> float:
        """In so long its height hardly changes."""
        return min(self.rise, self.fall).seconds / 100.0


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

    share: float = field(validator=a_weight)
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
    purge_assets: int = field(default=1000, validator=and_(ge(1), le(MOST_KEYS)))
    purge_all_every: Duration = Factory(lambda: Duration(10 * DAY))  # 0s: never

    def overwrites_a_second(self, assets: float) -> float:
        """The mean, of a catalogue of so many."""
        if self.overwrite_every is None:
            return self.overwrites.part * assets / DAY
        return _times(1.0, self.overwrite_every)

    def expected(self, assets: float, seconds: float) -> float:
        """How many there are in so long, each asset of a purge counted."""
        purged = _times(seconds, self.purge_every) * min(self.purge_assets, assets)
        return self.overwrites_a_second(assets) * seconds + purged + _times(seconds, self.purge_all_every)


def _times(seconds: float, every: Duration) -> float:
    return seconds / every.seconds if every.seconds else 0.0


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
    weekend_factor: float = field(default=0.9, validator=and_(gt(0), le(100)))  # of a weekday
    popularity: Literal["photo", "longtail", "steady", "measured"] = "photo"
    fresh: Share | None = None  # of the requests, for keys that never return; None: as the popularity has it
    exponent: float | None = field(
        default=None, validator=optional(and_(ge(0), le(STEEPEST)))
    )  # of Zipf's law; None: likewise
    keys: int | None = field(default=None, validator=optional(a_count))  # None: by the number of requests
    assets: int | None = field(default=None, validator=optional(a_count))  # None: one for each three keys
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

    @property
    def step_seconds(self) -> float:
        """So often rates are weighed anew, or oftener."""
        return min([STEP_SECONDS, *(crowd.step_seconds for crowd in self.crowds)])

    @property
    def most_assets(self) -> float:
        """The catalogue has no more; of measured popularity no table says before it is dealt how many it has."""
        usual = PROFILES.get(self.popularity)
        keys = self.keys or self.requests * (usual.keys_per_request if usual is not None else 1.0)
        return self.assets or math.ceil(keys / KEYS_PER_ASSET)


def read(text: str, regions: Mapping[str, Viewers] = DEFAULT) -> Workload:
    """The workload of a YAML text; one that names no regions has these. Raises DocumentError with all that is wrong."""
    written = document.load(text)
    workload, problems = document.structure(written, Workload, READINGS)
    if workload is not None and isinstance(written.plain, dict) and "regions" not in written.plain:
        workload = evolve(workload, regions=dict(regions))
    found = [*problems]
    if workload is not None:
        found += [written.problem(*each) for each in wrong_with(workload)]
    if found or workload is None:
        raise DocumentError(found)
    return workload
