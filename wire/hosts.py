"""Which cloud a host belongs to: a private distribution's name says it, on shared hosts the path does.

Sheet: delivery-urls.md §2. Shards (`img-3.example.com`, `a3.img.example.com`) are one and the same site.
"""

import re
from collections.abc import Mapping

from attrs import field, frozen

IN_PATH = "in path"
"""The table's word for a shared host."""

_PORT = re.compile(r":[0-9]*\Z")
_SHARD = re.compile(r"(?P<label>[^.]+)-[1-5](?P<rest>\..*)?", re.DOTALL)
_ALIAS = re.compile(r"a[1-5]\.(?P<host>.+)", re.DOTALL)


@frozen
class Hosts:
    """A table of hosts. One that is not in it is shared."""

    table: Mapping[str, str] = field(factory=dict)  # host, lower case, without port → cloud, or `IN_PATH`

    def cloud_of(self, authority: str) -> str | None:
        """The cloud whose own host this is; None where the path names it. Takes a Host field as it came."""
        if not self.table:
            return None
        for name in spellings(authority):
            owner = self.table.get(name)
            if owner is not None:
                return None if owner == IN_PATH else owner
        return None


def spellings(authority: str) -> tuple[str, ...]:
    """The names a host may be listed under: itself, then without its shard mark."""
    host = _PORT.sub("", authority.strip().lower()).rstrip(".")
    names = [host]
    if (alias := _ALIAS.fullmatch(host)) is not None:
        names.append(alias["host"])
    if (shard := _SHARD.fullmatch(host)) is not None:
        names.append(shard["label"] + (shard["rest"] or ""))
    return tuple(names)
