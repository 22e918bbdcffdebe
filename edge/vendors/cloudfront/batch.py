"""What a client wants invalidated (cdn-vendors §7.1, §7.3, §7.4)."""

from __future__ import annotations

import re
from urllib.parse import quote
from xml.etree import ElementTree  # no DTD and no entity gets as far as the parser

from attrs import frozen

from edge.control.purge import Purge
from edge.personality.cloudfront.caching import is_tag
from edge.vendors.cloudfront.errors import AwsError

NAMESPACE = "http://cloudfront.amazonaws.com/doc/2020-05-31/"
LONGEST_PATH = 4000
BAD_PATHS = "Your request contains one or more invalid invalidation paths."
_NUMBER = re.compile("[0-9]{1,18}")
_KEPT = "".join(map(chr, range(33, 127)))


@frozen
class Batch:
    """Paths, path prefixes and tags, under a reference of the caller's."""

    items: tuple[str, ...]
    reference: str

    @classmethod
    def parse(cls, body: bytes, *, with_tags: bool) -> Batch:
        """The batch of a request's body; `AwsError` for anything else."""
        if not body.strip():
            raise AwsError("MissingBody", "This operation requires a body.")
        root = _parsed(body)
        if _name(root) != "InvalidationBatch":
            raise AwsError("InvalidArgument", "An InvalidationBatch is wanted.")
        paths, reference = _child(root, "Paths"), _child(root, "CallerReference")
        if paths is None or reference is None or not (reference.text or "").strip():
            raise AwsError("InvalidArgument", "A batch has Paths and a CallerReference.")
        listed, quantity = _child(paths, "Items"), _child(paths, "Quantity")
        items = tuple(each.text or "" for each in listed or () if _name(each) == "Path")
        told = (quantity.text or "").strip() if quantity is not None else ""
        if not _NUMBER.fullmatch(told) or int(told) != len(items):
            raise AwsError("InconsistentQuantities", "The value of Quantity and the number of Items differ.")
        if not items or not all(_is_sound(item, with_tags=with_tags) for item in items):
            raise AwsError("InvalidArgument", BAD_PATHS)
        return cls(items, reference.text or "")

    def is_same(self, items: tuple[str, ...]) -> bool:
        """Whether these are the same paths, whatever their order."""
        return set(self.items) == set(items)

    @property
    def wildcards(self) -> int:
        """How many of them end with `*`."""
        return sum(item.endswith("*") and not item.startswith("#") for item in self.items)

    @property
    def purge(self) -> Purge:
        """What every edge of the distribution is to forget. A wildcard behind a question mark takes all whose path
        begins so."""
        return purge_of(self.items)


def purge_of(items: tuple[str, ...]) -> Purge:
    """The purge that these paths and tags come to."""
    plain = [item for item in items if not item.startswith("#")]
    wild = [item[:-1].partition("?")[0] for item in plain if item.endswith("*")]
    return Purge(
        urls=tuple(quote(item, safe=_KEPT) for item in plain if not item.endswith("*")),
        keys=tuple(item[1:].strip().lower() for item in items if item.startswith("#")),
        prefixes=tuple(quote(item, safe=_KEPT) for item in wild if item != "/"),
        everything="/" in wild,
    )


def _parsed(body: bytes) -> ElementTree.Element:
    try:
        text = body.decode("utf-8-sig")
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise AwsError("InvalidArgument", "A body has no DTD and no entities.")
        return ElementTree.fromstring(text)  # noqa: S314  nothing of what that rule warns of is left
    except (UnicodeDecodeError, ElementTree.ParseError, ValueError) as error:
        raise AwsError("InvalidArgument", "The body is not well-formed XML.") from error


def _name(element: ElementTree.Element) -> str:
    """The local name of an element of ours, or of one without a namespace; empty for another's."""
    space, found, local = element.tag.rpartition("}")
    return local if not found or space == "{" + NAMESPACE else ""


def _child(element: ElementTree.Element, name: str) -> ElementTree.Element | None:
    return next((each for each in element if _name(each) == name), None)


def _is_sound(item: str, *, with_tags: bool) -> bool:
    """Whether it is a path or a tag; neither begins or ends with white space, which URLs have encoded (§7.3)."""
    if item != item.strip():
        return False
    if item.startswith("#"):
        return with_tags and is_tag(item[1:].strip().lower())
    return item.startswith("/") and len(item) <= LONGEST_PATH and "*" not in item[:-1] and "#" not in item
