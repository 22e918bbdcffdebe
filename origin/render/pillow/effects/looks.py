"""`e_art`: looks by name. The originals are proprietary; each recipe aims at a mood of its own."""

from functools import lru_cache
from typing import Any

from attrs import frozen
from PIL import Image

from origin.render.pillow.effects.bands import Rgb, cube, on_colours
from origin.render.pillow.effects.gradients import vignette
from origin.render.pillow.effects.tones import contrast

Tone = tuple[int, int, int]


@frozen
class Recipe:
    """Colours first drained or heightened, then drawn towards two tones, then curved and dimmed."""

    shadows: Tone  # where black goes
    lights: Tone  # where white goes
    share: float  # of the way from the image's colours to its luma between these tones
    saturation: float = 1.0
    curve: int = 0  # sigmoidal contrast
    lift: float = 0.0  # how far black is raised
    vignette: int = 0


RECIPES: dict[str, Recipe] = {
    "al_dente": Recipe((40, 30, 20), (255, 240, 200), 0.25, 1.25, 20),
    "athena": Recipe((20, 30, 60), (255, 245, 225), 0.35, 0.9, 30),
    "audrey": Recipe((15, 15, 15), (245, 245, 240), 1.0, 0.0, 45, vignette=15),
    "aurora": Recipe((60, 20, 90), (190, 255, 230), 0.4, 1.1, 15),
    "daguerre": Recipe((45, 35, 30), (225, 210, 185), 1.0, 0.0, 25, vignette=45),
    "eucalyptus": Recipe((20, 50, 45), (225, 245, 220), 0.4, 0.8, 10, 0.04),
    "fes": Recipe((70, 30, 30), (255, 225, 170), 0.45, 1.1, 15),
    "frost": Recipe((30, 50, 90), (235, 245, 255), 0.45, 0.7, 10, 0.06),
    "hairspray": Recipe((80, 40, 80), (255, 230, 235), 0.4, 1.0, 5, 0.08),
    "hokusai": Recipe((15, 40, 90), (245, 235, 205), 0.6, 0.8, 35),
    "incognito": Recipe((0, 0, 0), (255, 255, 255), 1.0, 0.0, 70, vignette=30),
    "linen": Recipe((60, 55, 50), (250, 240, 225), 0.35, 0.7, -10, 0.08),
    "peacock": Recipe((0, 50, 80), (230, 255, 220), 0.3, 1.4, 20),
    "primavera": Recipe((60, 60, 30), (255, 250, 220), 0.2, 1.3, 5, 0.05),
    "quartz": Recipe((60, 50, 70), (250, 235, 245), 0.35, 0.9, 10, 0.04),
    "red_rock": Recipe((70, 20, 10), (255, 220, 180), 0.4, 1.15, 25),
    "refresh": Recipe((10, 30, 50), (245, 255, 255), 0.15, 1.3, 15),
    "sizzle": Recipe((80, 10, 10), (255, 240, 150), 0.3, 1.4, 35, vignette=20),
    "sonnet": Recipe((50, 40, 60), (245, 230, 210), 0.8, 0.4, 5, 0.05, 20),
    "ukulele": Recipe((60, 50, 10), (255, 235, 160), 0.35, 1.2, 10, 0.04, 15),
    "zorro": Recipe((0, 0, 0), (235, 235, 235), 1.0, 0.0, 55, vignette=50),
}


@on_colours
def art(colours: Image.Image, name: str) -> Image.Image:
    """The look of that name."""
    recipe = RECIPES[name]
    look = colours.filter(_table(name))
    look = contrast(look, recipe.curve, "sigmoidal") if recipe.curve else look
    return vignette(look, recipe.vignette) if recipe.vignette else look


@lru_cache(maxsize=4)
def _table(name: str) -> Any:
    recipe = RECIPES[name]

    def looked(red: float, green: float, blue: float) -> Rgb:
        luma = 0.299 * red + 0.587 * green + 0.114 * blue
        bands = []
        for value, dark, light in zip((red, green, blue), recipe.shadows, recipe.lights, strict=True):
            own = luma + recipe.saturation * (value - luma)
            tone = (dark + luma * (light - dark)) / 255
            mix = own + recipe.share * (tone - own)
            bands.append(min(max(recipe.lift + mix * (1 - recipe.lift), 0), 1))
        return bands[0], bands[1], bands[2]

    return cube(looked)
