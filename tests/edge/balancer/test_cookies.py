"""The balancer's own cookies."""

import pytest

from edge.balancer.cookies import OWN, POP, REGION, cookie, without_own
from wire.http.fields import Fields


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a=1", "a=1"),
        (f"{POP}=fra", None),
        (f"a=1; {POP}=fra; b=2", "a=1; b=2"),
        (f"{REGION}=eu;a=1;  {POP}=fra", "a=1"),
        (f"a=x{POP}=1", f"a=x{POP}=1"),
    ],
)
def test_ours_are_kept_from_who_is_behind(sent: str, kept: str | None) -> None:
    """And nobody else's is touched: a viewer's token is one."""
    left = without_own(Fields.of(Cookie=sent))
    assert left.get("cookie") == kept
    assert not any(cookie(left, name) for name in OWN)


def test_a_request_without_ours_is_left_letter_by_letter() -> None:
    fields = Fields([("cookie", "a=1;b=2 ; c"), ("Cookie", "d")])
    assert without_own(fields) == fields


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        ([f"{POP}=fra"], "fra"),
        ([f"a={POP}; {POP}=fra; {POP}=sin"], "fra"),
        (["a=1", f"b; {POP}=a=b"], "a=b"),
        ([f"x{POP}=fra; ={POP}", ";;"], ""),
    ],
)
def test_a_cookie_is_found_by_its_whole_name(lines: list[str], value: str) -> None:
    """The first of several, on any line."""
    assert cookie(Fields([("Cookie", line) for line in lines]), POP) == value
