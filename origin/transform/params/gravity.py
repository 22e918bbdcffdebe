"""What a window, or a layer, is drawn to: `g_`. Sheet: transformations.md §5.

A place by the compass, or the point (x, y), is a plain word; what only a look at the picture, or at what
is stored with it, can tell is a value of its own, with what to fall back on.
"""

import re
from collections.abc import Iterable
from urllib.parse import quote

from attrs import frozen

from origin.transform.values import Length, read_length

_COMPASS_NAMES = "north_west north north_east west center east south_west south south_east"
COMPASS = frozenset(_COMPASS_NAMES.split())
POINT = "xy_center"
LIQUID = "liquid"
ALGORITHMS = frozenset({"subject", "classic"})
_STORED_ONLY = frozenset({"none", "custom_no_override"})
_FACES = {"face": False, "faces": True, "adv_face": False, "adv_faces": True}
_MODELS = frozenset({"adv_face", "adv_faces", "adv_eyes", "ocr_text"})  # alone, each needs a model
_MOST_FOCUS = 20  # things one gravity may care for
_DEEPEST = 4  # fall-backs of fall-backs

# What models that name things know: the categories of the collections COCO and Pascal VOC, as the SDKs write
# them. Without a model: `auto` (§5.2).
_OBJECT_NAMES = """
aeroplane background diningtable motorbike pottedplant sofa tvmonitor
airplane animal apple backpack banana baseball_bat baseball_glove bear bed bench bicycle bird boat book bottle bowl
broccoli bus cake car carrot cat cell_phone chair clock couch cow cup dining_table dog donut elephant
fire_hydrant fork frisbee giraffe hair_drier handbag horse hot_dog keyboard kite knife laptop microwave
motorcycle mouse orange oven parking_meter person pizza potted_plant refrigerator remote sandwich scissors
sheep sink skateboard skis snowboard spoon sports_ball stop_sign suitcase surfboard teddy_bear tennis_racket
tie toaster toilet toothbrush traffic_light train truck tv umbrella vase wine_glass zebra
"""
OBJECTS = frozenset(_OBJECT_NAMES.split())

_REGION = re.compile(r"region_!(?P<name>[A-Za-z0-9-]{1,255})!")
_CLIPPING = re.compile(r"clipping_path_!(?P<name>[^!]{1,255})!")
_AREA = re.compile(r"aoi_(?P<sides>[0-9.]+_[0-9.]+_[0-9.]+_[0-9.]+)")
_THING = re.compile(r"(?P<name>[a-z][a-z-]*(?:_[a-z][a-z-]*)*?)(?:_(?P<weight>[0-9]{1,3}))?(?P<shun>_avoid)?")


@frozen
class Faces:
    """The largest face, or all of them."""

    every: bool
    fallback: "Gravity | None" = None  # None: north where something is cut

    def __str__(self) -> str:
        return _with_fallback("faces" if self.every else "face", self.fallback)


@frozen
class Custom:
    """The largest of the areas stored with the picture."""

    fallback: "Gravity | None" = None  # None: the centre

    def __str__(self) -> str:
        return _with_fallback("custom", self.fallback)


@frozen
class Region:
    """A region stored with the picture under a name."""

    name: str

    def __str__(self) -> str:
        return f"region_!{self.name}!"


@frozen
class Clipping:
    """The box around a clipping path that the file carries."""

    name: str

    def __str__(self) -> str:
        return f"clipping_path_!{quote(self.name, safe='')}!"


@frozen
class Focus:
    """Something `g_auto` cares for, or shuns."""

    name: str  # face, faces, custom, aoi, region_!name!, or some thing
    weight: int | None = None  # percent
    is_shunned: bool = False
    area: tuple[Length, ...] = ()  # of an aoi: left, top, width, height

    def __str__(self) -> str:
        sides = "".join(f"_{each}" for each in self.area)
        weight = "" if self.weight is None else f"_{self.weight}"
        return f"{self.name}{sides}{weight}{'_avoid' if self.is_shunned else ''}"


@frozen
class Auto:
    """Whatever matters most."""

    algorithm: str | None = None
    focus: tuple[Focus, ...] = ()
    aggressiveness: int | None = None  # 0 tight … 100 keeps most
    keeps_thirds: bool = True

    @property
    def obeys_stored(self) -> bool:
        """Whether stored areas stand for the algorithm."""
        return not any(each.name in _STORED_ONLY for each in self.focus)

    def __str__(self) -> str:
        parts = ["auto"]
        if self.algorithm is not None:
            parts.append(self.algorithm)
        parts.extend(map(str, self.focus))
        if self.aggressiveness is not None:
            parts.append(str(self.aggressiveness))
        if not self.keeps_thirds:
            parts.append("thirds_0")
        return ":".join(parts)


Gravity = str | Faces | Custom | Region | Clipping | Auto
"""A word is a place by the compass, or `xy_center`, or `liquid`."""

REGIONAL = Faces | Custom | Region | Clipping
"""Those that name an area of the picture."""


def read_gravity(text: str) -> Gravity | None:
    """The meaning of a `g_` value; None for what is none, or needs a model we do not have."""
    return _read(text.split(":"), _DEEPEST)


def _read(parts: list[str], depth: int, *, inner: bool = False) -> Gravity | None:
    first, rest = parts[0], parts[1:]
    if not depth:
        return None
    if first == "auto":
        return _auto(rest)
    if first in OBJECTS or first == "cld-decompose_tile":
        return _auto([part for part in parts if part not in ("auto", "cld-decompose_tile")])
    fallback = _read(rest, depth - 1, inner=True) if rest else None
    if rest and fallback is None:
        return None
    if first in _MODELS and not (inner and first in _FACES):
        return fallback
    if first in _FACES:
        return Faces(_FACES[first], fallback)
    if first == "custom":
        return Custom(fallback)
    return None if rest else _alone(first)


def _alone(text: str) -> Gravity | None:
    """What takes no fall-back."""
    if found := _REGION.fullmatch(text):
        return Region(found["name"])
    if found := _CLIPPING.fullmatch(text):
        return Clipping(found["name"])
    return text if text in COMPASS or text in (POINT, LIQUID) else None


def _auto(parts: Iterable[str]) -> Auto | None:
    algorithm: str | None = None
    aggressiveness: int | None = None
    keeps_thirds = True
    focus: list[Focus] = []
    for part in parts:
        if part in ALGORITHMS:
            algorithm = part
        elif part.isascii() and part.isdigit():
            if len(part) > 3 or int(part) > 100:
                return None
            aggressiveness = int(part)
        elif part in ("thirds_0", "thirds_1"):
            keeps_thirds = part == "thirds_1"
        elif (found := _focus(part)) is not None:
            focus.append(found)
        else:
            return None
    if len(focus) > _MOST_FOCUS:
        return None
    return Auto(algorithm, tuple(focus), aggressiveness, keeps_thirds)


def _focus(text: str) -> Focus | None:
    if found := _AREA.fullmatch(text):
        sides = [read_length(side) for side in found["sides"].split("_")]
        lengths = tuple(side for side in sides if side is not None)
        return Focus("aoi", area=lengths) if len(lengths) == 4 else None
    if _REGION.fullmatch(text):
        return Focus(text)
    if (found := _THING.fullmatch(text)) and int(found["weight"] or 0) <= 100:
        weight = None if found["weight"] is None else int(found["weight"])
        return Focus(found["name"], weight, found["shun"] is not None)
    return None


def _with_fallback(name: str, fallback: Gravity | None) -> str:
    return name if fallback is None else f"{name}:{fallback}"
