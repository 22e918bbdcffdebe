"""The catalogue as a node holds it: one database, a noun for each kind of thing it knows."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from origin.catalogue.assets import Assets
from origin.catalogue.backups import Backups
from origin.catalogue.channels import Channels
from origin.catalogue.copies import Copies
from origin.catalogue.database import Database
from origin.catalogue.derived import Derivatives
from origin.catalogue.edits import Edits
from origin.catalogue.foldering import DYNAMIC, FolderModes
from origin.catalogue.folders import Folders
from origin.catalogue.holdings import Holdings
from origin.catalogue.mappings import Mappings
from origin.catalogue.metadata import MetadataSchemas
from origin.catalogue.objects import Objects
from origin.catalogue.outbox import Outbox
from origin.catalogue.presets import Presets
from origin.catalogue.profiles import Profiles
from origin.catalogue.related import Relations
from origin.catalogue.search.folders import FolderSearches
from origin.catalogue.search.searches import Searches
from origin.catalogue.sights import Sights
from origin.catalogue.tallies import Tallies
from origin.catalogue.transformations import Transformations
from origin.catalogue.triggers import Triggers
from origin.catalogue.uploads import Uploads


def fresh_id() -> str:
    """32 hex digits nobody had before."""
    return uuid4().hex


class Catalogue:
    """Rows of assets, their derived files and what must still be told, by SQLAlchemy URL.

    `sqlite:///var/catalogue.db` (made when missing) or `postgresql+psycopg://user@host/database`. Opens
    lazily: the first call creates or upgrades the schema, so a database that comes up later is simply
    used then. Every call raises `CatalogueUnavailable` while the database is out of reach. Cancelling a
    call never leaves half a change: it happened whole or not at all.

    `modes`: which clouds keep their folders in public ids.
    `linger_seconds`: how long an object that lost its row stays, for those who looked just before.
    """

    def __init__(
        self,
        url: str,
        *,
        reactor: Any,
        threads: int = 4,
        lock_seconds: float = 5.0,
        deadline_seconds: float = 10.0,
        linger_seconds: float = 60.0,
        new_id: Callable[[], str] = fresh_id,
        modes: FolderModes = DYNAMIC,
    ) -> None:
        self._database = Database(
            url,
            reactor=reactor,
            threads=threads,
            lock_seconds=lock_seconds,
            deadline_seconds=deadline_seconds,
        )
        self.assets = Assets(self._database, linger_seconds=linger_seconds, new_id=new_id, modes=modes)
        self.edits = Edits(self._database, linger_seconds=linger_seconds, new_id=new_id, modes=modes)
        self.folders = Folders(self._database, new_id=new_id, modes=modes)
        self.derived = Derivatives(self._database, linger_seconds=linger_seconds, new_id=new_id)
        self.searches = Searches(self._database)
        self.folder_searches = FolderSearches(self._database)
        self.backups = Backups(self._database, linger_seconds=linger_seconds, new_id=new_id, modes=modes)
        self.relations = Relations(self._database)
        self.sights = Sights(self._database)
        self.copies = Copies(self._database, linger_seconds=linger_seconds)
        self.outbox = Outbox(self._database)
        self.triggers = Triggers(self._database, new_id=new_id)
        self.channels = Channels(self._database, new_id=new_id)
        self.objects = Objects(self._database)
        self.presets = Presets(self._database)
        self.profiles = Profiles(self._database)
        self.metadata = MetadataSchemas(self._database)
        self.transformations = Transformations(self._database, linger_seconds=linger_seconds)
        self.mappings = Mappings(self._database)
        self.tallies = Tallies(self._database)
        self.holdings = Holdings(self._database)
        self.uploads = Uploads(self._database, linger_seconds=linger_seconds)

    async def check(self) -> None:
        """Return when it can serve (created or upgraded if need be), else `CatalogueUnavailable`."""
        await self._database.check()

    async def close(self) -> None:
        """Release connections and threads."""
        await self._database.close()
