"""`accessibility_analysis`: what of a picture's colours is left for those who do not see all of them."""

from itertools import combinations
from typing import Any

from PIL import Image, ImageChops, ImageStat

from origin.render.pillow.analyses.palette import hexadecimal, palette
from origin.render.pillow.effects.vision import simulate_colorblind
from origin.transform.plan import Rgba

KINDS = ("protanopia", "deuteranopia", "tritanopia")
DISTINCT = 40.0  # between two colours that nobody takes for each other, in levels of RGB
COMPARED = 12  # colours, the most frequent
_EDGE = 12  # levels from pixel to pixel


def accessibility_of(colours: Image.Image) -> dict[str, Any]:
    """Shares of the edges, and of the pairs of colours, that the worst off still see; `colours` is small RGB."""
    seen = [simulate_colorblind(colours, kind) for kind in KINDS]
    edges = min(_edges_left(colours, each) for each in seen)
    shares = palette(colours, None)[:COMPARED]
    left, worst = _pairs_left([colour for colour, _ in shares])
    return {
        "accessibility_analysis": {
            "colorblind_accessibility_analysis": {
                "distinct_edges": edges,
                "distinct_colors": left,
                "most_indistinct_pair": [hexadecimal(each).lower() for each in worst],
            },
            "colorblind_accessibility_score": round((edges + left) / 2, 3),
        }
    }


def _edges_left(colours: Image.Image, seen: Image.Image) -> float:
    edges = _edges(colours)
    count: float = ImageStat.Stat(edges).sum[0]
    left = ImageStat.Stat(ImageChops.darker(edges, _edges(seen))).sum[0]
    return round(left / count, 3) if count else 1.0


def _edges(colours: Image.Image) -> Image.Image:
    """255 where a pixel differs from the one to its right."""
    width, height = colours.size
    steps = ImageChops.difference(
        colours.crop((0, 0, width - 1, height)), colours.crop((1, 0, width, height))
    )
    red, green, blue = steps.split()
    largest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return largest.point([255 * (level >= _EDGE) for level in range(256)])


def _pairs_left(shown: list[Rgba]) -> tuple[float, tuple[Rgba, ...]]:
    """The share of pairs which stay distinct whoever looks, and the pair which comes closest."""
    every = list(combinations(range(len(shown)), 2))
    pairs = [pair for pair in every if _apart(shown, pair) >= DISTINCT]
    if not pairs:  # nothing to lose; the closest are still the closest
        closest_pair = min(every, key=lambda pair: _apart(shown, pair), default=())
        return 1.0, tuple(shown[each] for each in closest_pair)
    strip = Image.frombytes("RGB", (len(shown), 1), b"".join(bytes(colour[:3]) for colour in shown))
    views = [_pixels(simulate_colorblind(strip, kind)) for kind in KINDS]
    closest = {pair: min(_apart(view, pair) for view in views) for pair in pairs}
    left = sum(distance >= DISTINCT / 2 for distance in closest.values()) / len(pairs)
    worst = min(pairs, key=lambda pair: closest[pair])
    return round(left, 3), tuple(shown[each] for each in worst)


def _pixels(strip: Image.Image) -> list[bytes]:
    data = strip.tobytes()
    return [data[start : start + 3] for start in range(0, len(data), 3)]


def _apart(colours: Any, pair: tuple[int, int]) -> float:
    one, other = (colours[each][:3] for each in pair)
    distance: float = sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5
    return distance
