"""The rooms that take files in, and those that make new ones of what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from origin.api.answers import Answers
from origin.api.notifying import Notifiers
from origin.api.upload.archiving import Archiving
from origin.api.upload.explaining import Explaining
from origin.api.upload.mapping import MappedUploads
from origin.api.upload.sheeting import Sheeting
from origin.api.upload.taking import Taking
from origin.archives.choosing import Choosing
from origin.assets.analyses import Analyses
from origin.assets.assembly import Assembly
from origin.assets.captions import Captions
from origin.assets.copies import Copies
from origin.assets.eager import Eager
from origin.assets.editing import Editing
from origin.assets.ingest import Ingest
from origin.assets.outbox import Courier
from origin.assets.responsive import Responsive
from origin.assets.texts import Texts
from origin.remote.loading import Loader
from origin.remote.sources import Sources
from origin.wiring.base import Base, clouds_where, new_id
from origin.wiring.delivery import Delivery, Workshop

if TYPE_CHECKING:
    from origin.store.buckets import Buckets


@frozen(kw_only=True)
class Intake:
    """Whatever an asset comes from, and what is done with it on arrival."""

    answers: Answers
    analyses: Analyses
    texts: Texts
    ingest: Ingest
    eager: Eager
    editing: Editing
    taking: Taking
    explaining: Explaining
    copies: Copies
    archiving: Archiving
    sheeting: Sheeting
    captions: Captions
    sources: Sources
    assembly: Assembly


@frozen(kw_only=True)
class Reception:
    """Makes files assets, whoever they come from."""

    answers: Answers
    analyses: Analyses
    texts: Texts
    ingest: Ingest
    taking: Taking
    mapped: MappedUploads


def make_reception(base: Base, workshop: Workshop, courier: Courier) -> Reception:
    """The parts of one node that everything passes by which comes in."""
    catalogue, clouds = base.catalogue, base.settings.clouds
    answers = Answers(base.settings.delivery_url, base.modes.fixed, base.settings.secure_delivery_url)
    analyses = Analyses(catalogue, base.store, base.renders)
    texts = Texts(
        catalogue=catalogue,
        store=base.store,
        renders=base.renders,
        scratch=base.scratch,
        now=base.now,
        new_id=new_id,
    )
    ingest = _ingest(base, workshop, analyses, texts)
    taking = Taking(
        answers,
        ingest,
        workshop.eager,
        analyses,
        Responsive(workshop.eager, workshop.widths),
        courier,
        base.counters,
        catalogue.outbox,
    )
    return Reception(
        answers=answers,
        analyses=analyses,
        texts=texts,
        ingest=ingest,
        taking=taking,
        mapped=MappedUploads(
            taking=taking,
            presets=catalogue.presets,
            notifiers=Notifiers(clouds, base.now),
            clouds=clouds,
            new_id=new_id,
        ),
    )


def make_intake(
    base: Base, workshop: Workshop, reception: Reception, delivery: Delivery, courier: Courier
) -> Intake:
    """The parts of one node that take in, and make new of what is there."""
    catalogue, answers, ingest = base.catalogue, reception.answers, reception.ingest
    editing = Editing(catalogue, base.now, base.rng)
    explaining = Explaining(
        editing=editing,
        finder=delivery.finder,
        taking=reception.taking,
        texts=reception.texts,
        answers=answers,
        courier=courier,
    )
    return Intake(
        answers=answers,
        analyses=reception.analyses,
        texts=reception.texts,
        ingest=ingest,
        eager=workshop.eager,
        editing=editing,
        taking=reception.taking,
        explaining=explaining,
        copies=workshop.copies,
        archiving=Archiving(
            answers=answers,
            choosing=Choosing(catalogue, base.now),
            packing=workshop.packing,
            eager=workshop.eager,
            ingest=ingest,
            outbox=catalogue.outbox,
            spool=base.spool,
            most_bytes=base.settings.max_file_bytes,
            now=base.now,
            new_id=new_id,
        ),
        sheeting=Sheeting(
            tagged=delivery.tagged,
            remotes=workshop.remotes,
            ingest=ingest,
            store=base.store,
            spool=base.spool,
            chains=workshop.chains,
            answers=answers,
            outbox=catalogue.outbox,
            now=base.now,
            new_id=new_id,
        ),
        captions=Captions(
            ingest=ingest,
            chains=workshop.chains,
            planner=workshop.planner,
            renders=base.renders,
            store=base.store,
            spool=base.spool,
            new_id=new_id,
        ),
        sources=_sources(base),
        assembly=Assembly(
            catalogue=catalogue,
            store=base.store,
            spool=base.spool,
            now=base.now,
            new_id=new_id,
            most_bytes=base.settings.max_file_bytes,
        ),
    )


def _ingest(base: Base, workshop: Workshop, analyses: Analyses, texts: Texts) -> Ingest:
    return Ingest(
        catalogue=base.catalogue,
        store=base.store,
        renders=base.renders,
        planner=workshop.planner,
        rng=base.rng,
        chains=workshop.chains,
        analyses=analyses,
        texts=texts,
        now=base.now,
        backed_up=clouds_where(base.settings, lambda cloud: cloud.backup),
        retaining=clouds_where(base.settings, lambda cloud: cloud.retain_on_overwrite),
    )


def _sources(base: Base) -> Sources:
    settings = base.settings
    # Loads of their own: uploads of remote files must not take the turns that viewers wait for.
    loads = max(1, settings.loads // 4)
    loader = Loader(base.reactor, base.spool, running=loads, waiting=16 * loads)
    return Sources(loader, _buckets(base), settings.clouds)


def _buckets(base: Base) -> Buckets | None:
    """Where the storage is S3: only then its SDK is loaded."""
    storage = base.settings.storage
    if storage.kind != "minio":
        return None
    from origin.store.buckets import Buckets

    return Buckets(storage=storage, spool=base.spool, reactor=base.reactor, connect=base.connect)
