"""What uploaders say of assets, as they write it: access control, header fields, moderation, context."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.assets.access import parse_access_control
from origin.assets.context import merged_context
from origin.assets.headers import parse_headers
from origin.assets.moderation import begun, decided, parse_moderation
from wire.errors import InvalidRequest, MediaError, NotSubscribed
from wire.public_ids import has_control_characters


def rule(**more: Any) -> str:
    return json.dumps([{"access_type": "anonymous", **more}])


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2018-02-22T16:20:57Z", "2018-02-22T16:20:57Z"),
        ("2018-02-22 16:20:57 +0200", "2018-02-22T14:20:57Z"),
        ("2018-02-22 16:20 +02:00", "2018-02-22T14:20:00Z"),
        ("2018-02-22", "2018-02-22T00:00:00Z"),
        ("2018-02-22T16:20:57.123456", "2018-02-22T16:20:57Z"),
        (1519316457, "2018-02-22T16:20:57Z"),
        ("1519316457", "2018-02-22T16:20:57Z"),
    ],
)
def test_a_moment_is_kept_in_utc(written: Any, moment: str) -> None:
    assert parse_access_control(rule(start=written)) == [{"access_type": "anonymous", "start": moment}]


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_any_two_moments_in_order_are_a_rule(first: datetime, second: datetime) -> None:
    """Also the years before 1000, which strftime writes as it likes."""
    start, end = sorted((first, second))
    (parsed,) = parse_access_control(rule(start=start.isoformat(), end=end.isoformat())) or []
    assert datetime.fromisoformat(parsed["start"]) == start.replace(microsecond=0)
    assert datetime.fromisoformat(parsed["end"]) == end.replace(microsecond=0)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["access_type", "start", "end", "key", "x"]), inner, max_size=4)
        ),
        max_leaves=6,
    )
)
def test_whatever_access_control_is_it_is_read_or_refused(document: Any) -> None:
    says = ""
    try:
        parse_access_control(json.dumps(document))
    except InvalidRequest as error:
        says = error.public
    assert not has_control_characters(says)


@given(st.text())
def test_whatever_headers_are_only_safe_ones_are_kept(text: str) -> None:
    """What is kept can stand in a header field of an answer."""
    found, says = None, ""
    try:
        found = parse_headers(text or None)
    except InvalidRequest as error:
        says = error.public
    assert not has_control_characters(says)
    for name, value in (found or {}).items():
        assert name in ("Link", "Authorization", "X-Robots-Tag")
        assert value.isascii()
        assert value.isprintable()


@pytest.mark.parametrize(
    "written",
    [
        "X-Robots-Tag: noindex\nlink: <x>",
        "X-Robots-Tag:noindex\r\nLink:<x>\n\nSet-Cookie: a=b",
        "X-Robots-Tag: noindex\\nLink: <x>",
        '{"X-Robots-Tag": "noindex", "Link": "<x>"}',
        '["X-Robots-Tag: noindex", "Link: <x>"]',
    ],
)
def test_header_fields_in_every_clients_spelling(written: str) -> None:
    assert parse_headers(written) == {"X-Robots-Tag": "noindex", "Link": "<x>"}


def test_moderation_takes_its_turns() -> None:
    """The first begins, the rest wait; a rejection ends all, an approval lets the next begin (§3.2)."""
    states = begun(("webpurify", "aws_rek", "manual"), 1.0)
    assert [each["status"] for each in states] == ["pending", "queued", "queued"]
    approved = decided(states, "webpurify", "approved", 2.0)
    assert [each["status"] for each in approved] == ["approved", "pending", "queued"]
    rejected = decided(approved, "aws_rek", "rejected", 3.0)
    assert [each["status"] for each in rejected] == ["approved", "rejected", "aborted"]
    assert [each["updated_at"] for each in rejected] == [2.0, 3.0, 3.0]
    assert decided([], "manual", "rejected", 4.0) == [
        {"kind": "manual", "status": "rejected", "updated_at": 4.0}
    ]
    assert decided(states, "manual", "approved", 5.0)[0]["status"] == "pending"


@pytest.mark.parametrize(
    ("written", "error", "says"),
    [
        ("bogus", InvalidRequest, "Moderation kind bogus is invalid"),
        ("", InvalidRequest, "Moderation kind  is invalid"),
        ("manual|webpurify", InvalidRequest, "manual comes last, and once"),
        ("duplicate:0.8|manual", NotSubscribed, "You don't have an active subscription for"),
        ("aws_rek", NotSubscribed, "You don't have an active subscription for Amazon Rekognition AI"),
    ],
)
def test_other_moderation_is_refused_in_the_sheets_words(
    written: str, error: type[MediaError], says: str
) -> None:
    with pytest.raises(error, match=says):
        parse_moderation(written)
    assert parse_moderation("manual") == ("manual",)


pairs = st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["", "1", "2"]))


@given(old=pairs, new=pairs)
def test_merged_context_is_what_was_said_last(old: dict[str, str], new: dict[str, str]) -> None:
    """And keys whose value was taken back are gone; saying it again changes nothing."""
    merged = merged_context(old, new)
    assert merged_context(merged, new) == merged
    for key in "abcd":
        assert merged.get(key) == (new[key] or None if key in new else old.get(key))
