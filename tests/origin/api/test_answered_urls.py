"""`url` and `secure_url`: both must open."""

import pytest

from origin.api.answers import Answers


@pytest.mark.parametrize(
    ("delivery", "secure", "urls"),
    [
        ("http://a:80", "", ("http://a:80/demo/x", "http://a:80/demo/x")),
        ("https://a", "", ("http://a/demo/x", "https://a/demo/x")),
        ("http://a:80", "https://b:443", ("http://a:80/demo/x", "https://b:443/demo/x")),
        ("http://a:80/", "https://b:443/cdn/", ("http://a:80/demo/x", "https://b:443/cdn/demo/x")),
    ],
)
def test_each_names_the_place_that_speaks_its_scheme(
    delivery: str, secure: str, urls: tuple[str, str]
) -> None:
    """Where nobody speaks TLS they are one (upload-api §3.5)."""
    url = f"{delivery.rstrip('/')}/demo/x"
    assert Answers(delivery, secure_delivery_url=secure).both(url) == urls
