"""All calls of the APIs, each noun with what it works on."""

from attrs import frozen

from origin.api.admin import ping
from origin.api.admin.deletion import Deletion
from origin.api.admin.detail import Detail
from origin.api.admin.listing import Listing
from origin.api.answers import Answers
from origin.api.endpoint import Endpoint
from origin.api.upload.destroy import DestroyAsset
from origin.api.upload.upload import UploadFile
from origin.assets.analyses import Analyses
from origin.assets.destroy import Destroy
from origin.assets.eager import Eager
from origin.assets.ingest import Ingest
from origin.assets.outbox import Courier
from origin.catalogue import Catalogue
from origin.counters import Counters


@frozen(kw_only=True)
class Parts:
    """Everything that calls work on."""

    catalogue: Catalogue
    answers: Answers
    ingest: Ingest
    eager: Eager
    analyses: Analyses
    destroy: Destroy
    courier: Courier
    counters: Counters


def endpoints(parts: Parts) -> tuple[Endpoint, ...]:
    """Every call there is."""
    return (*_admin(parts), *_upload(parts))


def _admin(parts: Parts) -> tuple[Endpoint, ...]:
    catalogue, answers = parts.catalogue, parts.answers
    return (
        *ping.ENDPOINTS,
        *Listing(catalogue, answers).endpoints,
        *Detail(catalogue, answers, parts.analyses).endpoints,
        *Deletion(catalogue, parts.destroy, parts.courier).endpoints,
    )


def _upload(parts: Parts) -> tuple[Endpoint, ...]:
    return (
        *UploadFile(
            parts.answers, parts.ingest, parts.eager, parts.analyses, parts.courier, parts.counters
        ).endpoints,
        *DestroyAsset(parts.destroy, parts.courier).endpoints,
    )
