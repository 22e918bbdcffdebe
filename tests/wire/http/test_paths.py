"""Paths without dot segments, and as servers may read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.http.paths import readings, without_dots

SEGMENTS = st.lists(
    st.sampled_from(["a", "b.c", "", ".", "..", "%2e", "%2E.", ".%2e", "...", "%2f"]), max_size=8
)


@pytest.mark.parametrize(
    ("path", "straight"),
    [
        ("/a/b", "/a/b"),
        ("/a/../b", "/b"),
        ("/a/%2e%2E/b", "/b"),
        ("/a/.%2e/%2e/b", "/b"),
        ("/../../a", "/a"),
        ("/a/..", "/"),
        ("/a/b/.", "/a/b/"),
        ("/a//..", "/a/"),
        ("/a/...", "/a/..."),
        ("/%61/./x", "/%61/x"),
        ("/", "/"),
        ("", ""),
        ("a..", "a.."),
    ],
)
def test_dot_segments_go_and_the_rest_keeps_its_spelling(path: str, straight: str) -> None:
    assert without_dots(path) == straight


@given(SEGMENTS)
def test_none_is_left(segments: list[str]) -> None:
    """And to take them out again changes nothing."""
    straight = without_dots("/" + "/".join(segments))
    assert straight.startswith("/")
    assert {".", ".."}.isdisjoint(straight.lower().replace("%2e", ".").split("/"))
    assert without_dots(straight) == straight


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("/a/b", ("/a/b",)),
        ("/a%2Fb", ("/a%2Fb", "/a/b")),
        ("/a//b", ("/a//b", "/a/b")),
        ("/a///%2F/b", ("/a///%2F/b", "/a/b")),
        ("/a%2F..%2Fb", ("/a%2F..%2Fb", "/b")),
        ("/a%20b", ("/a%20b", "/a b")),
    ],
)
def test_a_rule_sees_what_servers_may_see(path: str, read: tuple[str, ...]) -> None:
    """Some decode a path before they cut it at slashes, and take several for one."""
    assert readings(path) == read
