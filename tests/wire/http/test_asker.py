"""Who is introduced, and by which words (RFC 7239)."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.http.asker import Asker
from wire.http.fields import Fields
from wire.http.secured import Secured

ADDRESSES = st.ip_addresses().map(str)
WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20)
ASKERS = st.builds(
    Asker,
    ADDRESSES,
    st.integers(0, 65535),
    st.sampled_from(["http", "https"]),
    st.sampled_from(["1.0", "1.1", "2"]),
    st.none() | st.builds(Secured, WORDS, WORDS),
    WORDS | st.just(""),
)


@given(ASKERS)
def test_who_is_introduced_is_who_was_meant(asker: Asker) -> None:
    """Whatever the words are made of, and whoever handed the question on before."""
    fields = Fields((("Forwarded", 'for="_gazonk";by="a,b"'), ("Forwarded", asker.written)))
    assert Asker.introduced_by(fields) == asker
    assert ip_address(asker.address)


def test_an_introduction_reads_as_the_standard_has_it() -> None:
    """§4, §6: what is no token is quoted, as an address with a port is; brackets stand around IPv6."""
    asker = Asker("127.2.0.1", 567, "https", "2", Secured("TLSv1.3", "TLS_AES_128_GCM_SHA256"), "eu-central")
    assert asker.written == (
        'for="127.2.0.1:567";proto=https;http=2;tls=TLSv1.3;cipher=TLS_AES_128_GCM_SHA256;region=eu-central'
    )
    assert Asker("2001:db8::1").written == 'for="[2001:db8::1]"'


@pytest.mark.parametrize(
    ("written", "asker"),
    [
        ("For=192.0.2.1; Proto=HTTPS", Asker("192.0.2.1", scheme="https")),
        ('for="[2001:DB8::1]:80"', Asker("2001:db8::1", 80)),
        ("for=192.0.2.1, for=192.0.2.2", Asker("192.0.2.2")),
        ("for=192.0.2.1;by=us;host=h", Asker("192.0.2.1")),
        (r'for=192.0.2.1;region="a\"b;c,d"', Asker("192.0.2.1", region='a"b;c,d')),
        ("for=unknown", None),
        ("for=_hidden", None),
        ("proto=https", None),
        ("for=300.0.0.1", None),
        ("for=192.0.2.1:80", None),
        ("for=192.0.2.1;for=192.0.2.2", None),
        ("for=192.0.2.1;", Asker("192.0.2.1")),
        ("for=192.0.2.1;;proto=http", None),
        ('for="192.0.2.1', None),
        ("", None),
    ],
)
def test_what_cannot_be_read_introduces_nobody(written: str, asker: Asker | None) -> None:
    assert Asker.introduced_by(Fields.of(Forwarded=written)) == asker
