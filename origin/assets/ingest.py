"""An uploaded file becomes an asset: named, looked at, stored; its row is the moment it exists."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from attrs import evolve, field, frozen

from origin.assets.analyses import ANALYSIS, NO_ANALYSES, Analyses, AnalysisWish
from origin.assets.appraisal import Appraised, appraised, check_format, check_left_alone
from origin.assets.authors import authored, made_before
from origin.assets.coordinates import Outlines, limited
from origin.assets.description import Description
from origin.assets.drafting import Received, draft_of
from origin.assets.naming import chosen_public_id, random_name, stem_and_extension
from origin.assets.purging import is_shown_to_others, purge_of, purge_of_tags
from origin.assets.recordings import recorded
from origin.assets.structured import Structured
from origin.assets.suiting import Suiting
from origin.assets.texts import Texts
from origin.catalogue import (
    Asset,
    AssetDraft,
    Catalogue,
    Identity,
    Message,
    Outcome,
    Stored,
    Tell,
    marked,
    marks_of_details,
)
from origin.catalogue.assets import tell_nothing
from origin.delivery.chains import ChainReader, frozen_values
from origin.delivery.planning import Planner, Wish, files_of
from origin.metadata.spelling import Written
from origin.metadata.validation import Value
from origin.render.pool import RenderPool
from origin.store.interface import ObjectStore
from origin.transform.language.about import About
from origin.transform.plan import SourceFacts
from origin.transform.sight import Rect
from wire.errors import InvalidRequest


@frozen(kw_only=True)
class Upload:
    """What the uploader asks for, every value checked."""

    cloud: str
    resource_type: str  # image, video, raw or auto
    type: str = "upload"
    public_id: str | None = None
    prefix: str = ""
    filename: str | None = None
    keeps_filename: bool = True
    use_filename: bool = False
    unique_filename: bool = True
    asset_folder: str = ""
    display_name: str | None = None
    overwrite: bool = True
    invalidate: bool = False
    backup: bool | None = None  # whether the revision is kept; None: as the cloud is set
    tags: tuple[str, ...] = ()
    context: dict[str, str] = field(factory=dict)
    metadata: Mapping[str, Written] = field(factory=dict)  # structured, as it was written
    allowed_formats: tuple[str, ...] = ()
    format: str | None = None  # convert to this before storage
    transformation: str = ""  # applied before storage
    analyses: AnalysisWish = NO_ANALYSES
    suitings: tuple[Suiting, ...] = ()  # for which of its widths breakpoints are found once it is stored
    extracts_text: bool = False  # of a PDF, kept beside it
    by: str | None = None  # whose api_key asks for it
    revision: str | None = None  # 32 hex digits: told, taking the same file in again changes nothing
    unique_display_name: bool = False
    details: Mapping[str, Any] = field(factory=dict)  # JSON: whatever else the asset is to remember
    said: Description = field(factory=Description)  # tags, context, folder and display name are those above

    @property
    def faces(self) -> tuple[Rect, ...]:
        """Marked by the uploader, as are areas (custom coordinates) and regions."""
        return self.said.faces

    @property
    def areas(self) -> tuple[Rect, ...]:
        """Boxes for `g_custom`."""
        return self.said.areas

    @property
    def regions(self) -> Outlines:
        """Outlines with names."""
        return self.said.regions or {}


class Ingest:
    """Takes uploads in. Objects are stored before the row; what never got its row is swept."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        store: ObjectStore,
        renders: RenderPool,
        planner: Planner,
        rng: Random,
        chains: ChainReader,
        analyses: Analyses,
        texts: Texts,
        now: Callable[[], float],
        backed_up: frozenset[str] = frozenset(),
        retaining: frozenset[str] = frozenset(),
    ) -> None:
        self._catalogue = catalogue
        self._store = store
        self._renders = renders
        self._planner = planner
        self._rng = rng
        self._chains = chains
        self._analyses = analyses
        self._texts = texts
        self._now = now
        self._structured = Structured(catalogue.metadata)
        self._backed_up = backed_up  # clouds whose every original is kept
        self._retaining = retaining  # clouds whose assets keep what was said of them when overwritten

    async def take(self, upload: Upload, file: Received, tell: Tell = tell_nothing) -> Stored:
        """Make the file an asset. The file is consumed, whatever comes of it.

        `tell`: what else is told of it, in the transaction that stores the row, or by itself where the asset
        that was there stays.
        """
        mine = [file.path]
        try:
            stored = await self._take(upload, file, mine, tell)
            if stored.outcome is Outcome.EXISTING:
                await self._catalogue.outbox.add(tell(stored), now=self._now())
            return stored
        finally:
            for path in mine:
                path.unlink(missing_ok=True)

    async def _take(self, upload: Upload, file: Received, mine: list[Path], tell: Tell) -> Stored:
        if file.size == 0:
            raise InvalidRequest("Empty file")
        metadata = await self._structured.of_new(upload.cloud, upload.metadata)
        found = await appraised(self._renders, file.path, upload.resource_type, upload.filename)
        if upload.format is None:  # with `format`, files are converted instead
            check_format(found, upload.allowed_formats, upload.filename)
        check_left_alone(found, upload.transformation, upload.format)
        public_id = chosen_public_id(
            public_id=upload.public_id,
            filename=upload.filename,
            use_filename=upload.use_filename,
            unique_filename=upload.unique_filename,
            prefix=upload.prefix,
            is_raw=found.resource_type == "raw",
            # Taken in twice, a file has the same name twice.
            rng=self._rng if upload.revision is None else Random(upload.revision),  # noqa: S311  names, no secrets
        )
        identity = Identity(upload.cloud, found.resource_type, upload.type, public_id)
        if not upload.overwrite and (existing := await self._catalogue.assets.get(identity)) is not None:
            is_mine = existing.revision == upload.revision
            return Stored(existing, Outcome.REPEATED if is_mine else Outcome.EXISTING)
        words = await self._texts.read(file.path) if upload.extracts_text else None
        facts = found.facts
        if facts is not None and (upload.transformation or upload.format not in (None, facts.format)):
            file, facts = await self._transformed(upload, file, facts, metadata)
            mine.append(file.path)
        draft = evolve(self._draft(upload, identity, file, evolve(found, facts=facts)), metadata=metadata)
        draft = await self._analysed(upload, draft, file.path)
        await self._store.put(draft.store_key, file.path)
        stored = await self._catalogue.assets.put(
            draft,
            now=self._now(),
            overwrite=upload.overwrite,
            backup=upload.cloud in self._backed_up if upload.backup is None else upload.backup,
            tell=lambda stored: (*_told(stored, upload.invalidate), *tell(stored)),
            retain=partial(retained, upload, upload.cloud in self._retaining),
            suffix=random_name(self._rng, 6) if upload.unique_display_name else "",
        )
        if words is not None and stored.outcome is not Outcome.EXISTING:
            await self._texts.keep(stored.asset, words)
        return stored

    async def _analysed(self, upload: Upload, draft: AssetDraft, path: Path) -> AssetDraft:
        """The draft with what its uploader wants to be told of it."""
        if draft.facts is None or not upload.analyses:
            return draft
        found = await self._analyses.of_file(path, draft.facts, upload.analyses, upload.faces)
        return evolve(draft, details={**draft.details, ANALYSIS: found})

    async def _transformed(
        self, upload: Upload, file: Received, facts: SourceFacts, metadata: Mapping[str, Value]
    ) -> tuple[Received, SourceFacts]:
        """The incoming transformation and conversion (upload-api §3.2)."""
        chain = self._chains.read(upload.cloud, upload.transformation)
        marks = marks_of_details(marked(upload.faces, upload.areas, upload.regions))
        about = About(
            tags=frozenset(upload.tags), context=upload.context, metadata=frozen_values(metadata), marks=marks
        )
        wish = Wish(cloud=upload.cloud, chain=chain, picture=file.path, extension=upload.format, about=about)
        planned = await self._planner.plan(wish, facts)
        if planned.plan.passthrough:
            return file, facts
        async with files_of(self._store, planned.layers) as layers:
            rendered = await self._renders.render(planned.plan, file.path, facts, layers)
        try:
            after = await self._renders.probe(rendered.path)
        except BaseException:
            rendered.path.unlink(missing_ok=True)
            raise
        return Received(rendered.path, rendered.size, rendered.md5), after

    def _fresh_revision(self) -> str:
        return UUID(int=self._rng.getrandbits(128)).hex

    def _draft(self, upload: Upload, identity: Identity, file: Received, found: Appraised) -> AssetDraft:
        stem = stem_and_extension(upload.filename)[0] if upload.filename else None
        revision = upload.revision or self._fresh_revision()
        draft = draft_of(identity, revision, file, found.facts, found.recording)
        details = {**upload.said.details(self._now()), **authored(upload.by), **upload.details}
        if found.facts is not None:
            faces, areas = (limited(boxes, *found.facts.shown) for boxes in (upload.faces, upload.areas))
            details |= marked(faces, areas, upload.regions)
        if found.recording:
            details |= recorded(found.recording)
        return evolve(
            draft,
            original_filename=stem if upload.keeps_filename else None,
            asset_folder=upload.asset_folder,
            display_name=upload.display_name or draft.display_name,
            tags=upload.tags,
            context=upload.context,
            details=details,
        )


def _told(stored: Stored, invalidate: bool) -> tuple[Message, ...]:
    """Old pictures end when asked to, what shows all that bears a tag at once. A new name needs no purge: no
    cache keeps an error of ours."""
    asset, replaced = stored.asset, stored.replaced
    tags = (*asset.tags, *(replaced.tags if replaced else ()))
    told = purge_of_tags(asset.identity.cloud, asset.identity.resource_type, *tags)
    is_due = invalidate or (replaced is not None and is_shown_to_others(replaced, asset))
    return (*told, *purge_of(asset.identity)) if is_due else told


def retained(upload: Upload, stays_said: bool, draft: AssetDraft, old: Asset) -> AssetDraft:
    """Who made the asset that is overwritten; and, if that stays, what was said of it where nothing new is (§3.4)."""
    draft = evolve(draft, details={**draft.details, **made_before(old)})
    if not stays_said:
        return draft
    return evolve(
        draft,
        tags=draft.tags or old.tags,
        context=draft.context or old.context,
        metadata=draft.metadata
        if upload.metadata
        else {**draft.metadata, **old.metadata},  # defaults give way
    )
