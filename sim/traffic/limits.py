"""Where a workload's settings do not go together, or come to more than time and memory allow. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.traffic.popularity import MEASURED
from sim.traffic.variants import MOST_WIDTHS
from sim.traffic.weights import HEAVIEST
from wire.document import Path

if TYPE_CHECKING:
    from sim.traffic.workload import Workload

MOST_REQUESTS = 1e10  # of a trace: who writes one of 100,000 a second is at it for a day
MOST_DEALT = 2e7  # by measured popularity, which has a pack with a card for each: some 20 s to make
MOST_CHANGES = 1e8  # of a trace, each asset of a purge a change: some 15 min to write
MOST_KEYS = 10**9
WIDEST = 100_000  # pixels
MOST_STEPS = 1e8  # in which rates are weighed anew: half an hour, if nobody asks for anything
OLDEST = (
    10_000  # half-lives that an asset keeps its place: one draw of some thousand is of what is wanted then
)
MOST_OF_ALL = 0.99  # a crowd's share
Finding = tuple[object, str, Path]  # whether it is wrong, what to say then, where


def wrong_with(workload: Workload) -> Iterator[tuple[Path, str]]:
    """Where its settings do not go together, or come to more than time and memory allow: place and sentence."""
    for are_wrong in (_wrong_counts, _wrong_laws, _wrong_viewers, _wrong_with_measured):
        yield from ((path, message) for is_wrong, message, path in are_wrong(workload) if is_wrong)


def _wrong_counts(workload: Workload) -> Iterator[Finding]:
    requests, seconds = workload.rate * workload.duration.seconds, workload.duration.seconds
    yield not seconds, "a trace lasts longer than nothing", ("duration",)
    said = f"{requests:.2g} requests: at most {MOST_REQUESTS:,.0f}, by a lower rate or a shorter duration"
    yield requests > MOST_REQUESTS, said, ("duration",)
    step = workload.step_seconds
    said = f"rates are weighed anew every {step:.2g} s: not for so long, or with slower crowds"
    yield step and seconds / step > MOST_STEPS, said, ("duration",)
    if requests > MOST_REQUESTS:
        return
    changes = workload.changes.expected(workload.most_assets, seconds)
    said = f"{changes:.2g} changes: at most {MOST_CHANGES:,.0f}, by fewer or rarer overwrites and purges"
    yield changes > MOST_CHANGES, said, ("changes",)


def _wrong_laws(workload: Workload) -> Iterator[Finding]:
    widths, formats, hours, sizes = workload.widths, workload.formats, workload.hours, workload.sizes
    are_widths = min(widths, default=0) >= 1 and max(widths) <= WIDEST
    yield not are_widths, f"expected widths in pixels, 1 to {WIDEST:,}, like [320, 640]", ("widths",)
    once = len(set(widths)) == len(widths) <= MOST_WIDTHS
    yield not once, f"expected each width once, and at most {MOST_WIDTHS} of them", ("widths",)
    are_shares = min(formats.values(), default=0.0) > 0 and max(formats.values()) <= HEAVIEST
    yield not are_shares, "expected formats with their shares, like {avif: 0.7, jpg: 0.3}", ("formats",)
    is_day = len(hours) == 24 and min(hours) >= 0 and max(hours) <= HEAVIEST and sum(hours) / 24 > 0
    yield not is_day, "expected 24 numbers, one for each hour from midnight", ("hours",)
    yield sizes.smallest > sizes.largest, "the largest is smaller than the smallest", ("sizes", "largest")
    yield not workload.lifetimes, "an answer has some lifetime: name at least one", ("lifetimes",)
    if (ageing := workload.ageing) is not None:
        yield not ageing.half.seconds, "longer than nothing", ("ageing", "half")
        yield not ageing.new.part, "more than 0%", ("ageing", "new")
        is_old = bool(ageing.new.part) and 0 < ageing.half.seconds * OLDEST < ageing.turn
        said = f"an asset keeps its place for 1 / new days: at most {OLDEST:,} times as long as half"
        yield is_old, said, ("ageing", "half")


def _wrong_viewers(workload: Workload) -> Iterator[Finding]:
    bots, regions = workload.bots, workload.regions
    yield not regions, "no region, no viewer: name at least one", ("regions",)
    yield bots.share.part >= 1, "bots alone make no workload: less than 100%", ("bots", "share")
    for place, name in enumerate(bots.regions):
        said = f"no region {name!r}; there are {', '.join(regions)}"
        yield name not in regions, said, ("bots", "regions", place)
    for place, crowd in enumerate(workload.crowds):
        where = ("crowds", place)
        yield not 0 < crowd.share.part <= MOST_OF_ALL, "more than 0%, at most 99%", (*where, "share")
        instant = not crowd.rise.seconds or not crowd.fall.seconds
        yield instant, "a crowd takes some time to come and to go: not 0s", where


def _wrong_with_measured(workload: Workload) -> Iterator[Finding]:
    if workload.popularity != MEASURED:
        return
    said = "measured popularity has the keys of its table, which never age: not beside it"
    for name in ("fresh", "exponent", "keys", "ageing"):
        yield getattr(workload, name) is not None, said, (name,)
    said = f"measured popularity is for at most {MOST_DEALT:,.0f} requests, not for {workload.requests:.2g}"
    yield workload.requests > MOST_DEALT, said, ("popularity",)
