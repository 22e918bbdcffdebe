"""The official Python SDK's transformation options with the values its documentation names."""

from itertools import chain
from typing import Any

import cloudinary.utils
from hypothesis import strategies as st

from tests.support.origins import SECRET

EFFECTS = """
accelerate adv_redeye art:al_dente art:zorro assist_colorblind assist_colorblind:20 assist_colorblind:xray
auto_brightness auto_brightness:80 auto_color auto_color:60 auto_contrast auto_contrast:80 auto_enhance
background_removal background_removal:fineedges_y bgremoval bgremoval:screen bgremoval:red
bgremoval:screen:29f500 blackwhite blackwhite:80 blue blue:90 blur blur:300 blur_faces blur_faces:600
blur_region blur_region:1500 boomerang brightness brightness:60 brightness:-60 brightness_hsb
brightness_hsb:-50 camera cartoonify cartoonify:70 cartoonify:50:80 cartoonify:20:bw colorize colorize:80
contrast contrast:50 contrast:-70 contrast:level_-70;type_linear contrast:80:sigmoidal deshake:32
displace distort:-45:-20:280:60:280:180:0:260 distort:arc:180.0 distort:arc:-120 dropshadow
dropshadow:azimuth_220;elevation_40;spread_20 dropshadow:50:50:50 embed_clipping_path:mask_$v enhance
extract:prompt_the%20dog extract:prompt_(cat;dog);multiple_true;mode_mask fade:1000 fade:-500 fill_light
fill_light:70 fill_light:70:20 gamma gamma:100 gen_background_replace
gen_background_replace:prompt_a%20tree;seed_3
gen_recolor:prompt_shirt;to-color_red;multiple_true gen_remove:prompt_cup;remove-shadow_true
gen_remove:region_((x_300;y_200;w_150;h_180);(x_5;y_5;w_10;h_10)) gen_replace:from_cup;to_a%20mug
gen_restore gradient_fade gradient_fade:50 gradient_fade:symmetric gradient_fade:symmetric_pad:50 grayscale
green green:-30 hue hue:-40 improve improve:50 improve:outdoor improve:indoor:70 light loop loop:4
make_transparent make_transparent:25 morphology:method_dilate;iterations_3;kernel_disk;radius_5.5 morphology
negate noise:50 oil_paint oil_paint:40 opacity_threshold opacity_threshold:80 ordered_dither ordered_dither:9
outline outline:20 outline:15:200 outline:inner:15:200 outline:fill outline:inner_fill:5 outline:outer:10
pixelate pixelate:20 pixelate_faces pixelate_faces:15 pixelate_region pixelate_region:35 preview
preview:duration_12:max_seg_3:min_seg_dur_3 progressbar:bar:red:12 progressbar red red:50
recolor:0.3:0.7:0.1:0.3:0.6:0.1:0.2:0.5:0.1 recolor:1:0:0:0:0:1:0:0:0:0:1:0:0:0:0:0.5 redeye
replace_color:saddlebrown replace_color:2F4F4F:20 replace_color:maroon:80:2b38aa reverse saturation
saturation:70 sepia sepia:50 shadow shadow:50 sharpen sharpen:400 shear:20.0:0.0 shear:-15:5
simulate_colorblind simulate_colorblind:tritanopia simulate_colorblind:cone_monochromacy swap_image
theme:color_black theme:color_rgb:ff00aa:photosensitivity_110 tint tint:80 tint:100:red:blue:white
tint:equalize:80:blue:blueviolet tint:100:red:0p:white:35p:green:40p transition trim trim:10 trim:20:white
unsharp_mask unsharp_mask:500 upscale vectorize vectorize:3:0.5
vectorize:colors:2:detail:0.7:despeckle:0.5:paths:4:corners:5
vibrance vibrance:70 viesus_correct viesus_correct:no_redeye:skin_saturation_20 vignette vignette:30 volume:50
zoompan zoompan:mode_ofc;maxzoom_3.2;du_5;fps_30
"""
FLAGS = """
animated any_format apng attachment attachment:pretty_flower awebp c2pa clip clip_evenodd cutter draco
force_icc force_strip getinfo group4 hlsv3 ignore_aspect_ratio ignore_mask_channels immutable_cache
keep_attribution keep_dar keep_iptc lossy mono no_overflow no_stream original png8 png24 png32
preserve_transparency progressive progressive:none progressive:semi progressive:steep rasterize
replace_image sanitize splice streaming_attachment streaming_attachment:clip strip_profile
text_disallow_overflow text_no_trim tiff8_lzw truncate_ts waveform
"""
GRAVITIES = """
north_west north north_east west center east south_west south south_east xy_center face face:center face:auto
faces faces:center faces:auto custom custom:face custom:faces region_!shoes! clipping_path_!one! auto
auto:subject auto:classic auto:face auto:faces auto:none auto:custom_no_override auto:thirds_0 auto:50
auto:aoi_10_20_30_40 auto:cat auto:cat_30:dog_avoid adv_face adv_faces adv_eyes ocr_text cat bottle:cup
person:auto cld-decompose_tile liquid track_person
"""
MODES = """
scale fit limit mfit fill lfill pad lpad mpad crop thumb auto fill_pad auto_pad imagga_crop imagga_scale
"""
FORMATS = """
auto auto:image auto:animated auto:video jpg jpeg png webp avif gif bmp tiff tif ico jp2 jxl pdf svg heic psd
eps ai tga mp4 webm
"""
BACKGROUNDS = """
red #112233 #11223344 rgb:9b9 transparent auto auto:border auto:predominant auto:border_contrast
auto:predominant_contrast auto:predominant_gradient auto:predominant_gradient:4
auto:predominant_gradient:2:diagonal_desc auto:predominant_gradient_contrast:4
auto:border_gradient:palette_red_green_blue auto:border_gradient_contrast:2:vertical blurred blurred:400
blurred:400:15 gen_fill gen_fill:prompt_a%20tree;seed_3
"""
_STYLE = {"font_family": "Arial", "font_size": 18}
_LAYERS: list[Any] = [
    "logo", "folder:logo", "logo.png", "private:logo", "authenticated:folder:logo", "text:Arial_30:Hi",
    "video:clip", "audio:sound", "subtitles:words.srt", "lut:aspen.cube", "fetch:https://example.com/a.png",
    {"public_id": "logo"}, {"public_id": "folder/logo", "format": "png"},
    {"public_id": "logo", "type": "private"}, {"url": "https://example.com/a b.png"},
    {"resource_type": "video", "public_id": "clip"}, {"resource_type": "raw", "public_id": "notes.txt"},
    {"resource_type": "subtitles", "public_id": "words.srt"},
    {"resource_type": "subtitles", "public_id": "words.srt", **_STYLE},
    {"text": "Hello", "public_id": "stored_style"},
    *(
        {"text": text, **_STYLE}
        for text in ("Hello, World/", "100% ok?", "a:b;c#d", "ünïcödé ☃", "سلام", "two\nlines", "😀")
    ),
    *(
        {"text": "Hello", **_STYLE, option: value}
        for option, values in {
            "font_weight": ("normal", "bold", "thin", "light"),
            "font_style": ("normal", "italic"),
            "text_decoration": ("none", "underline", "strikethrough"),
            "text_align": ("left", "center", "right", "start", "end", "justify"),
            "stroke": ("none", "stroke"),
            "letter_spacing": (4, -2.5),
            "line_spacing": (10, -5),
            "font_antialias": ("none", "gray", "subpixel", "fast", "good", "best"),
            "font_hinting": ("none", "slight", "medium", "full"),
            "font_family": ("Times New Roman", "AlexBrush-Regular.ttf", "Roboto@google"),
        }.items()
        for value in values
    ),
]  # fmt: skip
_LENGTHS = [1, 120, 0.5, "1.0", "iw", "ih_mul_0.1", "w_div_2", "h * 2", "initial_width / 4"]
_SEEKS = [2, 2.5, "10p", "35%", "auto"]

OPTIONS: dict[str, list[Any]] = {
    "angle": [45, -20.5, "auto_right", "auto_left", "exif", "ignore", "hflip", "vflip", ["hflip", 45], "iw_div_9"],
    "aspect_ratio": ["16:9", 1.5, "1", "iar", "iw_div_ih"],
    "audio_codec": ["aac", "none"],
    "audio_frequency": [44100],
    "background": BACKGROUNDS.split(),
    "bit_rate": ["250k"],
    "border": ["4px_solid_black", "0px_solid_red", {"width": 2}, {"width": 4, "color": "#11223380"}],
    "color": ["red", "#112233", "#1234", "transparent"],
    "color_space": ["srgb", "tinysrgb", "cmyk", "no_cmyk", "keep_cmyk", "srgb:truecolor", "icc:profile.icc", "copy"],
    "crop": MODES.split(),
    "custom_function": [{"function_type": "remote", "source": "https://example.com/f"},
                        {"function_type": "wasm", "source": "blur.wasm"}],
    "custom_pre_function": [{"function_type": "remote", "source": "https://example.com/f"}],
    "default_image": ["avatar.png", "folder:avatar.png"],
    "delay": [200, "20"],
    "density": [150, "idn"],
    "dpr": [2, 1.5, "auto", "1.0"],
    "duration": _SEEKS[:4],
    "effect": [*EFFECTS.split(), ["sepia", 30], {"hue": 10}],
    "end_offset": _SEEKS[:4],
    "fetch_format": FORMATS.split(),
    "flags": [*FLAGS.split(), ["lossy", "progressive"]],
    "fps": [24, "24-30", [24, 29.97]],
    "gravity": GRAVITIES.split(),
    "height": _LENGTHS,
    "if": ["w_lt_200", "width < 200", "aspect_ratio >= 3:4 && face_count = 0", "!a!_in_tags", "tags nin !a!",
           "ctx:!key!_eq_!value!", "isdef_$w", "illustration_score > 0.5", "page_count = 1 || iw > 5"],
    "keyframe_interval": [0.5, 10],
    "offset": [[2, 3], "10p..20p"],
    "opacity": [30, 0, 100],
    "overlay": _LAYERS,
    "page": [1, 2, "3;5", "2-4", "5-", "name:one", "name:one;two", "embedded:1", "embedded:name:one"],
    "prefix": ["css"],
    "quality": [80, 1, 100, 0.4, "80:420", "80:444", "auto", "auto:best", "auto:good", "auto:eco", "auto:low",
                "auto:good:sensitive", "auto:sensitive", "auto:420", "auto:eco:444", "jpegmini", "jpegmini:1",
                "70:qmax_80"],
    "radius": [10, "max", "10:20", [10, 20, 30], [10, 20, 30, 40], "0:max", "w_div_10"],
    "start_offset": _SEEKS,
    "streaming_profile": ["hd"],
    "underlay": _LAYERS[:4],
    "variables": [[["$a", 10], ["$b", "$a * 2"]], [["$t", "!text!"]], [["$c", "ctx:!key!"]]],
    "video_codec": ["h264", "auto", {"codec": "h264", "profile": "basic", "level": "3.1"}],
    "video_sampling": [20, "2s"],
    "width": [*_LENGTHS, "auto", "auto:50", "auto:50:350", "auto:breakpoints", "auto:breakpoints_50_1000_20_20:500",
              "auto:breakpoints:json", "ow"],
    "x": [10, -10, 0.1, "iw_div_10"],
    "y": [10, -0.5, "h_mul_0.2"],
    "zoom": [0.7, 2, "1.5"],
}  # fmt: skip

_CUTTERS = {"scale": "center", "thumb": "face", "fill_pad": "auto", "auto_pad": "auto", "auto": "auto"}


def url(*components: dict[str, Any], **options: Any) -> str:
    """What the SDK writes for these components."""
    asked: dict[str, Any] = {"cloud_name": "demo", "api_secret": SECRET, "secure": True, **options}
    written, _ = cloudinary.utils.cloudinary_url(
        asked.pop("source", "sample.jpg"), transformation=[dict(each) for each in components], **asked
    )
    return str(written)


def each_value() -> list[str]:
    """Every value of every option, alone, and every crop mode with every gravity it may have."""
    alone = [url({option: value}) for option, values in OPTIONS.items() for value in values]
    sizes = (
        {"width": 100},
        {"height": 0.5},
        {"width": 100, "height": 50},
        {"aspect_ratio": "16:9", "width": 90},
    )
    cuts = [
        url({"crop": mode, "gravity": _CUTTERS.get(mode, "center"), **size})
        for mode in MODES.split()
        for size in sizes
    ]
    gravities = [
        url({"crop": mode, "gravity": gravity, "width": 100, "height": 50})
        for mode in ("fill", "crop", "thumb", "auto")
        for gravity in GRAVITIES.split()
        if gravity != "liquid"
    ]
    places = [
        url({"overlay": "logo"}, {"flags": ["layer_apply", flag], "gravity": gravity, "effect": blend})
        for flag in ("tiled", "no_overflow", "cutter", "region_relative", "text_disallow_overflow")
        for gravity in ("south_east", "face", "faces", "custom", "center")
        for blend in (None, "multiply", "screen", "overlay", "mask", "cut_out", "displace", "anti_removal:20")
    ]
    regions = [
        url({"effect": each, "gravity": "ocr_text"}) for each in ("blur_region:200", "pixelate_region")
    ]
    forms = [
        url({"width": 100, "crop": "scale"}, **options)
        for options in (
            {"type": "private", "sign_url": True}, {"type": "authenticated", "sign_url": True},
            {"type": "authenticated", "sign_url": True, "long_url_signature": True},
            {"type": "fetch", "source": "https://example.com/a b.jpg?x=1&y=2,3"}, {"shorten": True},
            {"use_root_path": True}, {"url_suffix": "red-shoe", "private_cdn": True}, {"version": 12},
            {"source": "folder/a photo"}, {"source": "ünïcödé"}, {"private_cdn": True}, {"cname": "img.example.com"},
            {"secure_distribution": "img.example.com", "private_cdn": True}, {"cdn_subdomain": True},
            {"format": "webp"}, {"responsive_width": True}, {"source": "v12/x"}, {"source": "a&b=c+d,e"},
        )
    ]  # fmt: skip
    named = [url({"transformation": "thumb"}), url({"transformation": ["thumb", "small"]})]
    return list(dict.fromkeys(chain(alone, cuts, gravities, places, regions, forms, named)))


def _component() -> st.SearchStrategy[dict[str, Any]]:
    one = st.sampled_from([(option, value) for option, values in OPTIONS.items() for value in values])
    return st.lists(one, min_size=1, max_size=5).map(dict)


def urls() -> st.SearchStrategy[str]:
    """Chains of components of options, freely combined."""
    return st.lists(_component(), min_size=1, max_size=4).map(lambda components: url(*components))
