"""base64url without padding (RFC 4648 §5): one text for any bytes, and nothing else is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire import base64url


@given(st.binary())
def test_any_bytes_come_back_from_letters_that_survive_a_url(data: bytes) -> None:
    text = base64url.encode(data)
    assert base64url.decode(text) == data
    assert not set(text) & set("+/=%?#&")


@pytest.mark.parametrize("text", ["a", "YQ==", "YR", "+/+/", "Y Q", "Y\nQ", "ü", "YQ!"])
def test_what_it_does_not_write_it_does_not_read(text: str) -> None:
    """Padding, other alphabets, stray characters (§3.3), and bits that stand for nothing (§3.5)."""
    with pytest.raises(ValueError):
        base64url.decode(text)
