"""What may be told, and what is refused before it could be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.catalogue.hearers import Destination
from origin.notifications.destinations import destination
from origin.remote.addresses import Guard
from wire.errors import InvalidRequest

OPEN = Guard.allowing(["127.0.0.0/8"])


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("https://a.example/x?y", Destination("webhook", "https://a.example/x?y", "https://a.example:443")),
        ("HTTP://A.example:8080", Destination("webhook", "http://a.example:8080/", "http://a.example:8080")),
        ("http://127.1:9/ü", Destination("webhook", "http://127.0.0.1:9/%C3%BC", "http://127.0.0.1:9")),
        ("http://8.8.8.8/", Destination("webhook", "http://8.8.8.8/", "http://8.8.8.8:80")),
        ("poll://*", Destination("poll", "poll://*", "*")),
        ("POLL://jobs-1.a", Destination("poll", "poll://jobs-1.a", "jobs-1.a")),
    ],
)
def test_a_destination_is_spelled_in_one_way(uri: str, expected: Destination) -> None:
    found = destination("uri", uri, OPEN)
    assert found == expected
    assert destination("uri", found.uri, OPEN) == found


@given(
    st.one_of(
        st.text(max_size=60),
        st.from_regex(r"(https?|poll|unix|ftp)://[^\n]{0,30}", fullmatch=True),
        st.ip_addresses().map(lambda each: f"http://[{each}]/" if each.version == 6 else f"http://{each}/"),
    )
)
def test_whatever_is_written_is_a_destination_we_may_tell_or_refused(uri: str) -> None:
    """And the refusal can be shown."""
    guard, found, refusal = Guard(), None, ""
    try:
        found = destination("notification_url", uri, guard)
    except InvalidRequest as error:
        refusal = error.public
    if found is None:
        assert refusal.startswith("Invalid notification_url")
        assert min(map(ord, refusal)) >= 32
    else:
        assert found.uri.isascii()
        assert found.uri.startswith(("http://", "https://", "poll://"))
        assert destination("uri", found.uri, guard) == found
