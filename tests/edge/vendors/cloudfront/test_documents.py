"""The API's answers, element by element (cdn-vendors §7.1)."""

from __future__ import annotations

from edge.vendors.cloudfront.batch import NAMESPACE, Batch
from edge.vendors.cloudfront.documents import invalidation, listing
from edge.vendors.cloudfront.records import Record

RECORD = Record("I2J0I21PCUYOIK", "E1", 1795428000.123, Batch(("/a&b", "/hls/*"), "ref-0001"))


def test_an_invalidation() -> None:
    assert invalidation(RECORD) == (
        '<?xml version="1.0"?>\n'
        f'<Invalidation xmlns="{NAMESPACE}"><Id>I2J0I21PCUYOIK</Id><Status>InProgress</Status>'
        "<CreateTime>2026-11-23T10:00:00.123Z</CreateTime><InvalidationBatch><Paths><Quantity>2</Quantity>"
        "<Items><Path>/a&amp;b</Path><Path>/hls/*</Path></Items></Paths>"
        "<CallerReference>ref-0001</CallerReference></InvalidationBatch></Invalidation>"
    )


def test_a_page_has_summaries_in_their_own_order() -> None:
    assert listing((RECORD,), "", 1, is_truncated=True) == (
        '<?xml version="1.0"?>\n'
        f'<InvalidationList xmlns="{NAMESPACE}"><Marker></Marker><NextMarker>I2J0I21PCUYOIK</NextMarker>'
        "<MaxItems>1</MaxItems><IsTruncated>true</IsTruncated><Quantity>1</Quantity><Items>"
        "<InvalidationSummary><Id>I2J0I21PCUYOIK</Id><CreateTime>2026-11-23T10:00:00.123Z</CreateTime>"
        "<Status>InProgress</Status></InvalidationSummary></Items></InvalidationList>"
    )


def test_a_page_of_nothing_has_no_items() -> None:
    assert listing((), "I1", 100, is_truncated=False).endswith(
        "<Marker>I1</Marker><MaxItems>100</MaxItems><IsTruncated>false</IsTruncated><Quantity>0</Quantity>"
        "</InvalidationList>"
    )
