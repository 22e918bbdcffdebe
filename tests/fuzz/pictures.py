"""What must hold of any bytes that are taken for a picture: rendered, or refused for one of the known reasons."""

import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

from attrs import asdict
from PIL import Image

from origin.render.errors import REFUSALS, RenderFailed
from origin.render.frames import Answer, Job, JobRefused, ProbeDone, ProbeJob, RenderDone, RenderJob
from origin.render.limits import RenderLimits
from origin.render.worker import performer
from origin.transform.parse import parse_chain
from origin.transform.plan import SourceFacts
from origin.transform.resolve import plan
from wire.errors import MediaError
from wire.public_ids import has_control_characters

LIMITS = RenderLimits(input_megapixels=2.0, output_megapixels=2.0, frames_megapixels=4.0)
CHAINS = (
    "c_fill,h_20,w_30/f_jpg",
    "a_20/r_max/f_png",
    "w_0.5/f_webp,fl_awebp",
    "e_trim/f_gif",
    "q_auto,f_auto",
)


def pictures(data: bytes) -> None:
    """Probed with and without looking at the pixels, and rendered by a chain that the bytes choose."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        source = Path(folder) / "source"
        source.write_bytes(data)
        for number, verify in enumerate((False, True)):
            probed = _done(ProbeJob(number=number, source=str(source), verify=verify))
        if isinstance(probed, ProbeDone):
            chain = CHAINS[sum(data) % len(CHAINS)]
            _render(source, SourceFacts(**probed.facts), chain, Path(folder) / "target")


def _render(source: Path, facts: SourceFacts, chain: str, target: Path) -> None:
    try:
        made = plan(parse_chain(chain), facts)
    except MediaError:
        return
    job = RenderJob(
        number=3, plan=made.to_json(), facts=asdict(facts), source=str(source), target=str(target)
    )
    done = _done(job)
    if isinstance(done, RenderDone):
        with Image.open(target) as image:
            assert image.size == (done.width, done.height), (chain, image.size, done)
    else:
        assert not target.exists(), "a refused job left half a file"


def _done(job: Job) -> Answer:
    """The answer; one that admits a bug of ours is none."""
    answer = performer(LIMITS)(job)  # which sets its guard again, wherever tests have put it
    if isinstance(answer, JobRefused):
        assert REFUSALS[answer.reason] is not RenderFailed, answer.log
        assert not has_control_characters(answer.public), answer.public
    return answer


def seeds() -> dict[str, bytes]:
    """A small file of every kind that can be opened, by name."""
    photo = Image.linear_gradient("L").resize((24, 18)).convert("RGB")
    clear = photo.convert("RGBA")
    clear.putalpha(Image.radial_gradient("L").resize((24, 18)))
    frames: dict[str, Any] = {"save_all": True, "append_images": [photo.rotate(90), photo], "duration": 40}
    exif = Image.Exif()
    exif[0x0112] = 6
    kinds: dict[str, tuple[Image.Image, str, dict[str, Any]]] = {
        "jpg": (photo, "JPEG", {"quality": 60, "exif": exif}),
        "progressive": (photo, "JPEG", {"progressive": True, "quality": 30}),
        "cmyk": (photo.convert("CMYK"), "JPEG", {}),
        "gray": (photo.convert("L"), "JPEG", {}),
        "png": (clear, "PNG", {}),
        "palette": (photo.quantize(8), "PNG", {"transparency": 2}),
        "bits": (photo.convert("1"), "PNG", {}),
        "deep": (photo.convert("L").convert("I;16"), "PNG", {}),
        "apng": (clear, "PNG", frames),
        "gif": (photo.quantize(16), "GIF", {}),
        "film": (photo, "GIF", frames),
        "webp": (photo, "WEBP", {"quality": 40}),
        "webp-alpha": (clear, "WEBP", {"lossless": True}),
        "webp-film": (clear, "WEBP", frames),
        "avif": (photo, "AVIF", {"quality": 30}),
        "bmp": (photo, "BMP", {}),
        "tiff": (clear, "TIFF", {"compression": "tiff_lzw"}),
        "tiff-cmyk": (photo.convert("CMYK"), "TIFF", {}),
        "ico": (clear.resize((16, 16)), "ICO", {}),
    }
    files = {}
    for name, (image, kind, options) in kinds.items():
        buffer = BytesIO()
        image.save(buffer, kind, **options)
        files[name] = buffer.getvalue()
    return files
