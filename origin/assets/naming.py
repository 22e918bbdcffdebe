"""What an uploaded asset is called: validity and choice of its public id (upload-api §3.2, §3.3)."""

import re
import string
from random import Random

from wire.components import printable
from wire.errors import InvalidRequest
from wire.public_ids import MAX_CHARACTERS, check_public_id

_ALPHABET = string.ascii_lowercase + string.digits
_FILENAME_ILLEGAL = re.compile(r"[?&#\\%<>+/\s\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


def checked_folder(folder: str, name: str) -> str:
    """A folder parameter as a prefix without its outer slashes; empty is the root."""
    trimmed = folder.strip("/")
    if trimmed:
        try:
            check_public_id(trimmed)
        except InvalidRequest as error:
            raise InvalidRequest(f"{name} ({printable(folder)}) is invalid") from error
    return trimmed


def checked_display_name(name: str) -> str:
    """A display name (upload-api §3.2)."""
    if "/" in name:
        raise InvalidRequest("Display name cannot contain slashes")
    if len(name) > MAX_CHARACTERS or any(ord(each) < 32 for each in name):
        raise InvalidRequest("Display name is invalid")
    return name


def stem_and_extension(filename: str) -> tuple[str, str]:
    """`logo.final.png` → (`logo.final`, `png`); a leading dot begins no extension."""
    stem, dot, extension = filename.rpartition(".")
    if not dot or not stem or not re.fullmatch(r"[A-Za-z0-9]{1,16}", extension):
        return filename, ""
    return stem, extension.lower()


def random_name(rng: Random, length: int) -> str:
    """Lower case letters and digits."""
    return "".join(rng.choices(_ALPHABET, k=length))


def from_filename(filename: str) -> str:
    """A file name's stem with everything a public id may not hold turned to `_`; possibly empty."""
    stem, _ = stem_and_extension(filename)
    return _FILENAME_ILLEGAL.sub("_", stem).strip("_. ")


def chosen_public_id(
    *,
    public_id: str | None,
    filename: str | None,
    use_filename: bool,
    unique_filename: bool,
    prefix: str,
    is_raw: bool,
    rng: Random,
) -> str:
    """The id of a new upload, checked (upload-api §3.3)."""
    name = public_id
    if name is None:
        stem = from_filename(filename) if use_filename and filename else ""
        if stem:
            name = stem[: MAX_CHARACTERS - 40]
            name += f"_{random_name(rng, 6)}" if unique_filename else ""
        else:
            name = random_name(rng, 20)
        extension = stem_and_extension(filename)[1] if filename else ""
        if is_raw and extension:
            name += f".{extension}"
    return check_public_id(f"{prefix}/{name}" if prefix else name)
