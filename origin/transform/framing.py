"""Which part of an image shows what matters: windows about an area, or where most of it is. Sheet: §4.2, §5.3.

Boxes are exact, in pixels of the current image, and lie in it.
"""

from fractions import Fraction

from origin.transform.attention import Attention
from origin.transform.params.gravity import Auto
from origin.transform.params.size import Resize
from origin.transform.sight import Area
from origin.transform.values import half_up
from origin.transform.view import Spot

Size = tuple[int, int]
Point = tuple[Fraction, Fraction]

_FACE_MARGIN = Fraction(7, 4)  # a thumb shows so much more than the detector's box
_ROOMY_MARGIN = Fraction(11, 5)  # and `c_auto` so much more than any region
_ENOUGH = 0.85  # of what matters; a window with less is enlarged
_ENLARGINGS = 24
_ROOMY_EXPONENT = 0.35  # how much `c_auto` prefers a small window
_TIGHTEST, _PER_AGGRESSIVENESS, _USUAL_AGGRESSIVENESS = 0.9, 0.007, 50
_LARGEST_POURED = 1_000_000  # pixels
_MOST_SEAM_WORK = 150_000_000  # pixels looked at, for all seams together: some two seconds


def about(spot: Spot, current: Size, ratio: Fraction, resize: Resize, shift: Point) -> Area:
    """The window of a ratio in which an area has the room that `thumb` or `auto` gives it."""
    left, top, right, bottom = spot.area
    margin = _ROOMY_MARGIN if resize.mode != "thumb" else _FACE_MARGIN if spot.is_face else Fraction(1)
    width, height = (right - left) * margin / resize.zoom, (bottom - top) * margin / resize.zoom
    width, height = max(width, height * ratio), max(height, width / ratio)
    middle = (left + right) / 2 + shift[0], (top + bottom) / 2 + shift[1]
    return _inside(middle, width, height, current)


def attentive(aim: Attention, current: Size, ratio: Fraction, resize: Resize) -> Area:
    """The window of a ratio, among all scales, that holds most for its area."""
    exponent = _ROOMY_EXPONENT
    gravity = resize.gravity
    if resize.mode == "thumb":
        aggressiveness = gravity.aggressiveness if isinstance(gravity, Auto) else None
        level = _USUAL_AGGRESSIVENESS if aggressiveness is None else aggressiveness
        exponent = _TIGHTEST - _PER_AGGRESSIVENESS * level
    window = aim.framed(float(ratio), exponent)
    if keeps_thirds(resize):
        window = aim.composed(window)
    middle = (Fraction(window.left + window.width / 2), Fraction(window.top + window.height / 2))
    width = Fraction(window.width)
    return _inside(middle, width, width / ratio, current)


def keeps_thirds(resize: Resize) -> bool:
    """Whether a window found is moved to a third line."""
    return not isinstance(resize.gravity, Auto) or resize.gravity.keeps_thirds


def with_enough(box: Area, aim: Attention, current: Size) -> Area:
    """The window, or one enlarged in all directions until it holds enough of what matters."""
    if aim.inside(_floats(box)) >= _ENOUGH:
        return box
    left, top, right, bottom = box
    for step in range(1, _ENLARGINGS + 1):
        part = Fraction(step, _ENLARGINGS)
        width = (right - left) + (current[0] - (right - left)) * part
        height = (bottom - top) + (current[1] - (bottom - top)) * part
        box = _inside(((left + right) / 2, (top + bottom) / 2), width, height, current)
        if aim.inside(_floats(box)) >= _ENOUGH:
            break
    return box


def region(spot: Spot, current: Size, zoom: Fraction) -> Area:
    """The area itself, or a part of it, or more; whole pixels."""
    left, top, right, bottom = spot.area
    width, height = (right - left) / zoom / 2, (bottom - top) / zoom / 2
    x, y = (left + right) / 2, (top + bottom) / 2
    start_x, start_y = max(0, half_up(x - width)), max(0, half_up(y - height))
    stop_x = min(current[0], max(half_up(x + width), start_x + 1))
    stop_y = min(current[1], max(half_up(y + height), start_y + 1))
    start_x, start_y = min(start_x, stop_x - 1), min(start_y, stop_y - 1)
    return Fraction(start_x), Fraction(start_y), Fraction(stop_x), Fraction(stop_y)


def zoomed(box: Area, current: Size, zoom: Fraction) -> Area:
    """A tighter or wider window about the same middle."""
    left, top, right, bottom = box
    middle = (left + right) / 2, (top + bottom) / 2
    return _inside(middle, (right - left) / zoom, (bottom - top) / zoom, current)


def poured(current: Size, wanted: Size) -> Size | None:
    """The size an image is scaled to before seams are taken out of it to make it the wanted one (§4.6).

    It covers what is wanted, as far as the seams can be paid for. None: plain scaling does it, or must.
    """
    factor = max(Fraction(wanted[0], current[0]), Fraction(wanted[1], current[1]))
    width, height = (max(want, half_up(side * factor)) for want, side in zip(wanted, current, strict=True))
    if (width, height) == wanted or width * height > _LARGEST_POURED:
        return None
    seams = min(width - wanted[0] + height - wanted[1], max(1, _MOST_SEAM_WORK // (width * height)))
    return (wanted[0] + seams, height) if width > wanted[0] else (width, wanted[1] + seams)


def _inside(middle: Point, width: Fraction, height: Fraction, current: Size) -> Area:
    """A window about a point, shifted, then shrunk in its ratio, until it lies in the image."""
    shrink = min(Fraction(1), current[0] / width, current[1] / height)
    width, height = width * shrink, height * shrink
    left = min(max(middle[0] - width / 2, Fraction(0)), current[0] - width)
    top = min(max(middle[1] - height / 2, Fraction(0)), current[1] - height)
    return left, top, left + width, top + height


def _floats(box: Area) -> tuple[float, float, float, float]:
    left, top, right, bottom = box
    return float(left), float(top), float(right), float(bottom)
