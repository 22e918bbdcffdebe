"""What a request says of an asset besides its bytes; whatever it does not say stays as it is (upload-api §3.2)."""

from collections.abc import Mapping
from typing import Any

from attrs import evolve, frozen

from origin.assets.access import Rules
from origin.assets.coordinates import Outlines
from origin.assets.moderation import begun
from origin.catalogue import Asset, marked
from origin.metadata.settling import Edit as MetadataEdit
from origin.transform.sight import Rect


@frozen(kw_only=True)
class Description:
    """Values as checked; None where nothing is said."""

    tags: tuple[str, ...] | None = None
    context: Mapping[str, str] | None = None
    asset_folder: str | None = None
    display_name: str | None = None
    faces: tuple[Rect, ...] = ()  # coordinates are given, or kept: there is no way to take them back
    areas: tuple[Rect, ...] = ()
    regions: Outlines | None = None
    access_mode: str | None = None
    access_control: Rules | None = None
    headers: Mapping[str, str] | None = None
    quality_override: str | None = None
    moderation: tuple[str, ...] = ()  # kinds to begin with
    metadata: MetadataEdit | None = None  # structured: its fields have yet to be asked

    def details(self, when: float) -> dict[str, Any]:
        """What an asset's details hold of it, coordinates apart; `when` is unix seconds."""
        said: dict[str, Any] = {
            "access_mode": self.access_mode,
            "access_control": self.access_control,
            "headers": None if self.headers is None else dict(self.headers),
            "quality_override": self.quality_override,
            "moderation": begun(self.moderation, when) or None,
        }
        return {name: value for name, value in said.items() if value is not None}

    def applied(self, asset: Asset, when: float) -> Asset:
        """The asset of which all this was said. Coordinates are kept as given, however large (§3.2)."""
        places = marked(self.faces, self.areas, self.regions or {})
        details = {**asset.details, **self.details(when), **places}
        if "coordinates" in places:
            details["coordinates"] = {**asset.details.get("coordinates", {}), **places["coordinates"]}
        said: dict[str, Any] = {
            "tags": self.tags,
            "context": self.context,
            "asset_folder": self.asset_folder,
            "display_name": self.display_name,
        }
        changes = {name: value for name, value in said.items() if value is not None}
        return evolve(asset, details=details, **changes)
