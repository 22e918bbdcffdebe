"""The API's answers, in XML (cdn-vendors §7.1, §7.5)."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.sax.saxutils import escape

from edge.vendors.cloudfront.batch import NAMESPACE, Batch
from edge.vendors.cloudfront.errors import AwsError
from edge.vendors.cloudfront.records import Record

HEAD = '<?xml version="1.0"?>\n'


def invalidation(record: Record) -> str:
    """One invalidation, whole."""
    return (
        f'{HEAD}<Invalidation xmlns="{NAMESPACE}"><Id>{record.id}</Id><Status>{record.status}</Status>'
        f"<CreateTime>{_created(record)}</CreateTime>{_batch(record.batch)}</Invalidation>"
    )


def listing(records: tuple[Record, ...], marker: str, most: int, *, is_truncated: bool) -> str:
    """A page of summaries."""
    following = f"<NextMarker>{escape(records[-1].id)}</NextMarker>" if is_truncated and records else ""
    summaries = "".join(map(_summary, records))
    return (
        f'{HEAD}<InvalidationList xmlns="{NAMESPACE}"><Marker>{escape(marker)}</Marker>{following}'
        f"<MaxItems>{most}</MaxItems><IsTruncated>{'true' if is_truncated else 'false'}</IsTruncated>"
        f"<Quantity>{len(records)}</Quantity>{f'<Items>{summaries}</Items>' if records else ''}"
        "</InvalidationList>"
    )


def refusal(error: AwsError, request: str) -> str:
    """Why not."""
    return (
        f'{HEAD}<ErrorResponse xmlns="{NAMESPACE}"><Error><Type>Sender</Type><Code>{error.code}</Code>'
        f"<Message>{escape(error.public)}</Message></Error><RequestId>{request}</RequestId></ErrorResponse>"
    )


def _summary(record: Record) -> str:
    return (
        f"<InvalidationSummary><Id>{record.id}</Id><CreateTime>{_created(record)}</CreateTime>"
        f"<Status>{record.status}</Status></InvalidationSummary>"
    )


def _created(record: Record) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _batch(batch: Batch) -> str:
    paths = "".join(f"<Path>{escape(item)}</Path>" for item in batch.items)
    return (
        f"<InvalidationBatch><Paths><Quantity>{len(batch.items)}</Quantity><Items>{paths}</Items></Paths>"
        f"<CallerReference>{escape(batch.reference)}</CallerReference></InvalidationBatch>"
    )
