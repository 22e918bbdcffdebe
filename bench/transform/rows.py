"""What is compared: one source, one chain of ours, and the same wish in the words of the peers."""

from pathlib import Path
from typing import Any

from attrs import asdict, frozen
from PIL import Image

DEMO = Path(__file__).parents[2] / "sim" / "demo"
QUALITY = 80


@frozen
class Wish:
    """What peers are told. `height` None: as the width demands."""

    width: int
    height: int | None
    format: str  # jpeg, webp, avif, png, gif
    radius: int = 0
    blur: float = 0  # sigma
    animated: bool = False

    @property
    def is_lossy(self) -> bool:
        """Whether a quality can be chosen."""
        return self.format in ("jpeg", "webp", "avif")

    def to_json(self) -> dict[str, Any]:
        """For a peer's standard input."""
        return asdict(self)


@frozen
class Row:
    """One line of the table."""

    name: str
    source: str  # a key of `sources`
    chain: str  # what comes before `f_…` and `q_…`
    wish: Wish

    def full_chain(self) -> str:
        """Our chain with format and quality."""
        chosen = {"jpeg": "jpg"}.get(self.wish.format, self.wish.format)
        animated = ",fl_awebp" if self.wish.animated and chosen == "webp" else ""
        quality = f",q_{QUALITY}" if self.wish.is_lossy else ",q_100" if chosen == "png" else ""
        return f"{self.chain}/f_{chosen}{quality}{animated}"


def sources(folder: Path) -> dict[str, Path]:
    """The photographs; two of them are made of others."""
    baseline = folder / "baseline-12mp.jpg"
    with Image.open(DEMO / "dandelion-16mp.jpg") as image:
        image.resize((4000, 3000), Image.Resampling.LANCZOS).save(baseline, "JPEG", quality=88)
    return {
        "baseline": baseline,
        "portrait": DEMO / "drum-portrait-10mp.jpg",
        "progressive": DEMO / "mountains-8mp-progressive.jpg",
        "webp": DEMO / "sunset-12mp.webp",
        "alpha": DEMO / "fig-alpha-2mp.png",
        "gif": DEMO / "dandelion-pan.gif",
    }


def _filled(name: str, source: str, width: int, height: int, *formats: str) -> list[Row]:
    return [
        Row(
            f"{name} → {width}×{height} {format.upper()}",
            source,
            f"c_fill,h_{height},w_{width}",
            Wish(width, height, format),
        )
        for format in formats  # noqa: A001 - the SDKs' word
    ]


def _scaled(name: str, source: str, width: int, *formats: str) -> list[Row]:
    return [
        Row(f"{name} → {width} px {format.upper()}", source, f"c_scale,w_{width}", Wish(width, None, format))
        for format in formats  # noqa: A001 - the SDKs' word
    ]


ROWS = (
    *_filled("12 MP JPEG", "baseline", 400, 300, "jpeg", "webp", "avif"),
    *_scaled("12 MP JPEG", "baseline", 800, "jpeg", "webp"),
    *_scaled("12 MP JPEG", "baseline", 1600, "jpeg", "webp", "avif"),
    *_filled("10 MP portrait JPEG", "portrait", 300, 300, "jpeg", "webp"),
    *_scaled("8 MP progressive JPEG", "progressive", 400, "jpeg", "webp"),
    *_scaled("12 MP WebP", "webp", 400, "jpeg", "webp"),
    *_scaled("2 MP PNG, alpha", "alpha", 400, "png", "webp"),
    Row(
        "12 MP JPEG → 400×300, blur, round, PNG",
        "baseline",
        "c_fill,e_blur:300,h_300,r_40,w_400",
        Wish(400, 300, "png", radius=40, blur=6),
    ),
    Row("GIF → 200 px GIF", "gif", "c_scale,w_200", Wish(200, None, "gif", animated=True)),
    Row("GIF → 200 px WebP", "gif", "c_scale,w_200", Wish(200, None, "webp", animated=True)),
)
