"""A chain as the Admin API shows it: one object per component, long names, integers as numbers (admin-api.md §10).

Values stay as written, percent-escapes included: what an object holds spells the same param again. A format that
closes a transformation (`c_fill,w_100/png`) stands in the last object as `format`, empty for a slash alone.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wire.components import KEYS, Param, is_component, printable, split_chain
from wire.errors import InvalidRequest
from wire.public_ids import FORMATS

Described = list[dict[str, Any]]

NAMES = {
    "a": "angle",
    "ac": "audio_codec",
    "af": "audio_frequency",
    "ar": "aspect_ratio",
    "b": "background",
    "bl": "baseline",
    "bo": "border",
    "br": "bit_rate",
    "c": "crop",
    "co": "color",
    "cs": "color_space",
    "d": "default_image",
    "dl": "delay",
    "dn": "density",
    "dpr": "dpr",
    "dr": "dynamic_range",
    "du": "duration",
    "e": "effect",
    "eo": "end_offset",
    "f": "fetch_format",
    "fl": "flags",
    "fn": "custom_function",
    "fps": "fps",
    "g": "gravity",
    "h": "height",
    "if": "if",
    "ki": "keyframe_interval",
    "l": "overlay",
    "o": "opacity",
    "p": "prefix",
    "pg": "page",
    "q": "quality",
    "r": "radius",
    "so": "start_offset",
    "sp": "streaming_profile",
    "t": "transformation",
    "u": "underlay",
    "vc": "video_codec",
    "vs": "video_sampling",
    "w": "width",
    "x": "x",
    "y": "y",
    "z": "zoom",
}
"""The long name of every key of the grammar."""

_KEY_OF = {**{key: key for key in KEYS}, **{name: key for key, name in NAMES.items()}}
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")  # no more digits than every JSON reader keeps
_VARIABLE = re.compile(r"\$[A-Za-z][A-Za-z0-9]*")
FORMAT, VARIABLES = "format", "variables"


def described(text: str) -> Described:
    """The objects of a transformation, or `Invalid transformation component - …`."""
    chain, extension = without_format(text)
    objects = [_object(component.params) for component in split_chain(chain)]
    if extension is None:
        return objects
    if not objects:
        return [{FORMAT: extension}]
    return [*objects[:-1], {**objects[-1], FORMAT: extension}]


def spelled(objects: Sequence[Mapping[str, Any]]) -> str:
    """The text of such objects: conditions and variables first, then params by their keys, as the SDKs write them."""
    extension = objects[-1].get(FORMAT) if objects else None
    components = [_component(each) for each in objects]
    chain = "/".join(each for each in components if each)
    split_chain(chain)
    if extension is None:
        return chain
    if extension != "" and (not isinstance(extension, str) or extension.lower() not in FORMATS):
        raise InvalidRequest(f"Unsupported output format {printable(str(extension))}")
    return f"{chain}/{extension}" if chain else extension


def ordered(chain: str) -> str:
    """A chain as written, each component's params in the order of the SDKs (upload-api §6)."""
    return "/".join(_ordered(component.params) for component in split_chain(chain))


def without_format(text: str) -> tuple[str, str | None]:
    """A transformation, and the format that closes it: empty for a slash alone, None without one."""
    head, slash, last = text.rpartition("/")
    if slash and head and not last:
        return head, ""
    if last.lower() in FORMATS and not is_component(last):
        return head, last
    return text, None


def _ordered(params: Iterable[Param]) -> str:
    first: list[str] = []
    variables: list[str] = []
    others: list[str] = []
    for param in params:
        kind = first if param.key == "if" else variables if param.key.startswith("$") else others
        kind.append(str(param))
    return ",".join([*first, *variables, *sorted(others)])


def _object(params: Iterable[Param]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for param in params:
        if param.key.startswith("$"):
            shown.setdefault(VARIABLES, []).append([param.key, param.raw])
        elif param.key == "fl":
            shown["flags"] = f"{shown['flags']}.{param.raw}" if "flags" in shown else param.raw
        else:
            shown[NAMES[param.key]] = int(param.raw) if _INTEGER.fullmatch(param.raw) else param.raw
    return shown


def _component(shown: Mapping[str, Any]) -> str:
    first: list[str] = []
    variables: list[str] = []
    others: list[str] = []
    for name, value in shown.items():
        if name == FORMAT:
            continue
        if name == VARIABLES:
            variables += _assignments(value)
        elif (key := _KEY_OF.get(name)) is None:
            raise InvalidRequest(f"Invalid transformation component - {printable(name)}")
        else:
            (first if key == "if" else others).append(f"{key}_{_raw(name, value)}")
    return ",".join([*first, *variables, *sorted(others)])


def _assignments(pairs: Any) -> Iterable[str]:
    for pair in pairs if isinstance(pairs, list) else [pairs]:
        if not (isinstance(pair, list) and len(pair) == 2 and _VARIABLE.fullmatch(str(pair[0]))):
            raise InvalidRequest(
                "Invalid transformation component - variables must be pairs of a name and a value"
            )
        yield f"{pair[0]}_{_raw(VARIABLES, pair[1])}"


def _raw(name: str, value: Any) -> str:
    """A value as its param is written; it may end neither its param nor its component."""
    if isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
        return str(value).replace(",", "%2C").replace("/", "%2F")
    raise InvalidRequest(f"Invalid transformation component - {printable(name)}_{printable(str(value))}")
