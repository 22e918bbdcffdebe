"""What a process holds open, by kind: what leaks shows here."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from typing import Literal

Kind = Literal["sockets", "pipes", "files", "others"]


def open_in(process: int | None = None) -> list[str]:
    """What its descriptors point to (proc(5), /proc/pid/fd); without a number, this process's own."""
    folder = f"/proc/{process or 'self'}/fd"
    names = []
    for number in os.listdir(folder):
        with suppress(OSError):  # closed a moment ago, like the one that lists them
            names.append(os.readlink(f"{folder}/{number}"))
    return names


def kind_of(name: str) -> Kind:
    """Of what a descriptor points to."""
    if name.startswith("/"):
        return "files"
    return {"socket": "sockets", "pipe": "pipes"}.get(name.partition(":")[0], "others")  # type: ignore[return-value]


def counted(process: int | None = None) -> Counter[Kind]:
    """How many of each kind it holds open."""
    return Counter(map(kind_of, open_in(process)))
