"""The layers of one render: each opened or drawn, worked on and kept for every frame it is laid on."""

from collections.abc import Sequence

from attrs import define, field
from PIL import Image

from origin.render.errors import RenderFailed
from origin.render.limits import RenderLimits
from origin.render.pillow import lettering
from origin.render.pillow.compositing import compose
from origin.render.pillow.decoding import decode
from origin.render.pillow.opening import opened, reading
from origin.render.pillow.operations import apply
from origin.render.pillow.providing import NO_PROVIDERS, Providers
from origin.transform.composite import Composite, File, Text
from origin.transform.plan import Operation, Provided, Resample

Work = tuple[Operation, ...]


@define(eq=False)
class Layers:
    """Knows the files of a plan's inputs."""

    paths: Sequence[str]
    limits: RenderLimits
    providers: Providers = NO_PROVIDERS
    _painted: dict[Composite, Image.Image] = field(factory=dict, init=False)

    def worked(self, canvas: Image.Image, operations: Work, frames: int = 1) -> Image.Image:
        """A canvas after operations, layers among them."""
        for operation in operations:
            if isinstance(operation, Composite):
                canvas = self._laid(canvas, operation, frames)
            elif isinstance(operation, Provided):
                self.limits.admit_result(operation.width, operation.height, frames)
                canvas = self.providers.painted(canvas, operation, self.limits)
            else:
                canvas = apply(canvas, operation, self.limits, frames)
        return canvas

    def _laid(self, canvas: Image.Image, placed: Composite, frames: int) -> Image.Image:
        self.limits.admit_result(placed.width, placed.height, frames)
        layer = self._painted.get(placed)
        if layer is None:
            layer = self.layer(placed.source, placed.operations)
            if frames > 1:  # every further frame takes it as it is
                self._painted[placed] = layer
        return compose(canvas, layer, placed)

    def layer(self, source: File | Text, operations: Work) -> Image.Image:
        """A layer before it is laid on anything."""
        if isinstance(source, File):
            return self._from_file(source, operations)
        return self.worked(lettering.draw(source, self.limits), operations)

    def _from_file(self, source: File, operations: Work) -> Image.Image:
        first, rest = _first(operations)
        if first is not None:
            self.limits.admit_result(first.width, first.height)
        with opened(self.paths[source.input], self.limits, source.portion) as opening:
            found = opening.facts
            if (found.width, found.height) != (source.width, source.height):
                raise RenderFailed(log=f"planned for {source}, found {found}")
            with reading(self.limits):
                image, first = opening.ready(first)
                canvas = decode(image, source.orientation, first)
        return self.worked(canvas, rest)


def _first(operations: Work) -> tuple[Resample | None, Work]:
    """An opening cut, which is cheapest while the pixels are still stored, and what remains."""
    if operations and isinstance(operations[0], Resample):
        return operations[0], operations[1:]
    return None, operations
