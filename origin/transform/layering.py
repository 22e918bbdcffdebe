"""A layer on an image, in numbers: its source as the plan names it, and where it comes to lie. Sheet: §11.3."""

from fractions import Fraction
from zlib import crc32

from attrs import define, evolve, field, frozen

from origin.transform.composite import KEEPING_COLOURS, Composite, File, Kept, Text
from origin.transform.geometry import Size, corner
from origin.transform.limits import Limits
from origin.transform.pages import seen
from origin.transform.params.layer import Layer, Placement, Variable
from origin.transform.params.selection import Selection
from origin.transform.params.size import Resize
from origin.transform.params.text import BLACK, Style, Words, styled
from origin.transform.plan import Input, Operation, SourceFacts
from origin.transform.references import Gathered, Reference, Referenced, Seeing, UnknownReference, Wanted
from origin.transform.sight import UNMARKED
from origin.transform.tracing import Trace
from origin.transform.values import Length, Original, Pixels, Share, half_up
from origin.transform.view import Spot, View, view_of
from wire.components import printable
from wire.errors import InvalidRequest

_FARTHEST = 999  # pixels a displacement may reach


@frozen
class Base:
    """The image a layer is laid on, as far as sizes count."""

    size: Size
    original: Size  # of the chain's own image
    dpr: Fraction


@define
class Inputs:
    """The stored files a plan needs beside its source, numbered as they are met, and the images it keeps."""

    gathered: Gathered
    found: list[Input] = field(factory=list)
    kept: dict[str, tuple[SourceFacts, View]] = field(factory=dict)
    looks: int = 0  # at pixels, so far: searches for what matters, and trims
    provider_runs: int = 0  # so far

    def look(self, limits: Limits) -> None:
        """One look more, or 400."""
        self.looks += 1
        limits.check_looks(self.looks)

    def provide(self, runs: int, limits: Limits) -> None:
        """So many runs of providers more, or 400."""
        self.provider_runs += runs
        limits.check_providers(self.provider_runs)

    def opened(self, layer: Layer, base: Base) -> tuple[File | Text | Kept, SourceFacts, View]:
        """What the renderer opens or draws for a layer, what that will be, and show. Raises `Wanted`."""
        if isinstance(layer.source, Words):
            words, style = self._styled(layer.source)
            font = self._input(style.font)[1].revision if style.font else ""
            text = _drawn(words, style, base, font)
            size = self.gathered.texts.get(text)
            if size is None:
                raise Wanted(text)
            view = View(None, UNMARKED, self.gathered, False, size, Trace())
            return text, SourceFacts(*size, format="png", has_alpha=True), view
        if isinstance(layer.source, Variable):
            name = layer.source.name
            if name not in self.kept:
                raise InvalidRequest(f"Undefined variable in transformation: ${printable(name)}")
            facts, view = self.kept[name]
            return Kept(name, facts.width, facts.height), facts, evolve(view, chosen=[])
        return self._file(layer.source, layer.selection, is_upright=not layer.ignore_orientation)

    def _styled(self, words: Words) -> tuple[Words, Style]:
        """Words, and how they look: as a stored text does, if they say so. That is an input, lest it change unseen."""
        if isinstance(words.style, Reference):
            caption = self._input(words.style)[1].caption
            if caption is None:
                raise UnknownReference(words.style)
            words = styled(words, caption)
        assert isinstance(words.style, Style)
        return words, words.style

    def _file(
        self, reference: Reference, selection: Selection, *, is_upright: bool
    ) -> tuple[File, SourceFacts, View]:
        number, known = self._input(reference)
        portion = selection.of(known.facts)
        shown = seen(known.facts, portion)
        facts = shown if is_upright else evolve(shown, orientation=1)
        file = File(number, facts.width, facts.height, facts.orientation, portion)
        seeing = Seeing(reference, portion)
        view = view_of(shown, self.gathered, seeing=seeing, marks=known.marks, upright=is_upright)
        return file, facts, view

    def raw(self, reference: Reference) -> int:
        """The number of a raw file: a colour table, a profile."""
        return self._input(reference)[0]

    def _input(self, reference: Reference) -> tuple[int, Referenced]:
        known = self.gathered.images.get(reference)
        if known is None:
            raise Wanted(reference)
        entry = Input(reference.type, reference.public_id, known.revision, reference.resource_type)
        if entry not in self.found:
            self.found.append(entry)
        return self.found.index(entry), known


@frozen
class Laid:
    """How a layer meets its base, and whether what comes of it can be seen through."""

    composite: Composite
    has_alpha: bool


def laid(
    layer: Layer,
    source: File | Text | Kept,
    operations: tuple[Operation, ...],
    size: Size,
    base: Base,
    *,
    layer_alpha: bool,
    base_alpha: bool,
    spot: Spot | None = None,
) -> Laid | None:
    """A layer of the given size and transparency placed, about a `spot` if its gravity names one; None when
    nothing of it would be seen."""
    placement = layer.placement
    if placement.blend == "displace":
        return _displacing(source, operations, placement, base, has_alpha=base_alpha)
    keeps_size = placement.tiled or placement.clipped or placement.blend in KEEPING_COLOURS
    left, top = (0, 0) if placement.tiled else _corner(placement, size, base, spot)
    width, height = base.size
    sticks_out = left < 0 or top < 0 or left + size[0] > width or top + size[1] > height
    if placement.strict and sticks_out and not placement.tiled:
        raise InvalidRequest(
            f"The text layer of {size[0]}x{size[1]} pixels does not fit into the image of {width}x{height}"
        )
    is_beside = left >= width or top >= height or left + size[0] <= 0 or top + size[1] <= 0
    if keeps_size and is_beside and placement.blend in ("over", "multiply", "screen", "overlay", "cut_out"):
        return None
    base_left = base_top = 0
    if not keeps_size:
        base_left, base_top = max(0, -left), max(0, -top)
        width = max(width, left + size[0]) + base_left
        height = max(height, top + size[1]) + base_top
    composite = Composite(
        source,
        operations,
        width,
        height,
        left + base_left,
        top + base_top,
        base_left,
        base_top,
        placement.blend,
        layer.below,
        placement.tiled,
        jitter=(placement.jitter, _chance(source, left, top, base)) if placement.jitter else (0, 0),
    )
    grown = (width, height) != base.size
    covers = placement.tiled or (
        composite.left <= 0
        and composite.top <= 0
        and composite.left + size[0] >= width
        and composite.top + size[1] >= height
    )
    if placement.blend in KEEPING_COLOURS:
        return Laid(composite, has_alpha=True)
    return Laid(composite, has_alpha=(base_alpha or grown) and (layer_alpha or not covers))


def _displacing(
    source: File | Text | Kept,
    operations: tuple[Operation, ...],
    placement: Placement,
    base: Base,
    *,
    has_alpha: bool,
) -> Laid | None:
    """A layer that is not seen: its red and green say how far the base's pixels come from (§12.3)."""
    x, y = (_moved(length, axis, base) for axis, length in enumerate((placement.x, placement.y)))
    if not x and not y:
        return None
    return Laid(Composite(source, operations, *base.size, blend="displace", moves=(x, y)), has_alpha)


def _moved(length: Length | None, axis: int, base: Base) -> int:
    if length is None:
        return 0
    if isinstance(length, Pixels):
        pixels = half_up(length.count * base.dpr)
    elif isinstance(length, Share):
        pixels = half_up(length.of * base.size[axis])
    else:
        pixels = base.original["wh".index(length.side)]
    return min(max(pixels, -_FARTHEST), _FARTHEST)


def _chance(source: File | Text | Kept, left: int, top: int, base: Base) -> int:
    """The same for the same layer in the same place: a derived file can be made again."""
    who = source.text if isinstance(source, Text) else f"{source.width}x{source.height}"
    return crc32(f"{who} at {left},{top} on {base.size[0]}x{base.size[1]}".encode())


def _corner(placement: Placement, size: Size, base: Base, spot: Spot | None) -> Size:
    anchor = Resize("pad", gravity=placement.gravity, x=placement.x, y=placement.y)
    return corner(anchor, base.size, size, base.original, base.dpr, spot)


def _drawn(words: Words, style: Style, base: Base, font: str) -> Text:
    """Words with every length in pixels of the result."""
    dpr, border, colour = base.dpr, words.border, words.colour or BLACK
    return Text(
        text=words.text,
        family=style.family,
        size=max(1, half_up(style.size * dpr)),
        weight=style.weight,
        italic=style.italic,
        decoration=style.decoration,
        alignment=style.alignment,
        letter_spacing=float(style.letter_spacing * dpr),
        line_spacing=float(style.line_spacing * dpr),
        smooth=style.smooth,
        colour=colour,
        background=words.background,
        border=max(1, half_up(border.width * dpr)) if border else 0,
        border_colour=border.colour if border else colour,
        outlined=style.outlined and border is not None,
        width=_side(words.width, 0, base),
        height=_side(words.height, 1, base),
        trimmed=words.trimmed,
        font=font,
    )


def _side(length: Length | None, axis: int, base: Base) -> int | None:
    if isinstance(length, Pixels):
        return max(1, half_up(length.count * base.dpr))
    if isinstance(length, Share):
        return max(1, half_up(length.of * base.size[axis]))
    if isinstance(length, Original):
        return base.original["wh".index(length.side)]
    return None
