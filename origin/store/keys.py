"""The names objects go by: `/`-separated, plain characters, spread over folders by a hash."""

import re

LONGEST = 512
LONGEST_SEGMENT = 200

_KEY = re.compile(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*")
_PREFIX = re.compile(r"[A-Za-z0-9._/-]*")


def checked_key(key: str) -> str:
    """The key itself, or `ValueError`: a bad key is our own mistake, never a viewer's."""
    if len(key) > LONGEST or not _KEY.fullmatch(key):
        raise ValueError(f"not an object key: {key!r}")
    for segment in key.split("/"):
        if segment in (".", "..") or len(segment) > LONGEST_SEGMENT:
            raise ValueError(f"not an object key: {key!r}")
    return key


def checked_prefix(prefix: str) -> str:
    """The start of a key, which may end anywhere, or `ValueError`."""
    if len(prefix) > LONGEST or not _PREFIX.fullmatch(prefix):
        raise ValueError(f"not the start of an object key: {prefix!r}")
    return prefix


def original_key(cloud: str, revision: str, extension: str | None) -> str:
    """Where an upload's bytes go: `demo/original/3f/3fa8….jpg`; one revision's alone, never overwritten."""
    return checked_key(f"{cloud}/original/{revision[:2]}/{revision}{_suffix(extension)}")


def derived_object_key(cloud: str, derived_key: str, unique: str, extension: str | None) -> str:
    """Where a rendering's bytes go. `unique`, fresh per render, keeps two renders of one key apart."""
    return checked_key(f"{cloud}/derived/{derived_key[:2]}/{derived_key}-{unique}{_suffix(extension)}")


def incoming_key(cloud: str, unique: str) -> str:
    """Where bytes wait until they are an asset's: a part of a file, or a file to be taken in later."""
    return checked_key(f"{cloud}/incoming/{unique[:2]}/{unique}")


def object_prefixes(cloud: str) -> tuple[str, ...]:
    """What every key above starts with, for one cloud."""
    return f"{cloud}/original/", f"{cloud}/derived/", f"{cloud}/incoming/"


def _suffix(extension: str | None) -> str:
    return f".{extension}" if extension else ""
