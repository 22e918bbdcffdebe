"""What a record asks a cloud for: the number of an asset becomes one of the cloud's pictures. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from attrs import frozen

from sim.traffic.record import Kind, Record

ACCEPTS = {
    "avif": "image/avif,image/webp,image/png,image/jpeg,*/*;q=0.8",
    "webp": "image/webp,image/png,image/jpeg,*/*;q=0.8",
}
ANY = "image/png,image/jpeg,*/*;q=0.8"
NEVER_AGAIN = (
    10**12
)  # fresh assets begin above: beyond all of a workload with `MOST_KEYS`, whatever ages there


class NoPicturesError(Exception):
    """There is nothing to ask for."""


@frozen
class Picture:
    """An image that the cloud has."""

    public_id: str
    format: str


@frozen
class Targets:
    """Assets beyond the cloud's pictures are their versions: another cache key, the same picture.

    So a workload of any size runs on a handful of pictures, and caches see what they would see of as many.
    """

    cloud: str
    pictures: Sequence[Picture]

    def of(self, record: Record) -> str:
        """The request target; raises NoPicturesError of a cloud without pictures."""
        if record.path:
            return record.path
        if not self.pictures:
            raise NoPicturesError(f"the cloud {self.cloud} has no pictures to ask for: upload some")
        number = record.asset if record.asset >= 0 else NEVER_AGAIN - record.asset
        generation, which = divmod(number, len(self.pictures))
        picture = self.pictures[which]
        chain = f"c_limit,f_auto,w_{record.width}/" if record.width else ""
        ending = f"{quote(picture.public_id)}.{picture.format}"
        return f"/{self.cloud}/image/upload/{chain}v{generation + 1}/{ending}{record.query}"

    def variants_of(self, asset: int, widths: Sequence[int]) -> list[str]:
        """The paths of all variants of an asset: one for each width, and the original's."""
        return [self.of(Record(0, "", Kind.VIEW, asset, width)) for width in (*widths, 0)]


def accept_of(record: Record) -> str:
    """What the viewer's browser says it takes."""
    return ACCEPTS.get(record.format, ANY)
