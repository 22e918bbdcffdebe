"""A harmless SVG as a tree, and written as XML again."""

from xml.sax.saxutils import escape, quoteattr

from attrs import define, field, frozen

SVG = "http://www.w3.org/2000/svg"


@define(eq=False)
class Element:
    """One element that is kept."""

    name: str
    attributes: dict[str, str]
    children: "list[Element | str]" = field(factory=list)

    def written(self, out: list[str]) -> None:
        """The element as XML."""
        attributes = "".join(f" {name}={quoteattr(value)}" for name, value in self.attributes.items())
        out.append(f"<{self.name}{attributes}>")
        for child in self.children:
            if isinstance(child, Element):
                child.written(out)
            else:
                out.append(escape(child))
        out.append(f"</{self.name}>")


@frozen
class Document:
    """A harmless SVG: its root, and its size in CSS pixels."""

    root: Element
    width: float
    height: float
    has_text: bool

    def part(self, left: float, top: float, right: float, bottom: float, size: tuple[int, int]) -> str:
        """XML that draws a part of it, given in shares of its sides, as a picture of that size."""
        inner = Element("svg", dict(self.root.attributes), self.root.children)
        inner.attributes |= {"x": "0", "y": "0", "width": repr(self.width), "height": repr(self.height)}
        box = (
            left * self.width,
            top * self.height,
            (right - left) * self.width,
            (bottom - top) * self.height,
        )
        outer = Element(
            "svg",
            {
                "xmlns": SVG,
                "width": str(size[0]),
                "height": str(size[1]),
                "viewBox": " ".join(map(repr, box)),
                "preserveAspectRatio": "none",
            },
            [inner],
        )
        out: list[str] = []
        outer.written(out)
        return "".join(out)
