"""What a request says of an asset, read from its parameters: those that uploads and later edits share."""

from origin.api.params import Params, flag, listed, text
from origin.assets.access import parse_access_control
from origin.assets.context import parse_context, unique_tags
from origin.assets.coordinates import parse_boxes, parse_regions
from origin.assets.description import Description
from origin.assets.headers import parse_headers
from origin.assets.moderation import parse_moderation
from origin.assets.naming import checked_display_name, checked_folder
from origin.metadata.settling import Edit as MetadataEdit
from origin.metadata.spelling import parse_values
from origin.transform.params.quality import NO_OVERRIDE, read_quality
from wire.components import printable
from wire.errors import InvalidRequest, MediaError
from wire.public_ids import MAX_CHARACTERS

MAX_TAGS = 1000
ACCESS_MODES = ("public", "authenticated")


def described(params: Params, *, fixed_folders: bool = False) -> Description:
    """Everything said, checked. In fixed folder mode folders and display names are ignored (upload-api §10)."""
    return Description(
        tags=tags_of(params),
        context=parse_context(text(params, "context")) if text(params, "context") else None,
        asset_folder=None if fixed_folders else _folder(params),
        display_name=None if fixed_folders else _display_name(params),
        faces=parse_boxes(text(params, "face_coordinates"), "face_coordinates"),
        areas=parse_boxes(text(params, "custom_coordinates"), "custom_coordinates"),
        regions=parse_regions(text(params, "regions")) if text(params, "regions") else None,
        access_mode=_access_mode(params),
        access_control=parse_access_control(text(params, "access_control")),
        headers=parse_headers(_lines(params, "headers")),
        quality_override=_quality_override(params),
        moderation=parse_moderation(text(params, "moderation")),
        metadata=metadata_of(params),
    )


def metadata_of(params: Params) -> MetadataEdit | None:
    """`metadata` and `clear_invalid`: values to give, or whether to look through those that are there."""
    given, clears = text(params, "metadata"), flag(params, "clear_invalid")
    return MetadataEdit(parse_values(given), clears) if given or clears else None


def tags_of(params: Params) -> tuple[str, ...] | None:
    """`tags`: an array or a comma separated string; an empty JSON array takes all tags back."""
    if params.get("tags") in (None, ""):
        return None
    return checked_tags(listed(params, "tags"))


def checked_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Each tag once; not too many of them, and none too long."""
    tags = unique_tags(tags)
    if len(tags) > MAX_TAGS or any(len(tag) > MAX_CHARACTERS for tag in tags):
        raise InvalidRequest("Too many or too long tags")
    return tags


def wants_unique_display_name(params: Params, *, fixed_folders: bool) -> bool:
    """Whether no other asset of the folder may bear the display name."""
    return flag(params, "unique_display_name") and not fixed_folders


def _folder(params: Params) -> str | None:
    folder = text(params, "asset_folder")
    return None if folder is None else checked_folder(folder, "asset_folder")


def _display_name(params: Params) -> str | None:
    name = text(params, "display_name")
    return None if name is None else checked_display_name(name)


def _lines(params: Params, name: str) -> str | None:
    value = params.get(name)
    return "\n".join(value) or None if isinstance(value, tuple) else value or None


def _access_mode(params: Params) -> str | None:
    """Told again in answers, without effect (§3.2): who may see an asset, `access_control` says."""
    value = text(params, "access_mode")
    if value is not None and value not in ACCESS_MODES:
        raise InvalidRequest(f"Invalid access_mode {printable(value)}: expected public or authenticated")
    return value


def _quality_override(params: Params) -> str | None:
    value = text(params, "quality_override")
    if value is None or value == NO_OVERRIDE:
        return value
    try:
        return read_quality(value).spelled()
    except MediaError as error:
        raise InvalidRequest(
            f"Invalid quality_override {printable(value)}: expected a quality like 80, 80:420 or auto:best, or none"
        ) from error
