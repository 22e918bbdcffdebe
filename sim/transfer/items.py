"""What a file becomes in a cloud, and what an asset becomes on disk. Pure."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

from attrs import asdict, field, frozen

from wire import jsontext

_IMAGES = "jpg jpeg jpe png webp avif gif bmp tif tiff ico heic heif jp2 tga pdf svg psd jxl"
_VIDEOS = "mp4 mov webm mkv avi m4v mp3 wav ogg aac flac m4a"
IMAGES, VIDEOS = frozenset(_IMAGES.split()), frozenset(_VIDEOS.split())
MANIFEST = "manifest.jsonl"
LONGEST_NAME = 150  # characters of one file name; file systems take 255 bytes
_ILLEGAL = re.compile(r"[?&#\\%<>+\x00-\x1f\x7f\ud800-\udfff]")  # surrogates: bytes that are no UTF-8
_UNSAFE = re.compile(r'[<>:"\\|?*\x00-\x1f\x7f]')


@frozen(kw_only=True)
class Item:
    """A file under the folder, and the asset that it is or will be."""

    file: str  # relative, `/` between its parts
    public_id: str
    resource_type: str = "image"  # image, video or raw
    type: str = "upload"
    tags: tuple[str, ...] = ()
    context: Mapping[str, str] = field(factory=dict)
    metadata: Mapping[str, Any] = field(factory=dict)
    asset_folder: str = ""
    display_name: str = ""

    def to_line(self) -> str:
        """A line of the manifest."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_line(cls, line: str) -> "Item":
        """The inverse; ValueError for a line that is none."""
        try:
            said = jsontext.read(line)
            return cls(**{**said, "tags": tuple(said.get("tags", ()))})
        except (TypeError, AttributeError) as error:
            raise ValueError(str(error)) from error

    def params(self) -> dict[str, str]:
        """What an upload says of it (upload-api §3.2)."""
        said = {
            "public_id": self.public_id,
            "type": "" if self.type == "upload" else self.type,
            "tags": ",".join(self.tags),
            "context": "|".join(f"{_escaped(key)}={_escaped(value)}" for key, value in self.context.items()),
            "metadata": "|".join(
                f"{_escaped(key)}={_escaped(_spelled(value))}" for key, value in self.metadata.items()
            ),
            "asset_folder": self.asset_folder,
            "display_name": self.display_name,
        }
        return {name: value for name, value in said.items() if value}


def items_of(files: Iterable[str]) -> tuple[Item, ...]:
    """The assets that files of a plain folder become: `a/b/cat.jpg` is `a/b/cat` in the folder a/b.

    Raw files keep their extension, and so do pictures whose names would be the same without.
    """
    found = sorted(file for file in files if not any(part.startswith(".") for part in file.split("/")))
    bare = Counter((_kind(file), _public_id(file, with_extension=False)) for file in found)
    items = []
    for file in found:
        kind = _kind(file)
        is_shared = bare[kind, _public_id(file, with_extension=False)] > 1
        public_id = _public_id(file, with_extension=kind == "raw" or is_shared)
        folder = "" if "/" not in public_id else public_id.rpartition("/")[0]
        items.append(Item(file=file, public_id=public_id, resource_type=kind, asset_folder=folder))
    return tuple(items)


def file_name(asset: Mapping[str, Any], taken: Collection[str]) -> str:
    """Where an asset of a listing is kept: its id with an extension, told apart from what is there already.

    Delivery types but `upload` have a folder of their own, so have resource types but `image`.
    """
    public_id, extension = str(asset["public_id"]), str(asset.get("format") or "")
    parts = [asset["resource_type"]] if asset["resource_type"] != "image" else []
    parts += [asset["type"]] if asset["type"] != "upload" else []
    parts += [_safe(part) for part in public_id.split("/")]
    if extension and PurePosixPath(public_id).suffix.lower() != f".{extension}":
        parts[-1] += f".{extension}"
    name = "/".join(str(part) for part in parts)
    if name == MANIFEST or _clashes(name, taken):
        mark = sha256(json.dumps([asset["resource_type"], asset["type"], public_id]).encode()).hexdigest()[
            :12
        ]
        name = f"clashes/{mark}.{extension or 'bin'}"
    return name


def _clashes(name: str, taken: Collection[str]) -> bool:
    """Whether the name is a file's or a folder's already, or lies below a file, case aside."""
    lowered = name.casefold()
    above = {str(parent).casefold() for parent in PurePosixPath(name).parents}
    return any(
        other == lowered or other in above or other.startswith(lowered + "/")
        for other in map(str.casefold, taken)
    )


def _safe(part: str) -> str:
    """One part of a public id as one part of a path on any file system."""
    safe = _UNSAFE.sub("_", part).strip(". ") or "_"
    if safe == part and len(safe) <= LONGEST_NAME:
        return safe
    return f"{safe[:LONGEST_NAME]}~{sha256(part.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _kind(file: str) -> str:
    extension = PurePosixPath(file).suffix[1:].lower()
    return "image" if extension in IMAGES else "video" if extension in VIDEOS else "raw"


def _public_id(file: str, *, with_extension: bool) -> str:
    path = PurePosixPath(file)
    name = file if with_extension else str(path.with_suffix(""))
    return "/".join(_ILLEGAL.sub("_", part).strip() or "_" for part in name.split("/"))


def _escaped(text: str) -> str:
    return text.replace("=", "\\=").replace("|", "\\|")


def _spelled(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else str(value)
