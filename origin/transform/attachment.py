"""`fl_attachment`: delivered to be saved, under a name. Sheet: delivery-urls.md §8.5."""

from urllib.parse import quote

from attrs import frozen

from origin.transform.values import invalid
from wire.components import decoded

_ALLOWED_MARKS = frozenset("_-! .")


@frozen
class Attachment:
    """A wish to save the result; `name` (without extension) is None when the asset's own name will do."""

    name: str | None = None

    def spelled(self) -> str:
        """The canonical flag: dots doubly escaped, since a dot joins flags."""
        if self.name is None:
            return "attachment"
        return "attachment:" + quote(self.name.replace(".", "%2E"), safe="!")

    def disposition(self, fallback: str, extension: str) -> str:
        """The `Content-Disposition`, given the name the asset would go by and the delivered extension."""
        return content_disposition(self.name or fallback, extension)


def read_attachment(argument: str) -> Attachment:
    """The attachment a flag asks for; its argument was decoded once, its dots twice escaped."""
    if not argument:
        return Attachment()
    name = decoded(argument)
    if not all(character.isalnum() or character in _ALLOWED_MARKS for character in name) or not name.strip(
        " ."
    ):
        raise invalid("flag", f"attachment:{argument}")
    return Attachment(name)


def content_disposition(stem: str, extension: str) -> str:
    """`attachment; filename="<ascii>"; filename*=UTF-8''<percent-encoded>`: header-safe for any stem."""
    name = stem.rpartition("/")[2] or "file"
    full = f"{name}.{extension}" if extension else name
    ascii_name = "".join(each if " " <= each <= "~" and each not in '"\\%' else "_" for each in full)
    encoded = quote(full.encode("utf-8", "replace"), safe="!-._~")
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{encoded}"
