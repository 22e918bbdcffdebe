"""Effects: `e_`. One a component, levels outside their range are clamped. Sheet: transformations.md §12."""

from collections.abc import Mapping
from typing import Literal

from attrs import frozen

from origin.transform.values import half_up, invalid, is_expression, read_number, unsupported

Name = Literal["grayscale", "sepia", "blur"]

_LEVELS: dict[str, tuple[Name, int, int, int]] = {  # name, least, most, default
    "sepia": ("sepia", 1, 100, 80),
    "blur": ("blur", 1, 2000, 100),
}

_LATER_NAMES = """
negate blackwhite brightness brightness_hsb contrast saturation vibrance hue gamma red green blue
auto_brightness auto_contrast auto_color improve fill_light colorize tint recolor replace_color gradient_fade
vignette simulate_colorblind assist_colorblind art theme opacity_threshold lut
blur_region blur_faces pixelate pixelate_region pixelate_faces sharpen unsharp_mask oil_paint cartoonify
ordered_dither morphology noise vectorize redeye adv_redeye viesus_correct
trim make_transparent bgremoval shadow outline distort shear displace zoompan loop fade dropshadow
embed_clipping_path camera light swap_image
background_removal enhance auto_enhance extract gen_background_replace gen_recolor gen_remove gen_replace
gen_restore upscale style_transfer preview
accelerate boomerang deshake reverse transition volume progressbar
multiply screen overlay mask cut_out anti_removal
"""
_LATER = frozenset(_LATER_NAMES.split())


@frozen
class Effect:
    """One effect with its level; 0 where it has none."""

    name: Name
    level: int = 0

    def spelled(self) -> tuple[str, ...]:
        """The canonical param, defaults written out."""
        return (f"e_{self.name}:{self.level}" if self.level else f"e_{self.name}",)


def read(values: Mapping[str, str]) -> Effect | None:
    """The effect a component asks for."""
    text = values.get("e")
    if text is None:
        return None
    name, _, argument = text.partition(":")
    if name == "grayscale" and not argument:
        return Effect("grayscale")
    if name not in _LEVELS:
        raise unsupported(f"e_{name}") if name in _LATER or is_expression(text) else invalid("effect", text)
    known, least, most, level = _LEVELS[name]
    if argument:
        number = read_number(argument)
        if number is None:
            raise unsupported(f"e_{text}") if is_expression(argument) else invalid("effect", text)
        level = min(max(half_up(number), least), most)
    return Effect(known, level)
