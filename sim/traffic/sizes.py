"""How many bytes a picture has (workloads.md §3). Pure."""

from __future__ import annotations

import math
from typing import Literal

from attrs import Factory, field, frozen
from attrs.validators import and_, ge, le

from sim.topology.quantities import Size
from sim.traffic.draws import lognormal_of

# median bits per pixel by megapixels (HTTP Archive 2024, desktop; codec-compare, 2025)
_BITS = (
    (0.1, {"jpg": 3.07, "webp": 1.69, "avif": 1.63}),
    (0.2, {"jpg": 2.07, "webp": 1.04, "avif": 0.78}),
    (0.3, {"jpg": 1.95, "webp": 0.85, "avif": 0.65}),
    (0.5, {"jpg": 1.80, "webp": 0.84, "avif": 0.53}),
    (math.inf, {"jpg": 1.56, "webp": 0.77, "avif": 0.46}),
)
WIDEST = 10.0  # standard deviations of a logarithm; numbers have no room for those of much wider laws
Law = Literal["lognormal", "pixels"]


@frozen
class Sizes:
    """The distributions of sizes, all lognormal. `median` and `sigma` are those of derived images; by pixels a derived
    image has the median of its format and area instead, and `bits_sigma`."""

    median: Size = Factory(lambda: Size(10_000))
    sigma: float = field(default=1.27, validator=and_(ge(0.0), le(WIDEST)))
    bits_sigma: float = field(default=0.9, validator=and_(ge(0.0), le(WIDEST)))
    smallest: Size = Factory(lambda: Size(200))
    largest: Size = Factory(lambda: Size(20_000_000))
    original_median: Size = Factory(lambda: Size(2_000_000))
    original_sigma: float = field(default=0.8, validator=and_(ge(0.0), le(WIDEST)))

    def of(self, share: float, law: Law, width: int, form: str) -> int:
        """The bytes that `share` of all such images do not exceed; width 0 is an original."""
        if not width:
            drawn = lognormal_of(share, self.original_median.bytes, self.original_sigma)
        elif law == "pixels":
            pixels = width * width * 3 / 4
            bits = next(medians for most, medians in _BITS if pixels / 1e6 <= most)
            drawn = pixels * lognormal_of(share, bits.get(form, bits["jpg"]), self.bits_sigma) / 8
        else:
            drawn = lognormal_of(share, self.median.bytes, self.sigma)
        return round(min(max(drawn, self.smallest.bytes), self.largest.bytes))
