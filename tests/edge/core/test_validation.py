"""What a 304 updates, and how (sheet 9, 13.3)."""

from __future__ import annotations

from attrs import evolve

from edge.core.entry import Entry
from edge.core.key import address_of
from edge.core.policy import Policy
from edge.core.storing import Filling, Refusal
from edge.core.validation import after_head, freshened, merged, named_by
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


def test_without_a_tag_the_one_we_asked_about_is_meant() -> None:
    """9.3: origins often leave validators out; a Last-Modified that differs is another response's."""
    tagged = stored('"a"')
    assert named_by(ok(304), tagged, (tagged,)) == (tagged,)
    dated = stored(None, NOW, Last_Modified="D")
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
    """9.4, 4.2."""
    fields = merged(stored(None, NOW, X="1"), ok(304, Connection="X", X="2"), NOW)
    assert fields.all("x") == ("1",)


def test_age_restarts_and_stored_freshness_counts_from_the_304() -> None:
    """9.5, 6.4: max-age=2 stale; 304; a second later: hit, Age 1."""
    entry = stored('"a"', Cache_Control="max-age=2", Age="50", Date=format_date(NOW - 100))
    updated = fresh(entry, ok(304, Date=format_date(NOW)))
    assert updated.age_at(NOW + 1) == 1
    assert updated.is_fresh(NOW + 1)
    assert updated.fields.all("date") == (format_date(NOW),)
    assert fresh(entry, ok(304, Age="1")).age_at(NOW) == 1


def test_a_304_that_forbids_storing_is_a_refusal() -> None:
    """9.4."""
    assert freshened(stored('"a"'), ok(304, Cache_Control="private"), FILLING, Policy()) == Refusal("private")


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
    for head in (ok(ETag='"b"'), ok(Content_Length="99"), ok(404), ok(410), ok(Last_Modified="E")):
        expired = after_head(entry, head, FILLING, Policy())
        assert expired is not None
        assert not expired.is_fresh(NOW)
        assert expired.body_id == "b"
    assert after_head(entry, ok(500), FILLING, Policy()) is None
    assert after_head(evolve(entry, status=404), ok(), FILLING, Policy()) is None
