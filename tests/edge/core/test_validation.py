"""What a 304 updates, and how (sheet 9, 13.3)."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from edge.core.entry import Entry
from edge.core.key import address_of
from edge.core.parts import view_of
from edge.core.policy import Policy
from edge.core.storing import Filling, Refusal
from edge.core.validation import after_head, completed, continues, freshened, merged, named_by, served_once
from tests.edge.core.playbook import get, ok
from wire.http.dates import format_date
from wire.http.fields import Fields, ResponseHead

NOW = 1_800_000_000.0
FILLING = Filling(address_of(get(), Policy().key), get().fields, NOW, NOW)


def stored(etag: str | None = None, date: float = NOW - 100, /, **fields: str) -> Entry:
    lines = Fields.of(**fields) if etag is None else Fields.of(ETag=etag, **fields)
    return Entry("http://ex.com/a", 200, lines, date, date, date, 2.0, 0.0, size=100, etag=etag, body_id="b")


def fresh(entry: Entry, head: ResponseHead) -> Entry:
    updated = freshened(entry, head, FILLING, Policy())
    assert isinstance(updated, Entry)
    return updated


def test_a_strong_tag_names_all_that_have_it_and_no_other() -> None:
    """9.3."""
    one, two, weak = stored('"a"'), stored('"b"'), stored('W/"a"')
    also = stored('"a"', NOW)
    assert named_by(ok(304, ETag='"a"'), one, (one, two, weak, also)) == (one, also)
    assert named_by(ok(304, ETag='"c"'), one, (one, two)) == ()


def test_a_weak_tag_names_the_latest_that_matches() -> None:
    """9.3."""
    old, new = stored('W/"a"'), stored('"a"', NOW)
    assert named_by(ok(304, ETag='W/"a"'), old, (old, new)) == (new,)
    assert named_by(ok(304, ETag='W/"b"'), old, (old, new)) == ()
    assert named_by(ok(304, ETag='W/"a"'), old, (old, stored())) == (old,), "what has no tag is not meant"


def test_without_a_tag_the_one_we_asked_about_is_meant() -> None:
    """9.3: origins often leave validators out; a Last-Modified that differs is another response's."""
    tagged = stored('"a"')
    assert named_by(ok(304), tagged, (tagged,)) == (tagged,)
    assert named_by(ok(304, Last_Modified="E"), tagged, (tagged,)) == (tagged,), "we asked by the tag"
    dated = stored(None, NOW, Last_Modified="D")
    assert named_by(ok(304), dated, (dated,)) == (dated,)
    assert named_by(ok(304, Last_Modified="D"), dated, (dated,)) == (dated,)
    assert named_by(ok(304, Last_Modified="E"), dated, (dated,)) == ()


def test_each_field_of_the_304_replaces_its_old_lines() -> None:
    """9.4: and what is not named stays; length and encoding belong to the stored bytes."""
    entry = stored('"a"', X="1", Y="1", Content_Encoding="gzip", Content_Type="a/b")
    head = ok(
        304, X="2", Content_Length="5", Content_Encoding="br", Cache_Control="max-age=60", Content_Type="c/d"
    )
    updated = fresh(entry, head)
    assert updated.fields.get("x") == "2"
    assert updated.fields.get("y") == "1"
    assert updated.fields.get("content-encoding") == "gzip"
    assert updated.fields.get("content-type") == "c/d"
    assert updated.size == 100
    assert updated.lifetime == 60
    assert updated.body_id == "b"


def test_connections_own_fields_of_a_304_update_nothing() -> None:
    """9.4, 4.2, 4.3: nor the proxy's, nor what the stored bytes depend on."""
    others = (
        "Content-Range",
        "Content-Length",
        "Content-Encoding",
        "Transfer-Encoding",
        "Proxy-Authenticate",
    )
    told = merged(stored(None, NOW), ResponseHead(304, Fields((name, "x") for name in others)), NOW, Policy())
    assert told.names() == {"date"}
    fields = merged(stored(None, NOW, X="1"), ok(304, Connection="X", X="2"), NOW, Policy())
    assert fields.all("x") == ("1",)


def test_age_restarts_and_stored_freshness_counts_from_the_304() -> None:
    """9.5, 6.4: max-age=2 stale; 304; a second later: hit, Age 1."""
    entry = stored('"a"', Cache_Control="max-age=2", Age="50", Date=format_date(NOW - 100))
    updated = fresh(entry, ok(304, Date=format_date(NOW)))
    assert updated.age_at(NOW + 1) == 1
    assert updated.is_fresh(NOW + 1)
    assert updated.fields.all("date") == (format_date(NOW),)
    assert fresh(entry, ok(304, Age="1")).age_at(NOW) == 1


def test_via_tells_how_the_last_message_was_received() -> None:
    """16.2: the 304 is the message, the stored one was another."""
    assert fresh(stored('"a"'), ok(304)).version == "1.1"
    assert fresh(stored('"a"'), evolve(ok(304), version="1.0")).version == "1.0"


def test_a_304_leaves_each_variant_its_own_selecting_values() -> None:
    """9.3, 8.1, 8.2: one tag may name several, and only one of them is what was asked for."""
    asked = Filling(address_of(get(), Policy().key), get(X_Shape="1", X_Size="9").fields, NOW, NOW)
    for value in ("1", "2", None):
        entry = evolve(stored('"a"', Vary="X-Shape, X-Size"), vary=(("x-shape", value), ("x-size", "9")))
        updated = freshened(entry, ok(304, Cache_Control="max-age=60"), asked.selecting(entry), Policy())
        assert isinstance(updated, Entry)
        assert updated.vary == entry.vary
    plain = stored('"a"', Cache_Control="max-age=60")
    secret = Filling(asked.address, get(Authorization="x").fields, NOW, NOW)
    assert freshened(plain, ok(304), secret.selecting(plain), Policy()) == Refusal("authorization")


def test_a_304_that_forbids_storing_is_a_refusal() -> None:
    """9.4."""
    assert freshened(stored('"a"'), ok(304, Cache_Control="private"), FILLING, Policy()) == Refusal("private")


def test_what_may_be_used_once_more_is_as_young_as_its_304() -> None:
    """9.4, 9.5: though it may not be kept."""
    old = evolve(stored('"a"', X="1"), initial_age=50.0)
    once = served_once(old, ok(304, X="2", Cache_Control="no-store"), FILLING, Policy())
    assert (once.fields.get("x"), once.age_at(NOW + 1), once.body_id) == ("2", 1.0, "b")
    slow = evolve(FILLING, requested_at=NOW - 2)
    assert served_once(old, ok(304, Age="30"), slow, Policy()).age_at(NOW + 1) == 33.0
    dated = ok(304, Date=format_date(NOW - 90), Age="soon")
    assert served_once(old, dated, FILLING, Policy(conservative_age=True)).age_at(NOW) == 90.0
    assert served_once(old, dated, FILLING, Policy(strict_age=True)).age_at(NOW) == 0.0


def test_a_part_stays_where_it_is() -> None:
    """9.4, 11.9, 11.11: a 304 says nothing of its place, nor of how it came."""
    part = evolve(stored('"a"', Cache_Control="max-age=60"), first=5, part_of=900, of_206=True)
    updated = fresh(part, ok(304))
    assert (updated.first, updated.size, updated.part_of, updated.of_206) == (5, 100, 900, True)


REST: Any = {"Content_Range": "bytes 4-9/10", "ETag": '"a"', "Content_Length": "6"}


def beginning(etag: str = '"a"') -> Entry:
    """The first four of ten bytes."""
    return view_of([evolve(stored(etag, Cache_Control="max-age=60"), size=4, part_of=10)])


@pytest.mark.parametrize(
    "changed",
    [
        {"Content_Range": "bytes 4-9/11"},
        {"Content_Range": "bytes 4-9/*"},
        {"Content_Range": "letters 4-9/10"},
        {"Content_Range": None},
        {"ETag": '"b"'},
        {"ETag": None},
    ],
    ids=str,
)
def test_what_is_no_more_of_the_same(changed: dict[str, str | None]) -> None:
    """11.9: another size, another tag, or none told."""
    said = {name: value for name, value in (REST | changed).items() if value is not None}
    assert not continues(beginning(), ok(206, **said))
    assert completed(beginning(), ok(206, **said), FILLING, Policy()) is None


def test_only_a_strong_tag_says_that_two_parts_are_of_one() -> None:
    """11.9, and only of parts: a whole needs no more."""
    assert continues(beginning(), ok(206, **REST))
    assert not continues(beginning('W/"a"'), ok(206, **(REST | {"ETag": 'W/"a"'})))
    assert not continues(evolve(stored('"a"'), size=10), ok(206, **REST))


@pytest.mark.parametrize(
    "changed",
    [
        {"Content_Range": "bytes 5-9/10", "Content_Length": "5"},
        {"Content_Range": "bytes 4-8/10", "Content_Length": "5"},
        {"Content_Length": "5"},
        {"Cache_Control": "no-store"},
    ],
    ids=str,
)
def test_what_does_not_complete_the_whole(changed: dict[str, str]) -> None:
    """11.10: a gap, an end before the end, a length that is not the rest's, no leave to store."""
    assert completed(beginning(), ok(206, **(REST | changed)), FILLING, Policy()) is None


def test_the_beginning_and_its_rest_are_a_whole() -> None:
    """11.10."""
    whole = completed(beginning(), ok(206, **REST), FILLING, Policy())
    assert whole is not None
    assert (whole.size, whole.first, whole.is_part, whole.parts) == (10, 0, False, ())


def test_a_304_ends_a_soft_purge_and_may_bring_new_keys() -> None:
    """20.2, 20.3."""
    entry = stored('"a"', Cache_Control="max-age=60", Surrogate_Key="old").expired(NOW - 1)
    updated = fresh(entry, ok(304, Surrogate_Key="new"))
    assert updated.is_fresh(NOW)
    assert "new" in updated.surrogate_keys
    assert "old" not in updated.surrogate_keys


def test_what_a_head_tells_of_the_get_entry() -> None:
    """13.3."""
    entry = stored('"a"', Cache_Control="max-age=60")
    same = after_head(entry, ok(ETag='"a"', Content_Length="100"), FILLING, Policy())
    assert same is not None
    assert same.is_fresh(NOW)
    for head in (ok(), ok(Content_Length="100")):
        again = after_head(entry, head, FILLING, Policy())
        assert again is not None
        assert again.is_fresh(NOW)
    for head in (
        *(ok(ETag='"b"'), ok(Content_Length="99"), ok(Content_Length="0"), ok(404), ok(410)),
        *(ok(Last_Modified="E"), ok(Cache_Control="no-store")),
    ):
        expired = after_head(entry, head, FILLING, Policy())
        assert expired is not None
        assert not expired.is_fresh(NOW)
        assert expired.body_id == "b"
    dated = stored(None, NOW - 100, Last_Modified="D", Cache_Control="max-age=60")
    for modified, is_fresh in (("D", True), ("E", False)):
        told = after_head(dated, ok(Last_Modified=modified), FILLING, Policy())
        assert told is not None
        assert told.is_fresh(NOW) is is_fresh
    for one in (evolve(FILLING, fields=Fields.of(Authorization="x")), evolve(FILLING, no_store=True)):
        # RFC 9111 §3.5, §5.2.1.5: an answer that is not for the cache confirms what others have, and renews nothing
        assert after_head(entry, ok(ETag='"a"'), one, Policy()) is None
        other = after_head(entry, ok(ETag='"b"'), one, Policy())
        assert other is not None
        assert not other.is_fresh(NOW)  # §4.3.5: what it would get by GET is not what is stored
    assert after_head(entry, ok(500), FILLING, Policy()) is None
    assert after_head(evolve(entry, status=404), ok(), FILLING, Policy()) is None
