"""What browsers are told of each format."""

import re

import pytest

from origin.delivery.heads import Delivered
from origin.transform.formats import PRODUCIBLE
from wire.public_ids import FORMATS


@pytest.mark.parametrize("name", sorted({*FORMATS, *FORMATS.values()}))
def test_every_format_has_a_media_type(name: str) -> None:
    """As an image's format, and as the extension of a raw file."""
    kept = Delivered(key="k", size=1, md5="m", format="", modified=0.0, name=f"docs/file.{name.upper()}")
    assert re.fullmatch(r"[a-z]+/[a-z0-9.+-]+(; charset=utf-8)?", kept.content_type)
    assert kept.content_type != "application/octet-stream"
    made = Delivered(key="k", size=1, md5="m", format=FORMATS[name], modified=0.0)
    assert made.content_type == kept.content_type
    if FORMATS[name] in PRODUCIBLE - {"pdf", "eps"}:
        assert made.content_type.startswith("image/")


def test_what_nobody_knows_is_bytes() -> None:
    kept = Delivered(key="k", size=1, md5="m", format="", modified=0.0, name="docs/manual")
    assert kept.content_type == "application/octet-stream"
