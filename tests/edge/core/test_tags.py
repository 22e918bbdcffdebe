"""Surrogate keys (sheet 20.2)."""

from __future__ import annotations

from edge.core.tags import path_tag, tags_of
from wire.http.fields import Fields


def test_both_spellings_feed_one_index() -> None:
    """Space-separated and comma-separated; case counts; twice is once."""
    fields = Fields.of(Surrogate_Key="p1  shoes P1", Cache_Tag="shoes, red hats")
    assert tags_of(fields) == ("p1", "shoes", "P1", "red hats")


def test_what_is_over_the_limits_is_ignored() -> None:
    """At most 1 KiB a tag, 16 KiB in all; the rest still counts."""
    assert tags_of(Fields.of(Surrogate_Key="x" * 1025 + " ok")) == ("ok",)
    many = " ".join(f"{n:04d}" + "y" * 996 for n in range(20))
    assert len(tags_of(Fields.of(Surrogate_Key=many))) == 16


def test_no_origin_can_name_a_path_tag() -> None:
    """It starts with a space, which no surrogate key can."""
    assert path_tag("/a") not in tags_of(Fields.of(Surrogate_Key=" /a", Cache_Tag=" /a"))
