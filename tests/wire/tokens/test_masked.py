"""wire.tokens.masked: what logs do not show."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wire.tokens.masked import HIDDEN, masked, masked_text, masked_url

HUSH = "__cld_token__=st=1~exp=9~acl=%2f*~hmac=abc"


def test_a_token_has_no_value_in_what_a_node_says() -> None:
    """In a URL as text or as bytes' repr, as a cookie, more than once; what is like it stays."""
    for said, shown in {
        f"while fetching /a?x=1&{HUSH}&y=2": f"while fetching /a?x=1&__cld_token__={HIDDEN}&y=2",
        f"answering b'GET' b'/a?{HUSH}'": f"answering b'GET' b'/a?__cld_token__={HIDDEN}'",
        f"Cookie: a=b; {HUSH}; c=d\n{HUSH}": f"Cookie: a=b; __cld_token__={HIDDEN}; c=d\n__cld_token__={HIDDEN}",
        "/a?my__cld_token__=1&__cld_token__": "/a?my__cld_token__=1&__cld_token__",
    }.items():
        assert masked_text(said) == shown


@given(st.text(), st.text(), st.sets(st.text(max_size=3), max_size=3))
def test_all_else_of_a_url_is_as_it_was(path: str, query: str, names: set[str]) -> None:
    """And the order of its parameters."""
    url = f"{path}?{query}"
    told = masked_url(url, names)
    assert masked_url(url, ()) == url
    assert told.partition("?")[0] == url.partition("?")[0]
    before, after = (text.partition("?")[2].split("&") for text in (url, told))
    for one, other in zip(before, after, strict=True):
        name = one.partition("=")[0]
        assert other == (f"{name}={HIDDEN}" if name in names else one)
    assert masked(query, {"s"}) == masked(masked(query, {"s"}), {"s"})
