"""Renders every entry and writes the page."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from sim.gallery.entries import Entry, Section, sections
from sim.gallery.page import Exhibit, page
from sim.gallery.studio import Studio, studio

TITLE = "What every parameter does"
INTRO = (
    "Made by `pixeledge gallery`: each picture is what the origin delivers for the chain below it. "
    "A checkered ground shows through what is transparent."
)
NAMED = {"card": "c_fill,h_90,w_120/bo_5px_solid_teal"}
SHOWN_AS = "f_webp,q_80"
"""How a picture is shown whose chain leaves its format open."""

_DEMO = {  # which photograph, and what is done to it before it is kept
    "photo": ("brushes-adobergb.jpg", "c_fill,h_180,w_240"),
    "view": ("mountains-8mp-progressive.jpg", "c_fill,h_150,w_240"),
    "portrait": ("astronaut-face.jpg", "c_fill,h_200,w_200"),
    "fig": ("fig-alpha-2mp.png", "c_fit,w_240"),
    "film": ("dandelion-pan.gif", "c_fill,h_45,w_80"),
}
_DRAWN = ("logo.png", "star.png", "vase.png", "grid.png", "clipped.jpg", "leaflet.pdf", "layered.psd")
_RAW = ("press.icc", "warm.cube")


def make(
    folder: Path, told: Callable[[str], None], wanted: tuple[Section, ...] | None = None
) -> list[Exhibit]:
    """Write `index.html` into a folder; what was refused comes back."""
    exhibits = []
    with studio(NAMED) as origin:
        furnish(origin)
        for section in sections() if wanted is None else wanted:
            told(f"{section.title}: {len(section.entries)}")
            exhibits.append(
                (
                    section,
                    [Exhibit(each, origin.shoot(shown(each), each.picture)) for each in section.entries],
                )
            )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text(page(TITLE, INTRO, exhibits), "utf-8")
    return [each for _, shots in exhibits for each in shots if each.shot.refusal]


def furnish(origin: Studio) -> None:
    """Keep the pictures that the entries speak of."""
    for name, (file, transformation) in _DEMO.items():
        origin.keep(name, files("sim.demo").joinpath(file).read_bytes(), transformation)
    for name in _DRAWN:
        origin.keep(name.partition(".")[0], files("sim.gallery").joinpath("pictures", name).read_bytes())
    for name in _RAW:
        data = files("sim.gallery").joinpath("pictures", name).read_bytes()
        origin.keep(name, data, resource_type="raw")


def shown(entry: Entry) -> str:
    """The chain that is asked for."""
    says = {param.partition("_")[0] for component in entry.chain.split("/") for param in component.split(",")}
    return entry.chain if "f" in says else f"{entry.chain}/{SHOWN_AS}"
