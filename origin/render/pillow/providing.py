"""A canvas goes to a provider as a file, and comes back as one that is trusted no more than an upload."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen
from PIL import Image

from origin.render.errors import InvalidImage, ProviderFailed, TooManyPixels
from origin.render.limits import RenderLimits
from origin.render.pillow.decoding import decode
from origin.render.pillow.opening import opened, reading
from origin.render.providers import Command, run
from origin.render.scratch import BESIDE
from origin.transform.params.provided import as_json
from origin.transform.plan import Provided
from origin.transform.providing import name_of


@frozen
class Providers:
    """Who can be asked, and where the files in between lie: beside the result, removed and swept like it."""

    commands: Mapping[str, Command]
    target: str

    def painted(self, canvas: Image.Image, work: Provided, limits: RenderLimits) -> Image.Image:
        """What the provider of an effect makes of a canvas: of the size the plan says, or refused."""
        name = name_of(work)
        command = self.commands.get(work.effect)
        if command is None:
            raise ProviderFailed(f"The provider of {name} is gone", log=f"planned for {work.provider}")
        source, answer, said = (Path(self.target + end) for end in BESIDE)
        try:
            canvas.save(source, "PNG", compress_level=1)
            asked = {"effect": work.effect, "width": work.width, "height": work.height}
            run(command, name, source, answer, said, {**asked, "options": as_json(work.options)})
            return _read(answer, name, (work.width, work.height), limits)
        finally:
            source.unlink(missing_ok=True)
            answer.unlink(missing_ok=True)
            said.unlink(missing_ok=True)


NO_PROVIDERS = Providers({}, "")


def providers_of(documents: Mapping[str, Any], target: str) -> Providers:
    """Those a job brings along, as it names them."""
    commands = {
        name: Command(**{**document, "command": tuple(document["command"])})
        for name, document in documents.items()
    }
    return Providers(commands, target)


def _read(answer: Path, name: str, size: tuple[int, int], limits: RenderLimits) -> Image.Image:
    try:
        with opened(str(answer), limits) as opening, reading(limits):
            canvas = decode(opening.ready(None)[0], opening.facts.orientation, None)
    except (InvalidImage, TooManyPixels) as error:
        raise ProviderFailed(f"The provider of {name} gave no picture", log=str(error)) from error
    if canvas.size != size:
        raise ProviderFailed(
            f"The provider of {name} gave a picture of {canvas.width}x{canvas.height} pixels "
            f"instead of {size[0]}x{size[1]}"
        )
    return canvas
