"""Which variants an asset has, how popular each is, and how many bytes (workloads.md §3 and §4). Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal

from attrs import Factory, frozen

from sim.traffic.draws import lognormal_of, poisson_of, share_of

WIDTHS = (100, 200, 320, 480, 640, 800, 1080, 1280, 1600, 2048)
FORMATS = {"avif": 0.70, "webp": 0.25, "jpg": 0.05}
PER_ASSET = 10  # live keys of an asset, about
SMALLEST, LARGEST = 200, 20_000_000  # bytes

# median bits per pixel by megapixels (HTTP Archive 2024, desktop; codec-compare, 2025)
_BITS = (
    (0.1, {"jpg": 3.07, "webp": 1.69, "avif": 1.63}),
    (0.2, {"jpg": 2.07, "webp": 1.04, "avif": 0.78}),
    (0.3, {"jpg": 1.95, "webp": 0.85, "avif": 0.65}),
    (0.5, {"jpg": 1.80, "webp": 0.84, "avif": 0.53}),
    (math.inf, {"jpg": 1.56, "webp": 0.77, "avif": 0.46}),
)
_BITS_SIGMA = 0.9
_ORIGINAL_MEDIAN, _ORIGINAL_SIGMA = 2_000_000, 0.8


@frozen
class Variants:
    """The shape of a catalogue; nothing of it is held, all follows from the seed."""

    seed: int
    widths: tuple[int, ...] = WIDTHS
    formats: Mapping[str, float] = Factory(lambda: dict(FORMATS))
    size: Literal["lognormal", "pixels"] = "lognormal"
    median: float = 10_000  # bytes, of `lognormal`
    sigma: float = 1.27

    def key(self, rank: int, assets: int) -> tuple[int, int, str]:
        """(asset, width, format) of the key of this rank, from 0, among keys of `assets` assets: no two are alike.

        Every asset's favourite comes first, then every asset's second …; where one has no more variants, another
        asset with the same ones takes over, numbered above all others.
        """
        asset, nth = rank % assets, rank // assets
        wanted = _ordered(self.seed, asset, self.widths, tuple(self.formats.items()))
        more, which = divmod(nth, len(wanted))
        return (asset + more * assets, *wanted[which])

    def bytes_of(self, asset: int, width: int, form: str, revision: int = 0) -> int:
        """Bytes of a variant at one revision of its asset; width 0 is the original."""
        share = share_of(self.seed, "size", asset, width, form, revision)
        if not width:
            drawn = lognormal_of(share, _ORIGINAL_MEDIAN, _ORIGINAL_SIGMA)
        elif self.size == "pixels":
            pixels = width * width * 3 / 4
            bits = next(medians for most, medians in _BITS if pixels / 1e6 <= most)
            drawn = pixels * lognormal_of(share, bits.get(form, bits["jpg"]), _BITS_SIGMA) / 8
        else:
            drawn = lognormal_of(share, self.median, self.sigma)
        return round(min(max(drawn, SMALLEST), LARGEST))

    def largest(self) -> int:
        return max(self.widths)


@lru_cache(maxsize=65_536)
def _ordered(
    seed: int, asset: int, widths: Sequence[int], formats: Sequence[tuple[str, float]]
) -> tuple[tuple[int, str], ...]:
    """An asset's widths (a random few of them, Zipf among themselves) times the formats, in an order drawn by weight.

    Weighted order without replacement: the largest u ** (1 / weight) first (Efraimidis and Spirakis, 2006).
    """
    own = sorted(widths, key=lambda width: share_of(seed, "width", asset, width))
    own = own[: 1 + poisson_of(share_of(seed, "widths", asset), 5.0)]
    weighted = [
        (share_of(seed, "order", asset, width, name) ** (rank / share), width, name)
        for rank, width in enumerate(own, start=1)
        for name, share in formats
        if share > 0
    ]
    return tuple((width, name) for _, width, name in sorted(weighted, reverse=True))
