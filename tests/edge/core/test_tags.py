"""Surrogate keys (sheet 20.2)."""

from __future__ import annotations

from edge.core.key import address_of
from edge.core.policy import KeyPolicy, Shapes
from edge.core.tags import group_tags, path_tag, source_tags, tags_of
from wire.http.fields import Fields, RequestHead


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


def test_the_limits_are_what_may_still_be() -> None:
    """20.2: the longest tag, the fullest list; a tag told twice takes its room once."""
    longest = "x" * 1024
    assert tags_of(Fields.of(Surrogate_Key=longest)) == (longest,)
    full = [f"{n:02d}" + "y" * 1022 for n in range(16)]
    assert tags_of(Fields.of(Surrogate_Key=" ".join((*full, "z")))) == tuple(full)
    assert tags_of(Fields.of(Surrogate_Key=" ".join((*[full[0]] * 20, "z")))) == (full[0], "z")


def test_groups_are_strings_of_one_origin() -> None:
    """13.5 (RFC 9875 §2): no other type, nothing too long, at most 128."""

    def groups(text: str) -> tuple[str, ...]:
        return group_tags(Fields.of(Cache_Groups=text), "cache-groups", "http://ex.com")

    assert groups('"a", 5, b, "a"') == (" http://ex.com a",)
    assert groups('"' + "g" * 1024 + '", "' + "h" * 1025 + '"') == (" http://ex.com " + "g" * 1024,)
    assert len(groups(", ".join(f'"{n}"' for n in range(130)))) == 128
    assert group_tags(Fields(), "cache-groups", "http://ex.com") == ()


def test_what_was_made_of_another_is_found_by_that_ones_path_and_url() -> None:
    """Whatever headers and cookies add to the key."""

    def made_of(target: str) -> str | None:
        return target.replace("/small", "") if "/small" in target else None

    head = RequestHead("GET", "/small/a?v=1", fields=Fields.of(Host="ex.com", Cookie="a=1"))
    address = address_of(head, KeyPolicy(cookies=("a",)))
    assert address.base != address.key
    shapes = Shapes(made_of, str)
    assert source_tags(address, shapes) == (path_tag("/a?v=1"), path_tag("http://ex.com/a?v=1"))
    assert source_tags(address, None) == ()
    assert source_tags(address_of(RequestHead("GET", "http://ex.com/a"), KeyPolicy()), shapes) == ()
