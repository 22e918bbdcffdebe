"""What files are called inside of an archive: their assets' names, each name once (upload-api §9)."""

import re

from attrs import define, field, frozen

from origin.assets.naming import stem_and_extension
from origin.catalogue import Asset

_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f\\:*?"<>|]+')  # somewhere no file may be called so
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._,=-]+")
_LONGEST = 200  # characters of a segment; file systems take 255 bytes, and a counter may follow


@frozen
class Style:
    """How files are named."""

    flatten_folders: bool = False
    flatten_transformations: bool = False
    skip_transformation_name: bool = False
    use_original_filename: bool = False
    is_mixed: bool = False  # of one asset there are several files


@define(eq=False)
class Names:
    """The names given so far."""

    style: Style
    _taken: set[str] = field(factory=set, init=False)
    _counted: dict[str, int] = field(factory=dict, init=False)

    def name(self, asset: Asset, transformation: str, extension: str) -> str:
        """The path of a file, `/`-separated, relative, unlike every one before, whatever the letters' case."""
        stem, extension = self._stem(asset, extension)
        if self.style.is_mixed and not self.style.skip_transformation_name:
            told = _NOT_PLAIN.sub("_", transformation).strip("_.") or "original"
            told = told[:_LONGEST]
            stem = f"{stem}_{told}" if self.style.flatten_transformations else f"{told}/{stem}"
        return self._free(_safe(stem), f".{extension}" if extension else "")

    def _stem(self, asset: Asset, extension: str) -> tuple[str, str]:
        public_id = asset.identity.public_id
        if not extension:  # a raw file has its extension in its name
            public_id, extension = stem_and_extension(public_id)
        folder, slash, name = public_id.rpartition("/")
        if self.style.use_original_filename and asset.original_filename:
            name = asset.original_filename.replace("/", "_")
        return (name if self.style.flatten_folders else f"{folder}{slash}{name}"), extension

    def _free(self, stem: str, suffix: str) -> str:
        name, key = f"{stem}{suffix}", f"{stem}{suffix}".casefold()
        count = self._counted.get(key, 0)
        while name.casefold() in self._taken:
            count += 1
            name = f"{stem}_{count}{suffix}"
        self._counted[key] = count
        self._taken.add(name.casefold())
        return name


def _safe(path: str) -> str:
    """A path that leads nowhere but into the folder where it is unpacked."""
    segments = [_UNSAFE.sub("_", each)[:_LONGEST].strip(" ") for each in path.split("/")]
    kept = [each for each in segments if each.strip(".")]
    return "/".join(kept) or "file"
