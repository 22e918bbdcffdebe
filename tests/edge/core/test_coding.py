"""Compression as if the upstream did it (sheet 8.6, 16.5; RFC 9110 §8.4, §8.8.3, §12.5.3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.coding import (
    Question,
    answer_of,
    coded_tag,
    is_compressible,
    original_tag,
    question_of,
)
from edge.core.policy import Compression
from wire.http.conditional import weak_match
from wire.http.fields import Fields, RequestHead, ResponseHead

POLICY = Compression(codings=("br", "zstd", "gzip"))
TEXT = {"Content_Type": "text/html; charset=utf-8", "Content_Length": "5000", "ETag": '"v1"'}
OPAQUE = st.text(st.characters(min_codepoint=0x23, max_codepoint=0x7E), max_size=12)
TAGS = st.builds(lambda weak, opaque: f'{"W/" if weak else ""}"{opaque}"', st.booleans(), OPAQUE)
CODINGS = st.sampled_from(["br", "gzip", "zstd"])


def asked(**fields: str) -> Question:
    return question_of(RequestHead("GET", "/a", "http", "site", "1.1", Fields.of(**fields)))


def answered(question: Question, status: int = 200, **fields: str) -> tuple[Fields, str]:
    head, coding = answer_of(ResponseHead(status, Fields.of(**fields), ""), question, POLICY)
    return head.fields, coding


def test_a_text_gets_the_coding_that_was_accepted() -> None:
    """Named, varied on, under a weak tag of its own, and without what was true of the old bytes."""
    digests = {"Content_MD5": "x", "Repr_Digest": "y", "Digest": "z", "Content_Digest": "z"}
    fields, coding = answered(asked(Accept_Encoding="gzip"), 200, **TEXT, **digests)
    assert coding == "gzip"
    assert fields.get("content-encoding") == "gzip"
    assert fields.get("vary") == "Accept-Encoding"
    assert fields.get("etag") == 'W/"v1~gzip"'
    assert not {"content-length", "content-md5", "repr-digest", "digest", "content-digest"} & fields.names()


def test_the_plain_text_varies_too() -> None:
    """Or it would answer for those who want it coded."""
    fields, coding = answered(asked(), 200, **TEXT, Vary="Accept")
    assert (coding, fields.get("vary"), fields.get("etag")) == ("", "Accept, Accept-Encoding", '"v1"')
    assert fields.get("content-length") == "5000"


@pytest.mark.parametrize(
    "told",
    [
        {"Content_Type": "image/png"},
        {"Content_Type": "image/svg+xml"},
        {"Content_Type": "video/mp4"},
        {"Content_Type": "application/zip"},
        {"Content_Length": "1023"},
        {"Content_Encoding": "br"},
        {"Cache_Control": "max-age=60, no-transform"},
    ],
)
def test_what_is_left_alone(told: dict[str, str]) -> None:
    """Pictures never, small bodies, coded ones, and where it is forbidden (16.5)."""
    given_fields = TEXT | told
    fields, coding = answered(asked(Accept_Encoding="gzip"), 200, **given_fields)
    assert coding == ""
    assert fields == Fields.of(**given_fields)


def test_only_whole_representations_are_coded() -> None:
    """A part is of the plain bytes (RFC 9110 §15.3.7)."""
    wants = asked(Accept_Encoding="gzip")
    coded = {status for status in range(200, 600) if answered(wants, status, **TEXT)[1] == "gzip"}
    assert coded == {200, 203, 403, 404, 410}


def test_a_viewer_who_forbids_it_gets_it_plain() -> None:
    """Request no-transform (RFC 9111 §5.2.1.6)."""
    fields, coding = answered(asked(Accept_Encoding="gzip", Cache_Control="no-transform"), 200, **TEXT)
    assert (coding, fields.get("content-length")) == ("", "5000")


def test_our_tags_are_asked_as_the_upstream_spelled_them() -> None:
    """And a 304 comes back under the tag that is stored, its Vary not forgotten (9.3, 9.4)."""
    question = asked(Accept_Encoding="gzip", If_None_Match='W/"v1~gzip", "other", W/"w~w-br"')
    assert question.head.fields.get("if-none-match") == '"v1", "other", W/"w"'
    fields, coding = answered(question, 304, ETag='"v1"', Vary="Accept")
    assert (coding, fields.get("etag")) == ("", 'W/"v1~gzip"')
    assert fields.get("vary") == "Accept, Accept-Encoding"


def test_a_304_of_what_we_did_not_code_is_left_alone() -> None:
    """A picture's Vary must not grow."""
    question = asked(Accept_Encoding="gzip", If_None_Match='"v1"')
    told = {"ETag": '"v1"', "Vary": "Accept"}
    assert answered(question, 304, **told)[0] == Fields.of(**told)


def test_if_range_is_not_translated() -> None:
    """Its bytes are not the upstream's: the upstream sends the whole."""
    assert asked(If_Range='W/"v1~gzip"').head.fields.get("if-range") == 'W/"v1~gzip"'


@given(TAGS, CODINGS)
def test_a_tag_survives_its_coding(tag: str, coding: str) -> None:
    """There and back, whatever it is made of."""
    assert original_tag(coded_tag(tag, coding)) == tag


@given(TAGS, TAGS, CODINGS, CODINGS)
def test_codings_never_share_a_tag(one: str, other: str, coding: str, second: str) -> None:
    """Nor with what is not coded, even where tags are compared weakly."""
    if (one, coding) != (other, second):
        assert not weak_match(coded_tag(one, coding), coded_tag(other, second))
    assert not weak_match(coded_tag(one, coding), one)


@pytest.mark.parametrize(
    ("kind", "is_one"),
    [
        ("text/plain", True),
        ("TEXT/CSS;charset=x", True),
        ("application/ld+json", True),
        ("application/json", True),
        ("application/octet-stream", False),
        ("image/jpeg", False),
        ("text", False),
        ("", False),
    ],
)
def test_types(kind: str, is_one: bool) -> None:
    assert is_compressible(kind, POLICY) == is_one


def test_both_lists_of_tags_are_spelled_back() -> None:
    """8.6, 9.1: ours as the upstream's, others as they are; a list without any stays as it was written."""
    fields = asked(If_Match='W/"v1~gzip" ,"x"', If_None_Match='"a" ,"b"').head.fields
    assert (fields.get("if-match"), fields.get("if-none-match")) == ('"v1", "x"', '"a" ,"b"')


def test_tags_that_are_none() -> None:
    """1.12: a broken one would name both bodies; what has none gets none."""
    text = {"Content_Type": "text/html"}
    broken, coding = answered(asked(Accept_Encoding="gzip"), 200, **text, ETag="v1")
    assert (coding, broken.get("etag")) == ("gzip", None)
    plain, coding = answered(asked(Accept_Encoding="gzip"), 200, **text)
    assert (coding, "etag" in plain) == ("gzip", False)


@pytest.mark.parametrize(
    ("length", "is_coded"), [("1023", False), ("1024", True), (None, True), ("many", True)]
)
def test_small_bodies_are_left_alone(length: str | None, is_coded: bool) -> None:
    """Where their length is known."""
    told = {} if length is None else {"Content_Length": length}
    assert (
        answered(asked(Accept_Encoding="br"), 200, Content_Type="text/css", **told)[1] == "br"
    ) is is_coded


@pytest.mark.parametrize("vary", ["*", "Accept, ACCEPT-ENCODING", "accept-encoding"])
def test_a_vary_that_says_so_is_left_as_it_is(vary: str) -> None:
    """8.6: said once."""
    fields, _ = answered(asked(Accept_Encoding="br"), 200, **TEXT, Vary=vary)
    assert fields.all("vary") == (vary,)


def test_a_304_brings_a_vary_only_in_place_of_one() -> None:
    """9.4: what it does not name stays as it is stored."""
    question = asked(If_None_Match='W/"v1~gzip"', Accept_Encoding="gzip")
    assert "vary" not in answered(question, 304, ETag='"v1"')[0]
    assert answered(question, 304, ETag='"v1"', Vary="X")[0].get("vary") == "X, Accept-Encoding"
    assert answered(question, 304)[0].get("etag") is None


def test_types_are_compared_without_their_parameters() -> None:
    """8.6: and what has no type is not known to be text."""
    assert is_compressible("Text/HTML ; charset=utf-8", POLICY)
    assert not is_compressible("", POLICY)
    assert answered(asked(Accept_Encoding="br"), 200)[1] == ""


@pytest.mark.parametrize(
    ("status", "length", "coded"),
    [
        (200, "999", False),
        (200, "1000", True),
        (403, "10000000", True),
        (200, "10000001", False),
        (200, None, False),
        (203, "5000", False),
    ],
)
def test_a_policy_may_be_as_narrow_as_cloudfronts(status: int, length: str | None, coded: bool) -> None:
    """cdn-vendors §6.3: 200, 403 and 404, of 1,000 to 10,000,000 bytes that are told."""
    policy = Compression(("br", "gzip"), least_bytes=1000, most_bytes=10_000_000, statuses=(200, 403, 404))
    fields = {"Content_Type": "text/html"} | ({"Content_Length": length} if length is not None else {})
    head = ResponseHead(status, Fields.of(**fields), "")
    assert (answer_of(head, asked(Accept_Encoding="br"), policy)[1] == "br") is coded
