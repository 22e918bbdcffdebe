"""Surrogate keys travel in one header line."""

from hypothesis import given
from hypothesis import strategies as st

from wire.surrogates import asset_key, keys_of

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300)


@given(texts, texts)
def test_keys_are_printable_ascii_without_spaces(cloud: str, public_id: str) -> None:
    """They are joined by spaces, whatever the asset is called."""
    for key in keys_of(cloud, "image", "upload", public_id):
        assert key.isascii()
        assert key.isprintable()
        assert " " not in key


@given(texts, texts)
def test_two_assets_share_no_asset_key(one: str, other: str) -> None:
    """Purging one leaves the other."""
    equal = asset_key("demo", "image", "upload", one) == asset_key("demo", "image", "upload", other)
    assert equal is (one == other)


def test_the_first_key_names_the_asset_and_the_last_its_cloud() -> None:
    """A person can purge by them."""
    assert keys_of("demo", "image", "upload", "folder/ü") == ("demo/image/upload/folder/%C3%BC", "demo/*")
