"""URLs of remote files: one spelling each, whatever was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.remote.errors import RemoteTrouble
from origin.remote.urls import RemoteUrl, plain_host


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("HTTP://EXample.com", "http://example.com/"),
        ("https://ex.com:443/a b?x=1#f", "https://ex.com/a%20b?x=1"),
        ("http://ex.com:8080?x", "http://ex.com:8080/?x"),
        ("http://ex.com:/x", "http://ex.com/x"),
        ("http://ex.com/100%", "http://ex.com/100%25"),
        ("http://münchen.de/ü", "http://xn--mnchen-3ya.de/%C3%BC"),
        ("http://ex.com./x", "http://ex.com/x"),
        ("http://a_b.ex.com/", "http://a_b.ex.com/"),
        ("http://ex.com/half\ud800", "http://ex.com/half%ED%A0%80"),
        ("http://ex.com/a\r\nb", "http://ex.com/a%0D%0Ab"),
        ("http://[::FFFF:127.0.0.1]:80/", "http://[::ffff:7f00:1]/"),
    ],
)
def test_a_url_has_one_spelling(written: str, plain: str) -> None:
    url = RemoteUrl.parse(written)
    assert str(url) == plain
    assert RemoteUrl.parse(plain) == url


@pytest.mark.parametrize(
    "host",
    [
        *(
            "127.0.0.1",
            "127.1",
            "127.0.1",
            "0x7f.1",
            "0x7F000001",
            "2130706433",
            "017700000001",
            "0177.0.0.1",
        ),
        *("127.0.0.1.", "１２７。0。0。1", "%31%32%37.0.0.1", "0x7f.0x0.0x0.0x1", "127.0x1"),
    ],
)
def test_every_numeric_spelling_is_the_address_it_stands_for(host: str) -> None:
    """What a resolver may take for loopback is shown to the guard as loopback."""
    assert plain_host(host) == "127.0.0.1"


@pytest.mark.parametrize(
    "written",
    [
        *(
            "ftp://x/",
            "file:///etc/passwd",
            "gopher://x/",
            "data:image/png,x",
            "//x/y",
            "x.jpg",
            "",
            "http:x",
        ),
        *(
            "http://a@b/",
            "http://u:p@b/",
            r"http://good\@bad/",
            "http://x:99999/",
            "http://x:0/",
            "http://x:a/",
        ),
        *(
            "http:///x",
            "http://256.1.1.1/",
            "http://1.2.3.4.5/",
            "http://08/",
            "http://a..b/",
            "http://[::g]/",
        ),
        *("http://[1.2.3.4]/", "http://%ff/", "http://x%2Fy/", "http://" + "a" * 64 + ".com/", "http://a b/"),
        *("http://" + "a." * 200 + "com/", "http://x/" + "y" * 9000, "http://[::1%25eth0]/"),
    ],
)
def test_what_is_no_web_address_is_refused_with_a_reason(written: str) -> None:
    with pytest.raises(RemoteTrouble) as refused:
        RemoteUrl.parse(written)
    assert refused.value.public.startswith("Error in loading - ")
    assert refused.value.reason


@given(st.text(max_size=60), st.sampled_from(["", "http://", "https://x", "http://x:1/"]))
def test_parsing_is_total_and_idempotent(text: str, start: str) -> None:
    try:
        url = RemoteUrl.parse(start + text)
    except RemoteTrouble:
        return
    assert str(url).isascii()
    assert RemoteUrl.parse(str(url)) == url


@pytest.mark.parametrize(
    ("location", "there"),
    [
        ("/y", "https://ex.com/y"),
        ("y?z", "https://ex.com/a/y?z"),
        ("//other.com/y", "https://other.com/y"),
        ("http://other.com/y", "http://other.com/y"),
        ("?q", "https://ex.com/a/x?q"),
    ],
)
def test_a_redirect_leads_on_from_here(location: str, there: str) -> None:
    assert str(RemoteUrl.parse("https://ex.com/a/x").joined(location)) == there


@pytest.mark.parametrize("location", ["file:///etc/passwd", "javascript:1", "http://[", "ftp://x/y"])
def test_a_redirect_to_elsewhere_is_refused(location: str) -> None:
    with pytest.raises(RemoteTrouble):
        RemoteUrl.parse("https://ex.com/a").joined(location)


def test_a_file_is_named_after_the_end_of_the_path() -> None:
    assert RemoteUrl.parse("https://ex.com/a/b%20c.jpg?x=/y").filename == "b%20c.jpg"
