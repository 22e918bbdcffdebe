"""Whose host it is (delivery-urls.md §2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.hosts import IN_PATH, Hosts

TABLE = Hosts(
    {
        "demo-res.example.com": "demo",
        "img.example.com": "demo",
        "shared.example.com": IN_PATH,
        "odd-1.example.com": "other",
        "localhost": "demo",
    }
)


@pytest.mark.parametrize(
    ("host", "cloud"),
    [
        ("res.example.com", None),
        ("res-1.example.com", None),
        ("shared.example.com", None),
        ("shared-4.example.com", None),
        ("a2.shared.example.com", None),
        ("demo-res.example.com", "demo"),
        ("DEMO-res.Example.com.:8000", "demo"),
        ("demo-res-1.example.com", "demo"),
        ("demo-res-5.example.com:80", "demo"),
        ("demo-res-6.example.com", None),
        ("demo-res-11.example.com", None),
        ("img.example.com", "demo"),
        ("a1.img.example.com", "demo"),
        ("a5.img.example.com", "demo"),
        ("a6.img.example.com", None),
        ("b1.img.example.com", None),
        ("a1.a1.img.example.com", None),
        ("odd-1.example.com", "other"),
        ("odd.example.com", None),
        ("localhost-3:8000", "demo"),
        ("", None),
        ("127.0.0.1:8000", None),
    ],
)
def test_a_host_belongs_to(host: str, cloud: str | None) -> None:
    assert TABLE.cloud_of(host) == cloud


@given(st.text(max_size=40))
def test_any_host_field_has_an_owner_or_none(text: str) -> None:
    assert TABLE.cloud_of(text) in (None, "demo", "other")
    assert Hosts().cloud_of(text) is None


@given(st.sampled_from(["demo-res.example.com", "img.example.com"]), st.integers(1, 5))
def test_shards_are_one_site(host: str, number: int) -> None:
    label, _, rest = host.partition(".")
    assert TABLE.cloud_of(f"{label}-{number}.{rest}") == TABLE.cloud_of(f"a{number}.{host}") == "demo"
