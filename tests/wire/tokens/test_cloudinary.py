"""Every published vector of signing.md §5, and the laws behind them."""

from typing import Any

import cloudinary.auth_token
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.tokens.cloudinary import Asked, Token, escaped, generate, presented, without_token

KEY = "00112233FF99"
URL = "/demo/image/upload/sample.jpg"
START, END = 1111111111, 1111111411

VECTORS: dict[str, tuple[dict[str, Any], str]] = {
    "E1": (
        {"start": START, "expires": END, "acl": ["/image/*"]},
        (
            "st=1111111111~exp=1111111411~acl=%2fimage%2f*"
            "~hmac=1751370bcc6cfe9e03f30dd1a9722ba0f2cdca283fa3e6df3342a00a7528cc51"
        ),
    ),
    "E2": (
        {"start": START, "expires": END, "url": URL},
        "st=1111111111~exp=1111111411~hmac=b39c92c292f696f6db5461da19f22a85042ed646c59a076ea3ea13822712a64c",
    ),
    "E3": (
        {"ip": "1.2.3.4", "expires": END, "acl": ["/video/*"]},
        (
            "ip=1.2.3.4~exp=1111111411~acl=%2fvideo%2f*"
            "~hmac=3d65c6449746c001b61e966edba142cefbd445e780bf23c6692b2c56d44613a4"
        ),
    ),
    "E4": (
        {"expires": END, "acl": ["/i/a/*", "/i/b/*"]},
        (
            "exp=1111111411~acl=%2fi%2fa%2f*!%2fi%2fb%2f*"
            "~hmac=ca731418397b389c54238f0ab36a5108ee6c0df65fc8ef04346e9e72e4993c27"
        ),
    ),
    "E5": (
        {"expires": END, "acl": ["/image/a b,\u00fc/*"]},
        (
            "exp=1111111411~acl=%2fimage%2fa%20b,ü%2f*"
            "~hmac=6dba9e9c3ac353614a571f94ba780fc09b89879bb7ef4bbd9f723da53b505dfb"
        ),
    ),
}


def asked(*paths: str, address: str = "9.9.9.9", now: float = START + 1) -> Asked:
    return Asked(paths, address, now)


def admits(text: str, wanted: Asked, key: str = KEY) -> bool:
    token = Token.parse(text)
    return token is not None and token.admits(wanted, key)


@pytest.mark.parametrize("name", VECTORS)
def test_a_published_token_is_made_as_published(name: str) -> None:
    told, token = VECTORS[name]
    assert generate(KEY, **told) == token


def test_the_published_url_is_admitted() -> None:
    token = (
        "st=1111111111~exp=1111111411~hmac=e8fe711a1c8f82436da8b52730b31ef5cf6efea442e873acca9520be57ca5de4"
    )
    assert admits(token, asked("/demo/image/authenticated/v1486020273/sample.jpg"))


@pytest.mark.parametrize(
    ("name", "path", "address", "is_admitted"),
    [
        ("E1", "/image/upload/a.jpg", "", True),
        ("E1", "/image/", "", True),
        ("E1", "/demo/image/a.jpg", "", False),  # the whole path must match
        ("E1", "/video/a.jpg", "", False),
        ("E2", URL, "", True),
        ("E2", URL + "x", "", False),
        ("E3", "/video/a", "1.2.3.4", True),
        ("E3", "/video/a", "1.2.3.5", False),
        ("E4", "/i/b/c", "", True),
        ("E4", "/i/c/c", "", False),
        ("E5", "/image/a%20b,%C3%BC/x.jpg", "", True),
        ("E5", "/image/a b,ü/x.jpg", "", True),
    ],
)
def test_a_token_is_for_its_paths_and_its_viewer(
    name: str, path: str, address: str, is_admitted: bool
) -> None:
    assert admits(VECTORS[name][1], asked(path, address=address)) is is_admitted


@pytest.mark.parametrize(
    ("now", "is_admitted"), [(START - 1, False), (START, True), (END, True), (END + 0.5, False)]
)
def test_a_token_has_its_time(now: float, is_admitted: bool) -> None:
    assert admits(VECTORS["E1"][1], asked("/image/x", now=now)) is is_admitted


def test_another_key_admits_nobody() -> None:
    for name in ("E1", "E2"):
        assert not admits(VECTORS[name][1], asked("/image/x", URL), key="00112233FF98")


@pytest.mark.parametrize(
    "respelled",
    [
        VECTORS["E1"][1].replace("%2f", "%2F"),  # an edge that normalises escapes
        VECTORS["E1"][1].replace("~", "%7E"),
        VECTORS["E1"][1].replace("%", "%25").replace("~", "%7E").replace("=", "%3D"),
    ],
)
def test_a_token_respelled_on_its_way_still_admits(respelled: str) -> None:
    assert admits(respelled, asked("/image/x"))


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "exp=1", "hmac=00", "exp=~hmac=0", "exp=1~exp=2~hmac=0", "hmac=0~exp=1", "exp=-1~hmac=0"),
        *("exp=1~url=%2fa~hmac=0", "exp=1~acl=x~acl=y~hmac=0", "st=x~exp=1~hmac=0", "exp=²~hmac=0"),
        "exp=1~hmac=0~x=1",
        "exp=1~acl=" + "x" * 9000 + "~hmac=0",
    ],
)
def test_what_is_no_token_is_none(text: str) -> None:
    assert Token.parse(text) is None


paths = st.text(st.characters(codec="utf-8"), max_size=12).map(lambda text: "/" + text)


@given(path=paths, ip=st.none() | st.just("9.9.9.9"), start=st.none() | st.just(START))
def test_what_the_official_sdk_makes_for_a_url_is_admitted(
    path: str, ip: str | None, start: int | None
) -> None:
    token = cloudinary.auth_token.generate(url=path, key=KEY, start_time=start, expiration=END, ip=ip)
    assert admits(token.partition("=")[2], asked(path))


@given(prefix=paths, rest=paths, data=st.data())
def test_what_the_official_sdk_makes_for_patterns_is_admitted(
    prefix: str, rest: str, data: st.DataObject
) -> None:
    """And a changed character of it is not."""
    plain = prefix.replace("*", "").replace("!", "").replace("%", "").replace("?", "")
    token = cloudinary.auth_token.generate(acl=[plain + "*", "/zz"], key=KEY, expiration=END)
    text = token.partition("=")[2]
    wanted = asked(plain + rest.replace("%", "").replace("?", ""))
    assert admits(text, wanted)
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + ("1" if text[at] != "1" else "2") + text[at + 1 :]
    assert not admits(changed, wanted)


@given(st.text(max_size=200))
def test_any_text_can_be_presented(text: str) -> None:
    token = Token.parse(text)
    assert token is None or not token.admits(asked("/x"), KEY)


@given(pattern=st.text("ab*", max_size=8), path=st.text("ab", max_size=8))
def test_a_star_is_any_run_of_characters(pattern: str, path: str) -> None:
    from re import escape, fullmatch

    expected = fullmatch(".*".join(map(escape, pattern.split("*"))), path) is not None
    assert admits(generate(KEY, expires=END, acl=[pattern or "x"]), asked(path)) is (
        expected if pattern else False
    )


@pytest.mark.parametrize(
    "path", ["/mine/../yours", "/mine/%2e%2E/yours", "/mine/..%2Fyours", "/mine/.%2e/yours"]
)
def test_dot_segments_lead_out_of_a_pattern(path: str) -> None:
    """Whoever comes after us may take them out."""
    assert not admits(generate(KEY, expires=END, acl=["/mine/*"]), asked(path))
    assert admits(generate(KEY, expires=END, acl=["/yours"]), asked(path))


def test_tokens_are_found_in_query_and_cookies() -> None:
    assert presented("_a=1&__cld_token__=q~1&x", ["a=b; __cld_token__=c=2~x", "__cld_token__="]) == (
        "q~1",
        "c=2~x",
    )
    assert without_token("_a=1&__cld_token__=q&b") == "_a=1&b"
    assert escaped("/a b~ü*!") == "%2fa%20b%7eü*!"
