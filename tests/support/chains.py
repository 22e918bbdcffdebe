"""Valid chains at random, the same for the same seed: every param, layers, words, conditions, variables, formats.

A picture may still be too large for a limit; nothing else is refused.
"""

from collections.abc import Callable
from random import Random

from attrs import define

from origin.transform.effects.grammar import ARTS, COLOUR_VISIONS
from origin.transform.effects.levels import BARE, LEVELS
from origin.transform.params.gravity import COMPASS

ASSETS = (
    "photo.jpg",
    "photo.png",
    "photo.webp",
    "upright.jpg",
    "cutout.png",
    "cutout.webp",
    "film.gif",
    "film.webp",
)
LAYERS = ("logo", "shapes:star", "photo")
FAMILY = "DejaVu%20Sans"
COLOURS = ("red", "white", "rgb:0a827d", "rgb:18203c80", "transparent", "mediumorchid")
WORDS = (
    "Hello",
    "Summer%20sale%252C%20now",
    "%D9%85%D8%B1%D8%AD%D8%A8%D8%A7",
    "two%0Alines",
    "%C3%BC%26%E2%98%83",
)
LIGHT_MODES = ("scale", "fit", "limit", "fill", "lfill", "pad", "lpad", "crop", "mfit", "mpad", "auto")
SETTINGS = (
    "f_jpg", "f_png", "f_webp", "f_webp,q_auto", "f_jpg,fl_progressive", "f_gif", "f_auto", "q_auto", "q_auto:eco",
    "q_auto:low:444", "q_70", "q_35:420", "f_jpg,q_90:444", "f_webp,fl_awebp", "f_webp,q_100", "f_avif,q_50",
    "fl_attachment:name", "dpr_1.5", "dpr_2.0", "f_png,fl_png8", "fl_strip_profile", "fl_lossy",
    "f_tiff", "f_png,fl_apng", "f_auto,fl_animated", "f_bmp",
)  # fmt: skip


@define
class Maker:
    """One stream of chains."""

    random: Random
    most_steps: int = 4

    def url(self, cloud: str = "demo") -> str:
        """A path to ask an origin for."""
        return f"/{cloud}/image/upload/{self.chain()}/v1/{self.random.choice(ASSETS)}"

    def chain(self) -> str:
        """One to `most_steps` parts, the first of which keeps the picture small, and perhaps settings."""
        parts = [self._resize(largest=400)]
        parts += [self._part() for _ in range(self.random.randrange(self.most_steps))]
        if self.random.random() < 0.6:
            parts.append(self.random.choice(SETTINGS))
        return "/".join(parts)

    def _part(self) -> str:
        kinds: list[tuple[Callable[[], str], float]] = [
            (self._effect, 4), (self._resize, 3), (self._shape, 3), (self._layer, 3), (self._words, 2),
            (self._condition, 2), (self._variable, 1), (self._together, 2), (self._ground, 1),
        ]  # fmt: skip
        makers, weights = zip(*kinds, strict=True)
        make: Callable[[], str] = self.random.choices(makers, weights)[0]
        return make()

    def _number(self, least: int, most: int) -> int:
        return self.random.randint(least, most)

    def _side(self, key: str, largest: int) -> str:
        choice = self.random.random()
        if choice < 0.2:
            return f"{key}_{self.random.uniform(0.1, 1.1):.2f}"
        if choice < 0.3:
            return f"{key}_i{key}_div_{self._number(2, 5)}"
        return f"{key}_{self._number(1, largest)}"

    def _resize(self, largest: int = 300) -> str:
        mode = self.random.choice(LIGHT_MODES)
        params = [f"c_{mode}"]
        shape = self.random.random()
        if shape < 0.2:
            params += [f"ar_{self._number(1, 20)}:{self._number(1, 20)}", f"w_{self._number(1, largest)}"]
        else:
            params += [self._side("w", largest)] if shape < 0.9 else []
            params += [self._side("h", largest)] if shape > 0.4 else []
        if mode not in ("scale", "fit", "limit", "mfit") and self.random.random() < 0.5:
            seeing = ("auto", "face", "faces:auto", "auto:subject", "custom")
            looks = "pad" not in mode and self.random.random() < 0.3
            params.append(f"g_{self.random.choice(seeing if looks else sorted(COMPASS))}")
            if not looks and self.random.random() < 0.4:
                params += [f"x_{self._number(-20, 60)}", f"y_{self._number(-20, 60)}"]
        if "pad" in mode and self.random.random() < 0.6:
            grounds = ("auto", "auto:predominant_gradient:4", "auto:border_contrast", "blurred:300:-10")
            params.append(f"b_{self.random.choice((*COLOURS, *grounds))}")
        self.random.shuffle(params)
        return ",".join(params)

    def _effect(self) -> str:
        name = self.random.choice([*BARE, *LEVELS, "art", "simulate_colorblind", "other"])
        if name in LEVELS and self.random.random() < 0.7:
            return f"e_{name}:{self._number(LEVELS[name].least, min(LEVELS[name].most, 400))}"
        if name == "art":
            return f"e_art:{self.random.choice(sorted(ARTS))}"
        if name == "simulate_colorblind":
            return f"e_simulate_colorblind:{self.random.choice(sorted(COLOUR_VISIONS))}"
        if name == "other":
            colour = self.random.choice(("red", "2f4f4f"))
            return self.random.choice(
                (
                    "e_pixelate", f"e_pixelate:{self._number(1, 60)}", "e_blur_region:400,x_5,y_5,w_30,h_20",
                    f"e_tint:{self._number(0, 100)}:{colour}:blue:white", "e_improve:indoor:60", "e_cartoonify",
                    "e_cartoonify:60:bw", f"e_outline:outer:{self._number(1, 20)}:40,co_{colour}", "e_shear:15:0",
                    f"e_shadow:{self._number(0, 90)},x_{self._number(-20, 20)},y_9", "e_distort:arc:90",
                    "e_distort:5:3:90:0:100:70:0:80", f"e_replace_color:{colour}:40", "e_morphology:dilate:2:disk:2",
                    "e_gradient_fade:30,x_0.3", "e_gradient_fade:symmetric", "e_trim:20", "e_bgremoval",
                    "e_assist_colorblind:xray", "e_dropshadow:200:40:50", "e_fill_light:60:-20",
                    "e_contrast:level_30;type_sigmoidal", "e_blur_faces:300", "e_pixelate_faces:8",
                    "e_recolor:1:0:0:0:0.5:0:0:0:1", "e_loop:2",
                )
            )  # fmt: skip
        return f"e_{name}"

    def _shape(self) -> str:
        choices = (
            f"r_{self._number(0, 80)}", "r_max", f"r_{self._number(0, 40)}:{self._number(0, 40)}",
            f"a_{self._number(-180, 180)}", "a_90", "a_hflip", "a_vflip.180", f"o_{self._number(0, 100)}",
            f"bo_{self._number(0, 20)}px_solid_{self.random.choice(COLOURS)}", "bo_5px_solid_white,r_20",
            f"b_{self.random.choice(COLOURS)}",
        )  # fmt: skip
        return self.random.choice(choices)

    def _ground(self) -> str:
        return self.random.choice(
            ("b_auto,c_pad,h_200,w_300", "b_auto:predominant", "b_blurred,c_lpad,h_250,w_250")
        )

    def _together(self) -> str:
        """What older sites write: everything in one component."""
        params = {part.partition("_")[0]: part for part in (*self._resize().split(","), self._shape())}
        return ",".join(params.values())

    def _layer(self, depth: int = 0) -> str:
        kind = self.random.choice("llu")
        name = self.random.choice(LAYERS)
        place = f"g_{self.random.choice(sorted(COMPASS))}"
        if self.random.random() < 0.5:
            place += f",x_{self._number(-30, 60)},y_{self._number(-30, 60)}"
        if (
            depth == 0 and self.random.random() < 0.25
        ):  # in a block, the next closing would be taken for its own
            return f"{kind}_{name},w_{self._number(5, 120)},{place},o_{self._number(10, 100)}"
        inner = [self.random.choice(("c_scale,w_60", "c_fill,h_50,w_50", "c_scale,fl_relative,w_0.4"))]
        inner += [self.random.choice((self._effect, self._shape))() for _ in range(self._number(0, 1))]
        if depth == 0 and self.random.random() < 0.2:
            inner.append(self._layer(depth=1))
        closing = ["fl_layer_apply", place]
        if self.random.random() < 0.4:
            ways = ("e_multiply", "e_screen", "e_overlay", "e_mask", "e_cut_out", "fl_cutter", "fl_tiled",
                    "fl_no_overflow")  # fmt: skip
            closing.append(self.random.choice(ways))
        return "/".join([f"{kind}_{name}", *inner, ",".join(closing)])

    def _words(self) -> str:
        style = [FAMILY, str(self._number(8, 60))]
        if self.random.random() < 0.5:
            looks = ("bold", "italic", "underline", "strikethrough", "center", "right", "letter_spacing_4",
                     "line_spacing_-3", "antialias_none", "justify", "300")  # fmt: skip
            style += self.random.sample(looks, 2)
        opening = [
            f"l_text:{'_'.join(style)}:{self.random.choice(WORDS)}",
            f"co_{self.random.choice(COLOURS)}",
        ]
        if self.random.random() < 0.3:
            opening.append(f"b_{self.random.choice(COLOURS)}")
        if self.random.random() < 0.3:
            opening.append(f"bo_{self._number(1, 4)}px_solid_{self.random.choice(COLOURS[:3])}")
        if self.random.random() < 0.3:
            opening += ["c_fit", f"w_{self._number(20, 300)}"]
        closing = f"fl_layer_apply,g_{self.random.choice(sorted(COMPASS))}"
        return f"{','.join(opening)}/{closing}"

    def _condition(self) -> str:
        tests = ("w_gt_200", "ar_lt_1.0", "h_lte_150_and_w_gt_10", "iw_gte_ih_or_fc_gt_0", "pc_gt_1", "!x!_in_tags",
                 "isdef_$nothing", "ctx:!season!_eq_!summer!")  # fmt: skip
        test = self.random.choice(tests)
        if self.random.random() < 0.4:
            return f"if_{test},{self._shape()}"
        otherwise = f"/if_else/{self._effect()}" if self.random.random() < 0.6 else ""
        return f"if_{test}/{self._part_without_block()}{otherwise}/if_end"

    def _part_without_block(self) -> str:
        return self.random.choice((self._effect, self._shape, self._resize))()

    def _variable(self) -> str:
        number = self._number(10, 200)
        uses = (
            "w_$n",
            "c_fill,h_$n,w_$n_mul_2",
            "r_$n_div_4",
            "a_$n",
            "e_blur:$n",
            "o_$n_mod_100",
            "bo_$n_div_20_solid_red",
        )
        return f"$n_{number}/{self.random.choice(uses)}"


def urls(seed: int, count: int) -> list[str]:
    """So many different paths."""
    maker = Maker(Random(seed))
    found: dict[str, None] = {}
    while len(found) < count:
        found[maker.url()] = None
    return list(found)
