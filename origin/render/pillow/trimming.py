"""Operations in their order, with trims: what follows one is planned when it is known what it left."""

from attrs import define, field
from PIL import Image

from origin.render.limits import RenderLimits
from origin.render.pillow.effects.backdrops import Box, content_box
from origin.render.pillow.operations import apply, has_alpha
from origin.transform.plan import Operation, Trim
from origin.transform.resolve import remainder


@define
class Cuts:
    """Where an image was trimmed. Later frames of an animation are cut where the first one was."""

    boxes: list[Box] = field(factory=list)
    done: int = 0

    def again(self) -> "Cuts":
        """The same cuts, for the next frame."""
        return Cuts(self.boxes)

    def box(self, canvas: Image.Image, trim: Trim) -> Box:
        """Where to cut now."""
        if self.done == len(self.boxes):
            self.boxes.append(content_box(canvas, trim.level, trim.colour))
        self.done += 1
        return self.boxes[self.done - 1]


def carried_out(
    canvas: Image.Image, operations: tuple[Operation, ...], limits: RenderLimits, cuts: Cuts, frames: int = 1
) -> Image.Image:
    """The canvas after all operations."""
    for operation in operations:
        if isinstance(operation, Trim):  # always the last of a plan
            canvas = canvas.crop(cuts.box(canvas, operation))
            rest = remainder(operation, canvas.size, has_alpha(canvas))
            return carried_out(canvas, rest, limits, cuts, frames)
        canvas = apply(canvas, operation, limits, frames)
    return canvas
