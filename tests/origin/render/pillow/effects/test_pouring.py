"""Seams taken out where they are least noticed (transformations.md §4.6)."""

import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from origin.render.errors import MissingExtra, reason_of, refusal
from origin.render.limits import RenderLimits
from origin.render.pillow.effects.pouring import liquid
from origin.render.pillow.layers import Layers
from origin.transform.canonical import canonical
from origin.transform.parse import parse_chain
from origin.transform.plan import Filter, Resample, SourceFacts
from origin.transform.resolve import plan
from wire.errors import InvalidRequest

LIMITS = RenderLimits()


def two_discs(mode: str = "RGB") -> Image.Image:
    """Far apart on a plain ground."""
    canvas = Image.new("RGB", (160, 60), (90, 90, 90))
    pen = ImageDraw.Draw(canvas)
    pen.ellipse((10, 15, 39, 44), fill=(250, 240, 40))
    pen.ellipse((120, 15, 149, 44), fill=(30, 40, 220))
    return canvas.convert(mode)


def painted(chain: str, canvas: Image.Image) -> Image.Image:
    made = plan(parse_chain(chain), SourceFacts(*canvas.size, "png", has_alpha="A" in canvas.mode))
    result = Layers((), LIMITS).worked(canvas, made.operations)
    assert result.size == (made.width, made.height)
    return result


def pixels(canvas: Image.Image, colour: tuple[int, int, int]) -> int:
    return sum(count for count, each in canvas.convert("RGB").getcolors(10**6) or [] if each == colour)


@pytest.mark.parametrize("chain", ["w_100,h_60,g_liquid", "a_90/w_60,h_100,g_liquid/a_270"])
def test_what_matters_is_not_squeezed(chain: str) -> None:
    """Whichever way: both discs stay whole, the ground between them goes."""
    before, after = two_discs(), painted(chain, two_discs())
    assert after.size == (100, 60)
    for colour in ((250, 240, 40), (30, 40, 220)):
        assert pixels(after, colour) == pixels(before, colour)
        assert pixels(painted("w_100,h_60", two_discs()), colour) < 0.8 * pixels(before, colour)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_every_canvas_keeps_its_mode(mode: str) -> None:
    """And may shrink to a line."""
    result = liquid(two_discs(mode), (1, 60))
    assert (result.size, result.mode) == ((1, 60), mode)
    assert liquid(two_discs(mode), (160, 59)).size == (160, 59)


def test_what_is_planned() -> None:
    """Scaled until it covers what is wanted, as far as the seams can be paid for."""

    def operations(chain: str, width: int, height: int) -> tuple[object, ...]:
        return plan(parse_chain(chain), SourceFacts(width, height, "jpg")).operations

    assert operations("w_300,h_300,g_liquid", 800, 400) == (
        Resample((0, 0, 800, 400), 600, 300),
        Filter("liquid", (), 300, 300),
    )
    assert operations("w_400,g_liquid", 800, 400) == (Resample((0, 0, 800, 400), 400, 200),)
    assert operations("w_700,h_900,g_liquid", 1800, 900)[0] == Resample((0, 0, 1800, 900), 700, 900)
    squeezed, poured = operations("w_300,h_900,g_liquid", 1000, 900)
    assert squeezed == Resample((0, 0, 1000, 900), 466, 900)
    assert poured == Filter("liquid", (), 300, 900)


def test_it_is_for_scaling_only() -> None:
    """(D)"""
    assert canonical(parse_chain("g_liquid,w_5,h_6")) == "c_scale,g_liquid,h_6,w_5"
    for chain in ("c_fill,g_liquid,w_5", "c_fit,g_liquid,w_5", "l_a,g_liquid"):
        with pytest.raises(InvalidRequest, match="Use liquid gravity only with scale"):
            parse_chain(chain)


def test_without_its_package_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """And the sentence crosses the worker's pipe."""
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(MissingExtra) as missing:
        liquid(two_discs(), (100, 60))
    again = refusal(reason_of(missing.value), missing.value.public, "")
    assert (again.status, again.public) == (400, "g_liquid is not supported without pixeledge[liquid]")
