"""The desk where calls arrive, what the calls work on, and the jobs that they leave."""

from collections.abc import Callable

from origin.api.admin.account import MediaLimits
from origin.api.credentials import Doorkeeper
from origin.api.limits import RateLimits
from origin.api.notifying import Notifiers
from origin.api.presetting import Presetting
from origin.api.resource import Desk
from origin.api.searching import Searching
from origin.api.upload.answering import DERIVE
from origin.api.upload.archives import ARCHIVE, Archive
from origin.api.upload.background import Derive, Later, TakeIn
from origin.api.upload.explaining import EXPLICIT, Explain
from origin.api.upload.sheets import SHEET, MakeSheet
from origin.api.wiring import Parts
from origin.assets.destroy import Destroy
from origin.assets.foldering import Foldering
from origin.assets.jobs import Jobs, Lull
from origin.assets.outbox import Courier
from origin.assets.structured import StripMetadata
from origin.catalogue.messages import TAKE_IN
from origin.catalogue.metadata import STRIP_METADATA
from origin.notifications.reading import Reading
from origin.wiring.base import Base, new_id
from origin.wiring.delivery import Workshop
from origin.wiring.taking import Intake


def make_desk(base: Base, intake: Intake) -> Desk:
    """Where the calls of one node arrive."""
    settings = base.settings
    return Desk(
        doorkeeper=Doorkeeper(settings.clouds, settings.signature_window_seconds),
        presetting=Presetting(base.catalogue.presets, settings.clouds),
        answers=intake.answers,
        limits=RateLimits(base.catalogue.tallies, settings.clouds, base.now),
        rules=base.rules,
        spool=base.spool,
        max_upload_bytes=settings.max_upload_bytes,
        now=base.now,
        new_id=new_id,
    )


def make_jobs(base: Base, intake: Intake) -> Jobs:
    """A service: does what was promised with the answers of calls."""
    clouds = base.settings.clouds
    calm = Lull(lambda: base.renders.is_crowded, base.reactor)
    return Jobs(
        outbox=base.catalogue.outbox,
        kinds={
            TAKE_IN: TakeIn(
                taking=intake.taking,
                sources=intake.sources,
                store=base.store,
                spool=base.spool,
                clouds=clouds,
            ),
            DERIVE: Derive(taking=intake.taking, catalogue=base.catalogue, clouds=clouds, calm=calm),
            EXPLICIT: Explain(explaining=intake.explaining, clouds=clouds),
            STRIP_METADATA: StripMetadata(base.catalogue.metadata, base.now),
            SHEET: MakeSheet(sheeting=intake.sheeting, clouds=clouds),
            ARCHIVE: Archive(archiving=intake.archiving, clouds=clouds),
        },
        calm=calm,
        clock=base.reactor,
        now=base.now,
    )


def make_parts(
    base: Base,
    workshop: Workshop,
    intake: Intake,
    courier: Courier,
    jobs: Jobs,
    *,
    is_ending: Callable[[], bool],
) -> Parts:
    """What the calls of one node work on."""
    settings, catalogue = base.settings, base.catalogue
    return Parts(
        catalogue=catalogue,
        store=base.store,
        answers=intake.answers,
        ingest=intake.ingest,
        eager=intake.eager,
        analyses=intake.analyses,
        destroy=Destroy(catalogue=catalogue, eager=intake.eager, now=base.now),
        courier=courier,
        counters=base.counters,
        rng=base.rng,
        editing=intake.editing,
        foldering=Foldering(catalogue, base.now),
        explaining=intake.explaining,
        archiving=intake.archiving,
        copies=intake.copies,
        sheeting=intake.sheeting,
        captions=intake.captions,
        texts=intake.texts,
        taking=intake.taking,
        sources=intake.sources,
        later=Later(catalogue=catalogue, store=base.store, now=base.now, new_id=new_id),
        jobs=jobs,
        assembly=intake.assembly,
        notifiers=Notifiers(settings.clouds, base.now),
        searching=Searching(catalogue, intake.answers, base.now),
        rules=base.rules,
        chains=workshop.chains,
        clouds=settings.clouds,
        media_limits=MediaLimits(
            settings.max_upload_bytes,
            round(settings.render.input_megapixels * 1_000_000),
            round(settings.render.frames_megapixels * 1_000_000),
        ),
        now=base.now,
        new_id=new_id,
        reading=Reading(
            catalogue=catalogue,
            clouds=settings.clouds,
            clock=base.reactor,
            now=base.now,
            look_seconds=settings.webhooks.look_seconds,
            is_ending=is_ending,
        ),
    )
