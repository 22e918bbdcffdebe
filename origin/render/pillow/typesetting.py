"""Words become lines of placed pieces: wrapped, cut, aligned, measured. Nothing is painted here.

Offsets are in pixels from the left end of the first baseline.
"""

import math
import unicodedata
from collections.abc import Iterator, Mapping

from attrs import evolve, frozen
from PIL import ImageFont, features

from origin.render.errors import TextRefused
from origin.render.limits import RenderLimits
from origin.render.pillow.fonts import Face, installed
from origin.render.pillow.stored_fonts import NO_FONTS, stored_face
from origin.transform.composite import Text

Box = tuple[int, int, int, int]  # left, top, right, bottom

BOLD = 600
FAUX_BOLD = 0.03  # of the size, as a stroke
SLANT = 0.2
PADDING = 0.1  # of the size, between ink and box
ELLIPSIS = "\u2026"
NEEDS_SHAPING = range(0x0590, 0x10A0)  # Hebrew, Arabic, the scripts of India, Thai, Tibetan, Burmese …


@frozen
class Piece:
    """A run of letters at a place on its line."""

    text: str
    left: float


@frozen
class Line:
    """Pieces on one baseline."""

    pieces: tuple[Piece, ...]
    baseline: int
    left: int
    advance: float


@frozen
class Block:
    """Set words: what to draw where, and how large that is."""

    text: Text
    font: ImageFont.FreeTypeFont
    lines: tuple[Line, ...]
    ink: Box  # holds all ink, perhaps with some air
    bold: float  # stroke that makes up for a missing bold face
    slant: float  # shear that makes up for a missing italic one

    @property
    def widest(self) -> float:
        """The stroke round the letters that reaches farthest."""
        return self.bold + (self.text.border if self.text.outlined else 0)

    @property
    def margin(self) -> int:
        """From the ink to the edge of the picture, on each side: padding of a box, and its border."""
        if self.text.outlined or not (self.text.background or self.text.border):
            return round(PADDING * self.text.size) if self.text.background else 0
        return round(PADDING * self.text.size) + self.text.border

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture."""
        left, top, right, bottom = self.ink
        return max(1, right - left) + 2 * self.margin, max(1, bottom - top) + 2 * self.margin


def typeset(text: Text, limits: RenderLimits, fonts: Mapping[str, str] = NO_FONTS) -> Block:
    """Words set in the face that comes nearest; refused when too large, or not ours to draw. `fonts`: the files
    of stored ones, by their revision."""
    if not features.check("raqm") and any(ord(each) in NEEDS_SHAPING for each in text.text):
        raise TextRefused("Text in complex scripts is not supported here: the raqm library is missing")
    if text.font:
        face = stored_face(fonts, text.font, text.family)
    else:
        face = installed().face(text.family, text.weight, text.text, is_italic=text.italic)
    setter = _Setter(text, face, face.at(text.size))
    block = setter.block()
    limits.admit_result(*block.size)
    return block


@frozen
class _Setter:
    """Sets one text in one font."""

    text: Text
    face: Face
    font: ImageFont.FreeTypeFont

    def block(self) -> Block:
        """All of it."""
        broken = self._broken()
        advances = [self._length(words) for words, _ in broken]
        width = max(0.0, *advances)
        if self.text.alignment == "justify" and self.text.width is not None:
            width = max(width, float(self.text.width))
        lines = tuple(
            self._line(number, words, advance, width, is_last=is_last)
            for number, ((words, is_last), advance) in enumerate(zip(broken, advances, strict=True))
        )
        bold = FAUX_BOLD * self.text.size if self.text.weight >= BOLD > self.face.weight else 0.0
        slant = SLANT if self.text.italic and not self.face.is_italic else 0.0
        block = Block(self.text, self.font, lines, (0, 0, 0, 0), bold, slant)
        return evolve(block, ink=self._ink(block, width))

    def _broken(self) -> list[tuple[str, bool]]:
        """Lines, and whether each ends a paragraph."""
        found: list[tuple[str, bool]] = []
        for paragraph in self.text.text.split("\n"):
            lines = list(self._wrapped(paragraph))
            found += [(line, number == len(lines)) for number, line in enumerate(lines, 1)]
        if self.text.height is None:
            return found
        most = max(1, int((self.text.height + self.text.line_spacing) // self._leading()))
        if len(found) <= most:
            return found
        return [*found[: most - 1], (self._cut(found[most - 1][0]), True)]

    def _wrapped(self, paragraph: str) -> Iterator[str]:
        if self.text.width is None:
            yield paragraph
            return
        space = self._length(" ") + self.text.letter_spacing
        line, reach = "", 0.0
        for word in paragraph.split(" "):
            length = self._length(word)
            if line and reach + space + length > self.text.width:
                yield line
                line, reach = word, length
            else:
                reach += length + (space if line else 0)
                line = f"{line} {word}" if line else word
        yield line

    def _cut(self, line: str) -> str:
        """The line shortened by words until it ends in an ellipsis within the width."""
        words = line.split(" ")
        while self.text.width is not None and len(words) > 1:
            if self._length(" ".join(words) + ELLIPSIS) <= self.text.width:
                break
            words.pop()
        return " ".join(words) + ELLIPSIS

    def _length(self, words: str) -> float:
        if not self._is_spaced(words):
            return float(self.font.getlength(words))
        clusters = list(_clusters(words))
        return sum(self.font.getlength(each) for each in clusters) + self.text.letter_spacing * (
            len(clusters) - 1
        )

    def _is_spaced(self, words: str) -> bool:
        """Whether letters stand apart. Joined scripts must not be torn."""
        return bool(self.text.letter_spacing and words) and not any(
            ord(each) in NEEDS_SHAPING for each in words
        )

    def _leading(self) -> float:
        ascent, descent = self.font.getmetrics()
        return max(1.0, ascent + descent + self.text.line_spacing)

    def _line(self, number: int, words: str, advance: float, width: float, *, is_last: bool) -> Line:
        alignment = self.text.alignment
        baseline = round(number * self._leading())
        if alignment == "justify" and not is_last and " " in words.strip():
            return Line(tuple(self._spread(words.strip().split(" "), width)), baseline, 0, width)
        free = width - advance
        backwards = _is_rtl(words)
        if alignment == "center":
            left = free / 2
        else:
            is_right = alignment == "right" or (alignment != "left" and backwards == (alignment != "end"))
            left = free if is_right else 0.0
        return Line(tuple(self._pieces(words)), baseline, round(left), advance)

    def _spread(self, words: list[str], width: float) -> Iterator[Piece]:
        """Words apart by equal gaps, in the direction they are read."""
        lengths = [self._length(word) for word in words]
        gap = (width - sum(lengths)) / (len(words) - 1)
        reach = 0.0
        backwards = any(map(_is_rtl, words))
        for word, length in zip(words, lengths, strict=True):
            left = width - reach - length if backwards else reach
            yield from (evolve(piece, left=piece.left + left) for piece in self._pieces(word))
            reach += length + gap

    def _pieces(self, words: str) -> Iterator[Piece]:
        if not self._is_spaced(words):
            yield Piece(words, 0.0)
            return
        reach = 0.0
        for cluster in _clusters(words):
            yield Piece(cluster, reach)
            reach += self.font.getlength(cluster) + self.text.letter_spacing

    def _ink(self, block: Block, width: float) -> Box:
        """The smallest box round all ink; with `fl_text_no_trim` round the lines' full height as well."""
        boxes = [box for line in block.lines for box in self._boxes(line, block.widest, block.slant)]
        ascent, descent = self.font.getmetrics()
        if not self.text.trimmed:
            boxes.append((0, -ascent, math.ceil(width), block.lines[-1].baseline + descent))
        if not boxes:
            return (0, 0, 1, 1)
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)

    def _boxes(self, line: Line, stroke: float, slant: float) -> Iterator[Box]:
        for piece in line.pieces:
            if not piece.text.strip():
                continue
            left, top, right, bottom = self.font.getbbox(piece.text, anchor="ls", stroke_width=stroke)
            start = line.left + piece.left
            yield (
                math.floor(start + left - slant * max(bottom, 0)),
                math.floor(line.baseline + top),
                math.ceil(start + right + slant * max(-top, 0)),
                math.ceil(line.baseline + bottom),
            )
        if (rule := rule_of(self.text, self.font, line)) is not None:
            yield rule


def rule_of(text: Text, font: ImageFont.FreeTypeFont, line: Line) -> Box | None:
    """The line under or through a line of words."""
    if text.decoration == "none" or line.advance <= 0:  # letters may be pulled over each other
        return None
    ascent, descent = font.getmetrics()
    thickness = max(1, round(text.size / 16))
    offset = descent * 0.5 if text.decoration == "underline" else -0.3 * ascent
    top = line.baseline + round(offset)
    return line.left, top, line.left + math.ceil(line.advance), top + thickness


def _clusters(words: str) -> Iterator[str]:
    """Letters with the marks that sit on them."""
    cluster = ""
    for letter in words:
        if cluster and not unicodedata.combining(letter):
            yield cluster
            cluster = ""
        cluster += letter
    if cluster:
        yield cluster


def _is_rtl(words: str) -> bool:
    """Whether the first strong letter reads from right to left."""
    for letter in words:
        kind = unicodedata.bidirectional(letter)
        if kind in ("L", "R", "AL"):
            return kind != "L"
    return False
