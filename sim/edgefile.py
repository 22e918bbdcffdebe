"""The file of an edge that stands alone: the fields of `edge.settings.Settings`, with units where people write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs
from attrs import evolve

from edge.settings import Settings
from sim.topology.units import measured
from wire import document
from wire.document import Document, DocumentError, Problem

NEEDED = {"upstreams": "upstream", "listen": "listen"}


def read(text: str, given: Mapping[str, Any], *, folder: Path) -> Settings:
    """The settings of a file, with what was `given` outside of it in their place.

    `hot_bytes: 64MiB` and `idle_seconds: 1min` are understood beside plain numbers; paths are relative to the
    file's `folder`. Raises DocumentError with all that is wrong in the file, ValueError for what else is.
    """
    loaded = document.load(text)
    problems: list[Problem] = []
    told = measured(loaded, loaded.plain, (), problems, folder)
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
    """The settings as plain values that `read` understands again: first where it stands, then what it does."""
    values = attrs.asdict(settings)
    own_first = sorted(attrs.fields(type(settings)), key=lambda each: each.inherited)
    return {each.name: _plainly(values[each.name]) for each in own_first}


def _plainly(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plainly(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plainly(each) for each in value]
    return value
