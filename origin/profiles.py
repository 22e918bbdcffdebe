"""Streaming profiles: the predefined ones, and how requests write and answers show them (admin-api §15)."""

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from origin.catalogue import Profile
from origin.transform.longnames import described, spelled
from wire import jsontext
from wire.components import printable
from wire.errors import InvalidRequest

MOST_REPRESENTATIONS = 50

_SIZES = {2160: 3840, 1440: 2560, 1080: 1920, 720: 1280, 540: 960, 480: 854, 360: 640, 270: 480}
_LADDERS: Mapping[str, tuple[str, Mapping[int, int]]] = {  # height → kilobits a second
    "4k": (
        "4K (2160p)",
        {2160: 35000, 1440: 16000, 1080: 8500, 720: 5500, 540: 3500, 360: 2000, 270: 1000},
    ),
    "full_hd": ("Full HD (1080p)", {1080: 8500, 720: 5500, 540: 3500, 360: 2000, 270: 1000}),
    "hd": ("HD (720p)", {720: 5500, 540: 3500, 360: 2000, 270: 1000}),
    "sd": ("SD (480p)", {480: 2500, 360: 1500, 270: 800}),
    "full_hd_wifi": ("Full HD WiFi (1080p)", {1080: 8500, 720: 5500, 540: 3500}),
    "full_hd_lean": ("Full HD Lean (1080p)", {1080: 5500, 720: 3000, 360: 1000}),
    "hd_lean": ("HD Lean (720p)", {720: 3000, 360: 1000}),
}
PREDEFINED = tuple(_LADDERS)
"""The names of those that every cloud has, in the order they are listed."""


def predefined(cloud: str, name: str) -> Profile | None:
    """A profile as it is while nobody changed it."""
    if name not in _LADDERS:
        return None
    display_name, rates = _LADDERS[name]
    return Profile(
        cloud=cloud,
        name=name,
        external_id=str(uuid5(NAMESPACE_URL, f"pixeledge:{cloud}/streaming_profiles/{name}")),
        display_name=display_name,
        representations=tuple(
            f"br_{rate}k,c_limit,h_{height},vc_h264,w_{_SIZES[height]}" for height, rate in rates.items()
        ),
    )


def read_representations(text: str) -> tuple[str, ...]:
    """The chains of a JSON array of `{"transformation": …}`, each a text or objects with long names."""
    try:
        document = jsontext.read(text)
    except ValueError as error:
        raise _invalid() from error
    if not isinstance(document, list) or not 0 < len(document) <= MOST_REPRESENTATIONS:
        raise _invalid()
    return tuple(map(_chain, document))


def shown(profile: Profile) -> dict[str, Any]:
    """A profile with all it holds."""
    chains = [{"transformation": described(each)} for each in profile.representations]
    return {**headline(profile), "representations": chains}


def headline(profile: Profile) -> dict[str, Any]:
    """A profile as a list shows it."""
    return {
        "name": profile.name,
        "display_name": profile.display_name,
        "predefined": profile.name in _LADDERS,
        "external_id": profile.external_id,
    }


def _chain(document: Any) -> str:
    match document:
        case {"transformation": str() as chain} if chain:
            objects = described(chain)
            if any("format" in each for each in objects):
                raise InvalidRequest(f"Invalid transformation component - {printable(chain)}")
            return chain
        case {"transformation": dict() as single}:
            return _spelled([single])
        case {"transformation": [*objects]} if objects and all(isinstance(each, dict) for each in objects):
            return _spelled(objects)
    raise _invalid()


def _spelled(objects: list[dict[str, Any]]) -> str:
    if any("format" in each for each in objects) or not (chain := spelled(objects)):
        raise _invalid()
    return chain


def _invalid() -> InvalidRequest:
    return InvalidRequest(
        'representations is invalid: expected a JSON array of {"transformation": …}, '
        f"{MOST_REPRESENTATIONS} at most"
    )
