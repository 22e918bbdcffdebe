"""Every colour looked up in a stored table (`l_lut:`). Sheet: transformations.md §12.1."""

from pathlib import Path

from PIL import Image, ImageFilter

from origin.render.errors import InvalidTable
from origin.render.pillow.effects.bands import on_colours
from origin.render.tables import MOST_BYTES, NotATable, Table, read_table

LEVELS = 256


def graded(canvas: Image.Image, path: str, name: str) -> Image.Image:
    """The canvas in the colours of the table in a file; transparency stays."""
    return _graded(canvas, _read(Path(path), name))


@on_colours
def _graded(colours: Image.Image, table: Table) -> Image.Image:
    if (table.low, table.high) != ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)):
        spans = zip(table.low, table.high, strict=True)
        colours = colours.point(
            [_level((_at(i) - low) / (high - low)) for low, high in spans for i in range(LEVELS)]
        )
    if table.is_cube:
        return colours.filter(ImageFilter.Color3DLUT(table.size, list(table.values)))
    return colours.point([_level(_on_curve(table, band, _at(i))) for band in range(3) for i in range(LEVELS)])


def _on_curve(table: Table, band: int, value: float) -> float:
    place = value * (table.size - 1)
    before = min(int(place), table.size - 2)
    low, high = (table.values[3 * point + band] for point in (before, before + 1))
    return low + (place - before) * (high - low)


def _at(level: int) -> float:
    return level / (LEVELS - 1)


def _level(value: float) -> int:
    return min(max(round(255 * value), 0), 255)


def _read(path: Path, name: str) -> Table:
    if path.stat().st_size > MOST_BYTES:
        raise InvalidTable(f"The colour table {name} is larger than {MOST_BYTES >> 20} MB")
    try:
        return read_table(path.read_text("utf-8", "replace"), name.lower().endswith(".cube"))
    except NotATable as error:
        raise InvalidTable(f"{name} is no colour table: {error}") from error
