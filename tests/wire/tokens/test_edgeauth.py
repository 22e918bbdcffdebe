"""The vectors of cdn-vendors §21.4, and that a token with any letter changed is none."""

from __future__ import annotations

import hmac
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.edgeauth import E1, E2, E3, E4, E5, E6, E7, E8, E9, KEY, NOW, UNTIL
from wire.http.fields import Fields
from wire.tokens.edgeauth import Asked, Lock, escaped, presented

LOCK = Lock(KEY)


def asked(path: str, *, now: float = NOW, address: str = "127.0.0.1", query: str = "") -> Asked:
    return Asked(path, path, address, now, query)


class TestVectors:
    @pytest.mark.parametrize(
        ("token", "lock", "path", "let_in"),
        [
            (E1, LOCK, "/media/a.jpg", True),
            (E1, LOCK, "/other/a.jpg", False),
            (E2, LOCK, "/media/hls/1.ts", True),
            (E2, LOCK, "/media/a.jpg", True),
            (E2, LOCK, "/media/b.jpg", False),
            (E3, LOCK, "/media/a.jpg", True),
            (E3, LOCK, "/media/b.jpg", False),
            (E5, Lock(KEY, escape_early=True), "/media/%C3%A4%20file.jpg", False),
            (E6, Lock(KEY, algorithm="md5"), "/anything/at/all", True),
            (E6, LOCK, "/anything/at/all", False),
            (E7, LOCK, "/media/a.jpg", False),
            (E8, LOCK, "/media/a.jpg", False),
        ],
    )
    def test_what_they_open(self, token: str, lock: Lock, path: str, let_in: bool) -> None:
        assert lock.admits(token, asked(path)) is let_in

    def test_the_one_with_everything(self) -> None:
        """E4: address, window and salt must all be right."""
        lock = Lock(KEY, algorithm="sha1", salt="pepper")
        right: dict[str, Any] = {"now": 1700000300.0, "address": "192.0.2.7"}
        assert lock.admits(E4, asked("/media/a.jpg", **right))
        assert not lock.admits(E4, asked("/media/a.jpg", **right | {"address": "192.0.2.8"}))
        assert not lock.admits(E4, asked("/media/a.jpg", **right | {"now": 1700000601.0}))
        assert not Lock(KEY, algorithm="sha1").admits(E4, asked("/media/a.jpg", **right))

    def test_a_query_counts_if_it_is_to(self) -> None:
        """E9 was signed with the query, escaped early."""
        include = Lock(KEY, escape_early=True, url_token_query="include")
        assert include.admits(E9, asked("/media/a.jpg", query="w=640"))
        assert not include.admits(E9, asked("/media/a.jpg", query="w=641"))
        assert not Lock(KEY, escape_early=True).admits(E9, asked("/media/a.jpg", query="w=640"))

    def test_the_one_that_its_own_tilde_breaks(self) -> None:
        """E5: signed as published, and refused, since a piece of it has no name (§10.1.3)."""
        visible, _, mac = E5.rpartition("~hmac=")
        signed = f"{visible}~url={escaped('/media/ä file.jpg')}"
        assert hmac.new(bytes.fromhex(KEY), signed.encode(), "sha256").hexdigest() == mac
        lock, path = Lock(KEY, escape_early=True), "/media/%C3%A4%20file.jpg"
        assert not lock.admits(E5, asked(path))
        plain = visible.replace("u~1", "u-1")
        again = hmac.new(bytes.fromhex(KEY), signed.replace("u~1", "u-1").encode(), "sha256").hexdigest()
        assert lock.admits(f"{plain}~hmac={again}", asked(path))

    def test_early_escapes(self) -> None:
        assert escaped("/media/ä file.jpg") == "%2fmedia%2f%c3%a4+file.jpg"
        assert escaped("/media/a.jpg?w=640") == "%2fmedia%2fa.jpg%3fw%3d640"


class TestLaws:
    @given(
        token=st.sampled_from((E1, E3)),
        share=st.floats(0, 1, exclude_max=True),
        letter=st.characters(min_codepoint=33, max_codepoint=126),
    )
    def test_no_letter_may_change(self, token: str, share: float, letter: str) -> None:
        """The signed part and its signature alike."""
        at = int(share * len(token))
        changed = token[:at] + letter + token[at + 1 :]
        if changed != token:
            assert not LOCK.admits(changed, asked("/media/a.jpg"))

    def test_every_other_letter_of_the_signature(self) -> None:
        start = E1.index("~hmac=") + 6
        for at in range(start, len(E1)):
            for letter in "0123456789abcdefABCDEF":
                changed = E1[:at] + letter + E1[at + 1 :]
                assert LOCK.admits(changed, asked("/media/a.jpg")) is (changed == E1)

    def test_both_ends_belong_to_the_window(self) -> None:
        assert LOCK.admits(E1, asked("/media/a", now=UNTIL))
        assert not LOCK.admits(E1, asked("/media/a", now=UNTIL + 0.5))
        assert Lock(KEY, skew_seconds=1).admits(E1, asked("/media/a", now=UNTIL + 0.5))
        assert LOCK.admits(E8, asked("/media/a", now=UNTIL))
        assert not LOCK.admits(E8, asked("/media/a", now=UNTIL - 0.5))

    def test_a_client_may_have_encoded_it_once(self) -> None:
        assert LOCK.admits(E1.replace("*", "%2A").replace("/", "%2F"), asked("/media/a"))

    def test_a_pattern_is_for_the_whole_path(self) -> None:
        """`/media/a.jpg` is not enough for what is below it, nor for the same in capitals."""
        assert not LOCK.admits(E2, asked("/media/a.jpg/more"))
        assert not LOCK.admits(E1, asked("/Media/a.jpg"))

    def test_dot_segments_gain_nothing(self) -> None:
        assert not LOCK.admits(E1, Asked("/media/%2e%2e/private", "/private", "127.0.0.1", NOW))

    def test_an_address_is_escaped_early_like_all_else(self) -> None:
        """As the vendor's library writes it."""
        signed = f"ip={escaped('2001:db8::7')}~exp={int(UNTIL)}~acl=/*"
        token = f"{signed}~hmac={hmac.new(bytes.fromhex(KEY), signed.encode(), 'sha256').hexdigest()}"
        early = Lock(KEY, escape_early=True)
        assert early.admits(token, asked("/a", address="2001:db8::7"))
        assert not early.admits(token, asked("/a", address="2001:db8::8"))

    def test_while_keys_change_both_are_good(self) -> None:
        other = "00" * 16
        assert Lock(other, transition_key=KEY).admits(E1, asked("/media/a"))
        assert not Lock(other).admits(E1, asked("/media/a"))

    @pytest.mark.parametrize("key", ["", "00", "0" * 15, "0" * 17, "0" * 130, "xy" * 16])
    def test_what_is_no_key(self, key: str) -> None:
        with pytest.raises(ValueError, match="hexadecimal"):
            Lock(key)

    def test_a_very_long_token_is_none(self) -> None:
        assert not LOCK.admits("data=" + "x" * 5000 + "~" + E1, asked("/media/a"))


def test_where_a_token_may_stand() -> None:
    """Its value holds `=`: the name ends at the first."""
    fields = Fields.of(Cookie=f"a=b; t={E1}", X_Token=E2)
    assert presented("query", "t", f"w=1&t={E3}&x", fields) == E3
    assert presented("cookie", "t", "", fields) == E1
    assert presented("header", "X-Token", "", fields) == E2
    assert presented("query", "t", "T=1", fields) is None
