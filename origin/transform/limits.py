"""How large a result may become and how long a chain may be. Each refusal names its limit."""

from attrs import field, frozen
from attrs.validators import ge

from wire.errors import InvalidRequest

FORMAT_SIDES = {"jpg": 65_500, "webp": 16_383, "avif": 65_536, "gif": 65_535}
"""The longest side each format can carry, where that is less than no limit."""


@frozen
class Limits:
    """Settings with the documented defaults (delivery-urls.md §8.2)."""

    output_side: int = field(default=10_000, validator=ge(1))
    output_pixels: int = field(default=25_000_000, validator=ge(1))
    all_frames_pixels: int = field(default=50_000_000, validator=ge(1))
    chain_length: int = field(default=60, validator=ge(1))
    layers: int = field(default=40, validator=ge(0))
    layer_depth: int = field(default=4, validator=ge(1))
    text_characters: int = field(default=10_000, validator=ge(1))
    font_pixels: int = field(default=5_000, validator=ge(1))
    looks: int = field(default=8, validator=ge(1))
    providers: int = field(default=4, validator=ge(0))  # runs of them
    expression_terms: int = field(default=100, validator=ge(1))  # tests of a condition, too
    named_depth: int = field(default=10, validator=ge(1))
    sheet_images: int = field(default=100, validator=ge(1))

    def check_sheet(self, images: int) -> None:
        """Nothing, or 400 for a sheet of too many images."""
        if images > self.sheet_images:
            raise InvalidRequest(
                f"Maximum number of images on a sheet is {self.sheet_images}. Requested {images}"
            )

    def check_size(self, width: int, height: int) -> None:
        """Nothing, or 400 for an image no step may produce."""
        if max(width, height) > self.output_side:
            raise InvalidRequest(
                f"Maximum image side is {self.output_side} pixels. Requested {max(width, height)} pixels"
            )
        if width * height > self.output_pixels:
            raise InvalidRequest(
                f"Maximum image size is {_megapixels(self.output_pixels)} Megapixels. "
                f"Requested {_megapixels(width * height)} Megapixels"
            )

    def check_frames(self, width: int, height: int, frames: int) -> None:
        """Nothing, or 400 for an animation of too many pixels in all."""
        if width * height * frames > self.all_frames_pixels:
            raise InvalidRequest(
                "Maximum total number of pixels in all frames/pages is "
                f"{_megapixels(self.all_frames_pixels)} Megapixels. "
                f"Requested {_megapixels(width * height * frames)} Megapixels"
            )

    def check_format(self, width: int, height: int, format: str) -> None:  # noqa: A002 - the SDKs' word
        """Nothing, or 400 for an image the format cannot carry."""
        side = FORMAT_SIDES.get(format)
        if side is not None and max(width, height) > side:
            raise InvalidRequest(
                f"Maximum side of a {format} image is {side} pixels. Requested {max(width, height)} pixels"
            )

    def check_chain(self, components: int) -> None:
        """Nothing, or 400 for a chain of too many components."""
        if components > self.chain_length:
            raise InvalidRequest(
                f"Maximum chain length is {self.chain_length} components. Requested {components}"
            )

    def check_layers(self, layers: int, depth: int) -> None:
        """Nothing, or 400 for a chain of too many layers, or layers too deep in layers."""
        if layers > self.layers:
            raise InvalidRequest(f"Maximum number of layers is {self.layers}. Requested {layers}")
        if depth > self.layer_depth:
            raise InvalidRequest(f"Maximum depth of layers is {self.layer_depth}. Requested {depth}")

    def check_looks(self, looks: int) -> None:
        """Nothing, or 400 for a chain that looks at pixels too often: each look holds up other requests."""
        if looks > self.looks:
            raise InvalidRequest(
                f"Maximum number of automatic gravities and trims is {self.looks}. Requested {looks}"
            )

    def check_providers(self, runs: int) -> None:
        """Nothing, or 400 for work that asks providers too often: a worker waits for each, up to its timeout."""
        if runs > self.providers:
            raise InvalidRequest(f"Maximum number of provider runs is {self.providers}. Requested {runs}")

    def check_text(self, characters: int) -> None:
        """Nothing, or 400 for a text layer of too many words."""
        if characters > self.text_characters:
            raise InvalidRequest(
                f"Maximum text length is {self.text_characters} characters. Requested {characters}"
            )

    def check_font(self, pixels: int) -> None:
        """Nothing, or 400 for letters of too large a size."""
        if pixels > self.font_pixels:
            raise InvalidRequest(f"Maximum font size is {self.font_pixels} pixels. Requested {pixels}")

    def check_terms(self, terms: int, what: str = "expression") -> None:
        """Nothing, or 400 for arithmetic of too many terms, or a condition of too many tests."""
        if terms > self.expression_terms:
            unit = "tests" if what == "condition" else "terms"
            raise InvalidRequest(
                f"Maximum {what} length is {self.expression_terms} {unit}. Requested {terms}"
            )


def _megapixels(pixels: int) -> str:
    hundredths = -(-pixels // 10_000)  # rounded up, or a refusal could name two equal numbers
    return f"{hundredths // 100}.{hundredths % 100:02d}".rstrip("0").rstrip(".")
