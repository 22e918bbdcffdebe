"""Effects whose whole argument is one level, and those that take none. Sheet: transformations.md §12."""

from origin.transform.effects.arguments import Level

BARE = frozenset({"grayscale", "negate", "redeye"})

LEVELS: dict[str, Level] = {
    "sepia": Level(1, 100, 80),
    "blackwhite": Level(0, 100, 50),
    "brightness": Level(-99, 100, 80),
    "brightness_hsb": Level(-99, 100, 80),
    "saturation": Level(-100, 100, 80),
    "vibrance": Level(-100, 100, 20),
    "hue": Level(-100, 100, 80),
    "gamma": Level(-50, 150, 0),
    "red": Level(-100, 100, 0),
    "green": Level(-100, 100, 0),
    "blue": Level(-100, 100, 0),
    "auto_brightness": Level(0, 100, 100),
    "auto_contrast": Level(0, 100, 100),
    "auto_color": Level(0, 100, 100),
    "colorize": Level(0, 100, 100),
    "vignette": Level(0, 100, 20),
    "opacity_threshold": Level(1, 100, 50),
    "blur": Level(1, 2000, 100),
    "blur_region": Level(1, 2000, 100),
    "blur_faces": Level(1, 2000, 500),
    "sharpen": Level(1, 2000, 100),
    "unsharp_mask": Level(1, 2000, 100),
    "oil_paint": Level(0, 100, 30),
    "ordered_dither": Level(0, 18, 0),
    "make_transparent": Level(0, 100, 10),
    "shadow": Level(0, 100, 40),
}
