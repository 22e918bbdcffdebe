"""The picture as a canvas shows it: where its faces, marked areas and whatever matters in it lie now. Sheet: §5."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from attrs import define, field, frozen

from origin.transform.attention import Attention, Boost
from origin.transform.info import Insight
from origin.transform.params.gravity import REGIONAL, Auto, Clipping, Custom, Faces, Focus, Gravity, Region
from origin.transform.plan import Operation, SourceFacts
from origin.transform.references import Gathered, Seeing, Wanted
from origin.transform.sight import BLANK, UNMARKED, Area, Marks, Rect, Sight
from origin.transform.tracing import Box, Size, Trace, turned_upright
from origin.transform.values import Length, Pixels, Share, unsupported

LANDMARKS = ("r_eye", "l_eye", "nose_tip", "mouth_r", "mouth_l")  # in a face's order (delivery-urls.md §8.6)
WITHOUT_FACES = "without pixeledge[faces] for a picture that has no face_coordinates"
_FINENESS = 10**6  # of a place in pixels, beyond which it is noise of arithmetic


@frozen
class Spot:
    """An area of the canvas to put in the middle."""

    area: Area
    is_face: bool = False


Aim = str | Spot | Attention
"""Where a window goes: by the compass or the point (x, y), about an area, or where it holds most."""


@define
class View:
    """What is known of a picture, and where it lies on its canvas. Raises `Wanted` for what is not known."""

    seeing: Seeing | None  # None: words, in which there is nothing to see
    marks: Marks
    gathered: Gathered
    is_moving: bool
    picture: Size  # of the original as shown
    _traced: Trace
    outlines: Mapping[str, Rect] = field(factory=dict)  # the boxes of the file's clipping paths
    _untraced: list[tuple[Operation, Size]] = field(factory=list, init=False)
    chosen: list[Box] = field(factory=list)  # what automatic gravity took, in pixels of the original

    def follow(self, operation: Operation, size: Size) -> None:
        """An operation is carried out on the canvas, which had that size."""
        self._untraced.append((operation, size))

    @property
    def trace(self) -> Trace:
        """Where the points of the original are now. Most plans never ask."""
        for operation, size in self._untraced:
            self._traced = self._traced.after(operation, size)
        self._untraced.clear()
        return self._traced

    @property
    def sight(self) -> Sight:
        """What looking at the picture tells."""
        if self.seeing is None:
            return BLANK
        sight = self.gathered.sights.get(self.seeing)
        if sight is None:
            raise Wanted(self.seeing)
        return sight

    def count_faces(self) -> int:
        """How many faces the original has: those stored with it, else those found."""
        return len(self._face_boxes() or ())

    def illustration(self) -> float:
        """How likely the original is drawn."""
        return self.sight.illustration

    def faces(self, size: Size) -> list[Area]:
        """The faces that can be seen on a canvas of that size, the largest first; 400 if nobody can tell."""
        boxes = self._face_boxes()
        if boxes is None:
            raise unsupported("Finding faces", WITHOUT_FACES)
        return _largest_first(self._shown(boxes, size))

    def areas(self, gravity: Gravity, size: Size) -> list[Area]:
        """Where a gravity that names an area points; nothing where none of what it names is there."""
        if self.is_moving and not isinstance(gravity, Custom):
            return []  # content-aware gravity is for still images (§1)
        match gravity:
            case Faces(every=every, fallback=fallback):
                if fallback is not None and self._face_boxes() is None:
                    return self.areas(fallback, size)
                found = self.faces(size)
                found = found if every else found[:1]
            case Custom():
                found = _largest_first(self._shown(self.marks.areas, size))[:1]
            case Region(name=name):
                found = self._shown([self.marks.regions[name]] if name in self.marks.regions else [], size)
            case Clipping(name=name):
                found = self._shown([self.outlines[name]] if name in self.outlines else [], size)
            case _:
                return []
        fallback = getattr(gravity, "fallback", None)
        return self.areas(fallback, size) if not found and isinstance(fallback, REGIONAL) else found

    def aim(self, gravity: Gravity, size: Size, *, default: str) -> Aim:
        """Where a window goes. `default`: what takes the place of a face that is not there."""
        if isinstance(gravity, str):
            return gravity
        if isinstance(gravity, Auto):
            return self._automatic(gravity, size, default=default)
        if found := self.areas(gravity, size):
            is_face = isinstance(gravity, Faces) or (isinstance(gravity, Custom) and not self.marks.areas)
            return Spot(_around(found), is_face)
        if self.is_moving:
            return "center"
        fallback = getattr(gravity, "fallback", None)
        if fallback is not None:
            return self.aim(fallback, size, default=default)
        return default if isinstance(gravity, Faces) else "center"

    def attention(self, gravity: Auto, size: Size) -> Attention:
        """What matters on the canvas, with what `g_auto` is told to care for (§5.3)."""
        to_picture = Trace(((self.picture[0], 0.0, 0.0), (0.0, self.picture[1], 0.0), (0.0, 0.0, 1.0)))
        boosts = tuple(self._boosts(gravity, size))
        return Attention(self.sight.importance, to_picture.then(self.trace), size, boosts)

    def shown(self, size: Size) -> Box:
        """The part of the original that a canvas of that size shows: left, top, right, bottom in its pixels."""
        found = self.trace.inverse.box((0.0, 0.0, float(size[0]), float(size[1])))
        left, top, right, bottom = found or (0.0, 0.0, *map(float, self.picture))
        width, height = self.picture
        return max(left, 0.0), max(top, 0.0), min(right, float(width)), min(bottom, float(height))

    def note(self, gravity: Gravity, size: Size) -> None:
        """A resize by that gravity has left a canvas of that size."""
        if isinstance(gravity, Auto):
            self.chosen.append(self.shown(size))

    def insight(self) -> Insight:
        """What was seen while the picture was worked on, in pixels of the original."""
        sight = None if self.seeing is None else self.gathered.sights.get(self.seeing)
        seen = () if sight is None else sight.faces or ()
        faces = tuple(face.landmarks for face in seen if face.landmarks)
        landmarks = tuple(dict(zip(LANDMARKS, points, strict=False)) for points in faces)
        boxes = (tuple(map(round, box)) for box in self.chosen)
        chosen = tuple((left, top, right - left, bottom - top) for left, top, right, bottom in boxes)
        return Insight(chosen, landmarks or None)

    def _automatic(self, gravity: Auto, size: Size, *, default: str) -> Aim:
        if self.is_moving or default == "center":  # a frame is laid round the whole picture
            return "center"
        if gravity.obeys_stored and (found := self.areas(Custom(), size)):
            return Spot(found[0])
        return self.attention(gravity, size)

    def _boosts(self, gravity: Auto, size: Size) -> list[Boost]:
        """Faces, unless the focus is on something else."""
        boosts: list[Boost] = []
        focus = gravity.focus
        if not any(each.name != "custom_no_override" and not each.is_shunned for each in focus):
            focus = (*focus, Focus("faces"))
        for each in focus:
            worth = (100 if each.weight is None else each.weight) / 100
            boosts += [
                (tuple(map(float, area)), -worth if each.is_shunned else worth)  # type: ignore[misc]  # four
                for area in self._focus_areas(each, size)
            ]
        return boosts

    def _focus_areas(self, focus: Focus, size: Size) -> list[Area]:
        match focus.name:
            case "face" | "adv_face" | "faces" | "adv_faces" | "person":
                found = _largest_first(self._shown(self._face_boxes() or (), size))
                return found[:1] if focus.name.endswith("face") else found
            case "custom":
                return self.areas(Custom(), size)
            case "aoi":
                left, top, width, height = (
                    _along(each, size[axis % 2]) for axis, each in enumerate(focus.area)
                )
                return [(left, top, left + width, top + height)]
            case name if name.startswith("region_!"):
                return self.areas(Region(name[len("region_!") : -1]), size)
            case _:
                return []  # a thing: there is nobody here to find it

    def _face_boxes(self) -> tuple[Rect, ...] | None:
        """None: none are stored, and nobody could look for them."""
        if self.marks.faces:
            return self.marks.faces
        found = self.sight.faces
        return None if found is None else tuple(face.box for face in found)

    def _shown(self, boxes: Iterable[Rect], size: Size) -> list[Area]:
        """Boxes of the original, where they lie on the canvas; those cut off it are gone."""
        found = []
        for x, y, width, height in boxes:
            box = self.trace.box((x, y, x + width, y + height))
            if box is None:
                continue
            left, top, right, bottom = map(_exact, box)
            left, top = max(left, Fraction(0)), max(top, Fraction(0))
            right, bottom = min(right, Fraction(size[0])), min(bottom, Fraction(size[1]))
            if left < right and top < bottom:
                found.append((left, top, right, bottom))
        return found


def view_of(
    facts: SourceFacts,
    gathered: Gathered,
    *,
    seeing: Seeing | None,
    marks: Marks = UNMARKED,
    upright: bool = True,
) -> View:
    """A picture whole, on a canvas of its own size."""
    trace = Trace() if upright else turned_upright(facts.orientation, facts.width, facts.height).inverse
    outlines = dict(_outlines(facts))
    return View(seeing, marks, gathered, facts.frames > 1, facts.shown, trace, outlines)


def _outlines(facts: SourceFacts) -> Iterator[tuple[str, Rect]]:
    """The file's clipping paths, as the picture is shown."""
    to_shown = turned_upright(facts.orientation, facts.width, facts.height)
    for each in facts.outlines:
        box = to_shown.box((each.left, each.top, each.left + each.width, each.top + each.height))
        if box is not None:
            left, top, right, bottom = map(round, box)
            yield each.name, (left, top, right - left, bottom - top)


def _largest_first(areas: Iterable[Area]) -> list[Area]:
    return sorted(areas, key=lambda area: (area[0] - area[2]) * (area[3] - area[1]))


def _around(areas: list[Area]) -> Area:
    lefts, tops, rights, bottoms = zip(*areas, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _exact(place: float) -> Fraction:
    return Fraction(round(place * _FINENESS), _FINENESS)


def _along(length: Length, side: int) -> Fraction:
    if isinstance(length, Share):
        return length.of * side
    return Fraction(length.count) if isinstance(length, Pixels) else Fraction(side)
