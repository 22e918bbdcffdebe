"""What the origin knows of its assets: rows in SQLite or PostgreSQL, behind a noun a file."""

from origin.catalogue.assets import Assets, Outcome, Stored, Tell
from origin.catalogue.backups import Backups, NotRestored, Wanted
from origin.catalogue.catalogue import Catalogue
from origin.catalogue.cursors import NUMBER, cursor_of, values_in
from origin.catalogue.database import CatalogueTooNewError, CatalogueUnavailable
from origin.catalogue.derived import MEZZANINE, Derivatives, Derived, DerivedDraft, derived_key
from origin.catalogue.edits import Edits, Renamed
from origin.catalogue.foldering import FolderModes
from origin.catalogue.folders import Folder, FolderPage, Folders, Moved
from origin.catalogue.keeping import Version
from origin.catalogue.leaving import Gone
from origin.catalogue.listing import Page, Query
from origin.catalogue.mappings import Mapping, Mappings
from origin.catalogue.marking import CAPTION, caption_of, marked, marks_of, marks_of_details
from origin.catalogue.objects import NamedObject, Objects
from origin.catalogue.outbox import REMOVE_OBJECT, Message, Outbox, OutboxEntry
from origin.catalogue.presets import Preset
from origin.catalogue.profiles import Profile
from origin.catalogue.related import Relations
from origin.catalogue.sights import Sights
from origin.catalogue.tallies import Tallies, Tally
from origin.catalogue.terms import Term
from origin.catalogue.transformations import RULES, Transformation, Transformations
from origin.catalogue.uploads import PartDraft, Progress, UploadDraft, Uploads, upload_key
from origin.catalogue.values import LONGEST, Asset, AssetDraft, Identity, is_rejected, is_storable

__all__ = [
    "CAPTION",
    "LONGEST",
    "MEZZANINE",
    "NUMBER",
    "REMOVE_OBJECT",
    "RULES",
    "Asset",
    "AssetDraft",
    "Assets",
    "Backups",
    "Catalogue",
    "CatalogueTooNewError",
    "CatalogueUnavailable",
    "Derivatives",
    "Derived",
    "DerivedDraft",
    "Edits",
    "Folder",
    "FolderModes",
    "FolderPage",
    "Folders",
    "Gone",
    "Identity",
    "Mapping",
    "Mappings",
    "Message",
    "Moved",
    "NamedObject",
    "NotRestored",
    "Objects",
    "Outbox",
    "OutboxEntry",
    "Outcome",
    "Page",
    "PartDraft",
    "Preset",
    "Profile",
    "Progress",
    "Query",
    "Relations",
    "Renamed",
    "Sights",
    "Stored",
    "Tallies",
    "Tally",
    "Tell",
    "Term",
    "Transformation",
    "Transformations",
    "UploadDraft",
    "Uploads",
    "Version",
    "Wanted",
    "caption_of",
    "cursor_of",
    "derived_key",
    "is_rejected",
    "is_storable",
    "marked",
    "marks_of",
    "marks_of_details",
    "upload_key",
    "values_in",
]
