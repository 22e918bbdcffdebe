"""All calls of the APIs, each noun with what it works on."""

from collections.abc import Callable, Mapping
from random import Random

from attrs import frozen

from origin.api.admin import analysis, ping
from origin.api.admin.account import Account, MediaLimits
from origin.api.admin.deletion import Deletion
from origin.api.admin.detail import Detail
from origin.api.admin.folders import Folders
from origin.api.admin.listing import Listing
from origin.api.admin.mappings import UploadMappings
from origin.api.admin.messages import Messages
from origin.api.admin.metadata_datasources import MetadataDatasources
from origin.api.admin.metadata_fields import MetadataFields
from origin.api.admin.metadata_rules import MetadataRules
from origin.api.admin.publishing import Publishing
from origin.api.admin.relating import Relating
from origin.api.admin.restoring import Restoring
from origin.api.admin.search import Search
from origin.api.admin.streaming_profiles import StreamingProfiles
from origin.api.admin.tags import Tags as TagNames
from origin.api.admin.transformations import Transformations
from origin.api.admin.triggers import Triggers
from origin.api.admin.update import Update
from origin.api.admin.upload_presets import UploadPresets
from origin.api.answers import Answers
from origin.api.endpoint import Endpoint
from origin.api.notifying import Notifiers
from origin.api.searching import Searching
from origin.api.upload import evaluation, withdrawn
from origin.api.upload.archives import Archives
from origin.api.upload.archiving import Archiving
from origin.api.upload.background import Later
from origin.api.upload.context import Context
from origin.api.upload.delete_by_token import DeleteByToken
from origin.api.upload.destroy import DestroyAsset
from origin.api.upload.download import Download
from origin.api.upload.download_backup import DownloadBackup
from origin.api.upload.explaining import Explaining
from origin.api.upload.explicit import Explicit
from origin.api.upload.explode import Explode
from origin.api.upload.metadata import Metadata
from origin.api.upload.rename import Rename
from origin.api.upload.sending import Sending
from origin.api.upload.sheeting import Sheeting
from origin.api.upload.sheets import Sheets
from origin.api.upload.tags import Tags
from origin.api.upload.taking import Taking
from origin.api.upload.text import TextImages
from origin.api.upload.upload import UploadFile
from origin.assets.analyses import Analyses
from origin.assets.assembly import Assembly
from origin.assets.captions import Captions
from origin.assets.copies import Copies
from origin.assets.destroy import Destroy
from origin.assets.eager import Eager
from origin.assets.editing import Editing
from origin.assets.foldering import Foldering
from origin.assets.ingest import Ingest
from origin.assets.jobs import Jobs
from origin.assets.outbox import Courier
from origin.assets.structured import Structured
from origin.assets.texts import Texts
from origin.catalogue import Catalogue
from origin.counters import Counters
from origin.delivery.chains import ChainReader
from origin.delivery.rules import Rulebook
from origin.notifications.reading import Reading
from origin.remote.sources import Sources
from origin.settings import Cloud
from origin.store.interface import ObjectStore


@frozen(kw_only=True)
class Parts:
    """Everything that calls work on."""

    catalogue: Catalogue
    store: ObjectStore
    answers: Answers
    ingest: Ingest
    eager: Eager
    analyses: Analyses
    taking: Taking
    texts: Texts
    sources: Sources
    assembly: Assembly
    later: Later
    jobs: Jobs
    destroy: Destroy
    courier: Courier
    counters: Counters
    rng: Random
    notifiers: Notifiers
    editing: Editing
    foldering: Foldering
    explaining: Explaining
    archiving: Archiving
    copies: Copies
    sheeting: Sheeting
    captions: Captions
    reading: Reading
    searching: Searching
    rules: Rulebook
    chains: ChainReader
    clouds: Mapping[str, Cloud]
    media_limits: MediaLimits
    now: Callable[[], float]
    new_id: Callable[[], str]  # 32 hex digits


def endpoints(parts: Parts) -> tuple[Endpoint, ...]:
    """Every call there is."""
    return (*_admin(parts), *_upload(parts))


def _admin(parts: Parts) -> tuple[Endpoint, ...]:
    catalogue, answers = parts.catalogue, parts.answers
    return (
        *ping.ENDPOINTS,
        *analysis.ENDPOINTS,
        *Account(
            catalogue=catalogue, clouds=parts.clouds, limits=parts.media_limits, now=parts.now
        ).endpoints,
        *Listing(catalogue, answers).endpoints,
        *TagNames(catalogue.assets).endpoints,
        *_assets(parts),
        *Search(parts.searching, catalogue, parts.now).endpoints,
        *Folders(parts.foldering, parts.courier, parts.notifiers).endpoints,
        *Triggers(catalogue.triggers, parts.notifiers, parts.notifiers.now).endpoints,
        *Messages(parts.reading).endpoints,
        *Transformations(
            catalogue=catalogue,
            rules=parts.rules,
            chains=parts.chains,
            answers=answers,
            courier=parts.courier,
            now=parts.now,
        ).endpoints,
        *UploadMappings(catalogue=catalogue, rules=parts.rules, now=parts.now, new_id=parts.new_id).endpoints,
        *UploadPresets(catalogue.presets, parts.rng).endpoints,
        *StreamingProfiles(catalogue.profiles, parts.rng).endpoints,
        *MetadataFields(catalogue.metadata, parts.now, parts.new_id).endpoints,
        *MetadataDatasources(catalogue.metadata, parts.new_id).endpoints,
        *MetadataRules(catalogue.metadata, parts.new_id).endpoints,
    )


def _assets(parts: Parts) -> tuple[Endpoint, ...]:
    catalogue, answers, courier, notifiers = parts.catalogue, parts.answers, parts.courier, parts.notifiers
    detail = Detail(catalogue, answers, parts.analyses)
    return (
        *detail.endpoints,
        *Update(
            catalogue=catalogue,
            detail=detail,
            editing=parts.editing,
            texts=parts.texts,
            courier=courier,
            notifiers=notifiers,
        ).endpoints,
        *Deletion(catalogue, parts.destroy, courier, notifiers).endpoints,
        *Restoring(
            catalogue=catalogue, answers=answers, courier=courier, notifiers=notifiers, now=parts.now
        ).endpoints,
        *Relating(catalogue=catalogue, now=parts.now).endpoints,
        *Publishing(
            catalogue=catalogue,
            answers=answers,
            courier=courier,
            notifiers=notifiers,
            editing=parts.editing,
        ).endpoints,
    )


def _upload(parts: Parts) -> tuple[Endpoint, ...]:
    sending = Sending(parts.store)
    return (
        *evaluation.ENDPOINTS,
        *DownloadBackup(parts.catalogue.backups, parts.store).endpoints,
        *Download(parts.catalogue, parts.copies, sending).endpoints,
        *_made_of_several(parts, sending),
        *UploadFile(
            parts.taking, parts.sources, parts.assembly, parts.notifiers, parts.later, parts.jobs
        ).endpoints,
        *DestroyAsset(parts.destroy, parts.courier, parts.notifiers).endpoints,
        *_edits(parts),
    )


def _made_of_several(parts: Parts, sending: Sending) -> tuple[Endpoint, ...]:
    return (
        *Archives(parts.archiving, sending, parts.notifiers, parts.jobs).endpoints,
        *Sheets(parts.sheeting, sending, parts.notifiers, parts.jobs).endpoints,
        *TextImages(parts.captions, parts.answers, parts.notifiers, parts.counters).endpoints,
        *Explode(
            catalogue=parts.catalogue,
            eager=parts.eager,
            notifiers=parts.notifiers,
            jobs=parts.jobs,
            now=parts.now,
            new_id=parts.new_id,
        ).endpoints,
        *withdrawn.ENDPOINTS,
    )


def _edits(parts: Parts) -> tuple[Endpoint, ...]:
    return (
        *Explicit(parts.explaining, parts.notifiers, parts.jobs, parts.new_id).endpoints,
        *Rename(parts.editing, parts.answers, parts.courier, parts.notifiers).endpoints,
        *Tags(parts.editing, parts.courier, parts.notifiers).endpoints,
        *Context(parts.editing, parts.courier, parts.notifiers).endpoints,
        *Metadata(
            parts.editing, Structured(parts.catalogue.metadata), parts.courier, parts.notifiers
        ).endpoints,
        *DeleteByToken(
            catalogue=parts.catalogue,
            destroy=parts.destroy,
            courier=parts.courier,
            notifiers=parts.notifiers,
            clouds=parts.notifiers.clouds,
            now=parts.now,
        ).endpoints,
    )
