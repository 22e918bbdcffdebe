"""What is a batch of paths and tags, and which purge it comes to."""

from __future__ import annotations

import pytest

from edge.control.purge import Purge
from edge.vendors.cloudfront.batch import NAMESPACE, Batch
from edge.vendors.cloudfront.errors import AwsError


def body(
    *items: str, quantity: int | None = None, reference: str = "r", space: str = f' xmlns="{NAMESPACE}"'
) -> bytes:
    paths = "".join(f"<Path>{item}</Path>" for item in items)
    count = len(items) if quantity is None else quantity
    return (
        f"<InvalidationBatch{space}><Paths><Quantity>{count}</Quantity><Items>{paths}</Items></Paths>"
        f"<CallerReference>{reference}</CallerReference></InvalidationBatch>"
    ).encode()


def code_of(raw: bytes, *, with_tags: bool = True) -> str:
    with pytest.raises(AwsError) as refused:
        Batch.parse(raw, with_tags=with_tags)
    return refused.value.code


def test_it_is_read_however_it_is_spaced() -> None:
    """With a declaration, without a namespace, with white space between the elements and around a number."""
    same = Batch(("/a", "/b/*"), "r")
    assert Batch.parse(body("/a", "/b/*"), with_tags=False) == same
    spaced = body("/a", "/b/*", space="").replace(b"><", b">\n  <").replace(b">2<", b"> 2\n<")
    assert Batch.parse(b'<?xml version="1.0"?>\n' + spaced, with_tags=False) == same


@pytest.mark.parametrize("item", [" /a", "/a ", "/a\n", "\n  /a\n  ", "/b/* ", " #album:7", "#album:7 "])
def test_white_space_is_no_part_of_a_path(item: str) -> None:
    """§7.3: it begins with a slash, and a space in it is written %20. Whoever means another is told so."""
    assert code_of(body(item)) == "InvalidArgument"


def test_a_reference_is_as_it_was_given() -> None:
    assert Batch.parse(body("/a", reference=" r "), with_tags=False).reference == " r "
    assert code_of(body("/a", reference=" ")) == "InvalidArgument"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "MissingBody"),
        (b"<", "InvalidArgument"),
        (body("/a").replace(b">1<", b">" + b"9" * 5000 + b"<"), "InconsistentQuantities"),
        (b"<Other/>", "InvalidArgument"),
        (b'<!DOCTYPE x [<!ENTITY e "/a">]>' + body("&e;"), "InvalidArgument"),
        (body("/a", quantity=2), "InconsistentQuantities"),
        (body("/a", reference=""), "InvalidArgument"),
        (body(), "InvalidArgument"),
        (body("a"), "InvalidArgument"),
        (body("/a*b"), "InvalidArgument"),
        (body("/" + "x" * 4000), "InvalidArgument"),
        (body("/a", space=' xmlns="urn:other"'), "InvalidArgument"),
        (body("#a,b"), "InvalidArgument"),
        ("<InvalidationBatch/>".encode("utf-16"), "InvalidArgument"),
    ],
)
def test_refusals(raw: bytes, code: str) -> None:
    assert code_of(raw) == code


def test_tags_only_where_a_header_names_them() -> None:
    assert code_of(body("#album:7"), with_tags=False) == "InvalidArgument"
    assert Batch.parse(body("#Album:7"), with_tags=True).purge == Purge(keys=("album:7",))


def test_the_purge() -> None:
    batch = Batch.parse(body("/a?w=1", "/b/*", "/c*", "/d?w=*", "/ä"), with_tags=False)
    assert batch.wildcards == 3
    assert batch.purge == Purge(urls=("/a?w=1", "/%C3%A4"), prefixes=("/b/", "/c", "/d"))
    assert Batch.parse(body("/*"), with_tags=False).purge == Purge(everything=True)
