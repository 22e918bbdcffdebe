"""The file of an edge that stands alone: the fields of `edge.settings.Settings`, with units where people write them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs
from attrs import evolve

from edge.settings import Settings
from sim.topology.quantities import Address, Duration, Size
from wire import document
from wire.document import Document, DocumentError, Problem

UNITS: dict[str, Callable[[object], object]] = {
    "_bytes": lambda written: Size.parse(written).bytes,
    "_seconds": lambda written: Duration.parse(written).seconds,
    "listen": lambda written: str(Address.parse(written)),
    "control": lambda written: str(Address.parse(written)),
}
PATHS = ("cache_dir", "access_log", "authority", "upstream_ca", "cert", "key")
NEEDED = {"upstreams": "upstream", "listen": "listen"}


def read(text: str, given: Mapping[str, Any], *, folder: Path) -> Settings:
    """The settings of a file, with what was `given` outside of it in their place.

    `hot_bytes: 64MiB` and `idle_seconds: 1min` are understood beside plain numbers; paths are relative to the
    file's `folder`. Raises DocumentError with all that is wrong in the file, ValueError for what else is.
    """
    loaded = document.load(text)
    problems: list[Problem] = []
    told = _read(loaded, loaded.plain, (), folder, problems)
    if isinstance(told, dict):
        told |= given
        missing = [
            f"--{option}" for name, option in NEEDED.items() if name not in {*loaded.keys_at(), *given}
        ]
        if missing:
            raise ValueError(f"{' and '.join(missing)} must be given, or stand in the file of --config")
        problems += _not_base_urls(loaded, told.get("upstreams"))
    settings, found = document.structure(evolve(loaded, plain=told), Settings)
    if settings is None or problems or found:
        raise DocumentError((*problems, *found))
    return settings


def base_url(written: str) -> str:
    """An upstream as it must be: http or https, a host, perhaps a port and a path, nothing after it."""
    try:
        parts = urlsplit(written)
        is_sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is none
        is_sound = False
    if not is_sound or parts.query or parts.fragment or parts.username:
        raise ValueError(f"{written}: a base URL looks like http://host:8080")
    return written


def _not_base_urls(loaded: Document, upstreams: object) -> Iterator[Problem]:
    urls = upstreams if isinstance(upstreams, list) and all(isinstance(url, str) for url in upstreams) else []
    for place, url in enumerate(urls):
        try:
            base_url(url)
        except ValueError as wrong:
            yield loaded.problem(("upstreams", place), str(wrong))


def as_plain(settings: attrs.AttrsInstance) -> dict[str, Any]:
    """The settings as plain values that `read` understands again."""
    return {name: _plainly(value) for name, value in attrs.asdict(settings).items()}


def _plainly(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plainly(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plainly(each) for each in value]
    return value


def _read(loaded: Document, plain: Any, path: document.Path, folder: Path, problems: list[Problem]) -> Any:
    """The plain values, with every size, duration, address and path that was written as text read."""
    if isinstance(plain, list):
        return [_read(loaded, each, (*path, place), folder, problems) for place, each in enumerate(plain)]
    if not isinstance(plain, dict):
        return plain
    found: dict[str, Any] = {}
    for name, value in plain.items():
        found[name] = _read(loaded, value, (*path, name), folder, problems)
        if not isinstance(value, str):
            continue
        if name in PATHS and value:
            found[name] = str((folder / value).resolve())
        unit = next((unit for unit in UNITS if name.endswith(unit)), None)
        try:
            found[name] = UNITS[unit](value) if unit is not None and value else found[name]
        except ValueError as wrong:
            problems.append(loaded.problem((*path, name), str(wrong)))
            del found[name]
    return found
