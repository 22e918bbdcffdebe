"""XMP reduced to who made a picture and who may use it: a packet written anew, of whitelisted texts alone.

ISO 16684-1: RDF in XML; a property is an attribute of a description, or an element whose text stands in it or in
the items of a list.
"""

from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, ParseError, SubElement, TreeBuilder, XMLParser

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC = "{http://purl.org/dc/elements/1.1/}"
RIGHTS = "{http://ns.adobe.com/xap/1.0/rights/}"
PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
META = "{adobe:ns:meta/}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

LISTS = {DC + "creator": "Seq", DC + "rights": "Alt", RIGHTS + "Owner": "Bag", RIGHTS + "UsageTerms": "Alt"}
TEXTS = (RIGHTS + "Marked", RIGHTS + "WebStatement", PHOTOSHOP + "Credit", PHOTOSHOP + "Source")
PREFIXES = {"rdf": RDF, "dc": DC, "xmpRights": RIGHTS, "photoshop": PHOTOSHOP, "x": META}


class _Plain(TreeBuilder):
    """Elements as they stand. XMP declares no document type, whose entities could swell without end."""

    def doctype(self, *_: str | None) -> None:
        """Refuse it."""
        raise ParseError("a document type")


def read_packet(packet: bytes) -> Element | None:
    """The tree of a packet; None if it is no XMP."""
    try:
        return ElementTree.fromstring(packet.strip(b"\0 \r\n\t"), XMLParser(target=_Plain()))  # noqa: S314  see there
    except (ParseError, ValueError, LookupError):
        return None


def attribution(packet: bytes) -> bytes:
    """A packet with the copyright of another one; empty if it tells none, or is no XMP."""
    tree = read_packet(packet)
    if tree is None:
        return b""
    meta = Element(META + "xmpmeta")
    described = SubElement(SubElement(meta, RDF + "RDF"), RDF + "Description", {RDF + "about": ""})
    for description in tree.iter(RDF + "Description"):
        for name, kind in LISTS.items():
            for found in description.findall(name):
                _list(described, name, kind, found)
        for name in TEXTS:
            if name not in described.attrib and (text := _text(description, name)):
                described.set(name, text)
    if len(described) == 0 and len(described.attrib) == 1:
        return b""
    for prefix, space in PREFIXES.items():
        ElementTree.register_namespace(prefix, space[1:-1])
    return bytes(ElementTree.tostring(meta, encoding="utf-8"))


def _list(described: Element, name: str, kind: str, found: Element) -> None:
    items = list(_items(found))
    if items and described.find(name) is None:
        listed = SubElement(SubElement(described, name), RDF + kind)
        for language, text in items:
            SubElement(listed, RDF + "li", {LANGUAGE: language} if language else {}).text = text


def _items(found: Element) -> Iterator[tuple[str, str]]:
    for item in found.iter(RDF + "li"):
        if text := (item.text or "").strip():
            yield item.get(LANGUAGE, ""), text


def _text(description: Element, name: str) -> str:
    element = description.find(name)
    return (description.get(name) or (element.text if element is not None else None) or "").strip()
