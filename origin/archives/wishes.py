"""What an archive is asked to be, read from parameters (upload-api §9)."""

from collections.abc import Callable, Mapping

from attrs import frozen

from origin.api.params import Params, flag, listed, text, texts
from origin.api.wishes import STORED_TYPES, delivery_type
from origin.archives.choosing import MOST_ASSETS, MOST_FILES, Selection
from origin.archives.formats import FORMATS
from origin.archives.naming import Style
from origin.assets.eager import EagerWish
from origin.assets.naming import checked_folder
from origin.catalogue import Identity, is_storable
from origin.search.parsing import parse
from wire.components import printable
from wire.errors import InvalidRequest
from wire.public_ids import check_public_id

MODES = ("create", "download", "create_and_download")
RESOURCE_TYPES = ("image", "video", "raw")
MOST_WORDS = 20  # tags, prefixes, folders
SELECTORS = (
    "public_ids",
    "fully_qualified_public_ids",
    "tags",
    "prefixes",
    "asset_folders",
    "search_expression",
)


@frozen(kw_only=True)
class ArchiveWish:
    """An archive, every value checked."""

    selection: Selection
    wishes: tuple[EagerWish, ...]  # what is made of every asset; one empty wish is the original
    style: Style
    mode: str
    format: str
    may_miss: bool
    public_id: str | None  # with its extension
    filename: str
    asset_folder: str
    tags: tuple[str, ...]


def archive_wish(
    cloud: str,
    resource_type: str,
    params: Params,
    transformations: Callable[[str], tuple[EagerWish, ...]],
    fixed_folders: bool = False,
) -> ArchiveWish:
    """The archive those parameters describe, or 400."""
    target_format = _one_of(params, "target_format", tuple(FORMATS), "zip")
    wishes = transformations(text(params, "transformations") or "") or (EagerWish(""),)
    skips = flag(params, "skip_transformation_name")
    public_id = _named(text(params, "target_public_id"), target_format)
    folder = checked_folder(text(params, "target_asset_folder") or "", "target_asset_folder")
    return ArchiveWish(
        selection=_selection(cloud, resource_type, params),
        wishes=wishes,
        style=Style(
            flatten_folders=flag(params, "flatten_folders"),
            flatten_transformations=flag(params, "flatten_transformations"),
            skip_transformation_name=skips,
            use_original_filename=flag(params, "use_original_filename"),
            is_mixed=len(wishes) > 1,
        ),
        mode=_one_of(params, "mode", MODES, "create"),
        format=target_format,
        may_miss=flag(params, "allow_missing"),
        public_id=public_id,
        filename=_named(text(params, "target_filename"), target_format)
        or public_id
        or f"archive.{target_format}",
        asset_folder="" if fixed_folders else folder,
        tags=tuple(dict.fromkeys(listed(params, "target_tags"))),
    )


def check_files(assets: int, wish: ArchiveWish) -> None:
    """Nothing, or 400 for an archive of too many files."""
    if assets * len(wish.wishes) > MOST_FILES:
        raise InvalidRequest(f"Too many files for one archive. Maximum is {MOST_FILES}.")


def _selection(cloud: str, resource_type: str, params: Params) -> Selection:
    if all(text(params, name) is None for name in SELECTORS):
        raise InvalidRequest(f"Missing required parameter - one of {', '.join(SELECTORS)}")
    expression = text(params, "search_expression")
    return Selection(
        cloud=cloud,
        resource_types=(resource_type,) if resource_type in RESOURCE_TYPES else RESOURCE_TYPES,
        type=delivery_type(params, STORED_TYPES),
        public_ids=_words(params, "public_ids", MOST_ASSETS),
        identities=_identities(cloud, _words(params, "fully_qualified_public_ids", MOST_ASSETS)),
        tags=_words(params, "tags", MOST_WORDS),
        prefixes=_words(params, "prefixes", MOST_WORDS),
        asset_folders=tuple(each.strip("/") for each in _words(params, "asset_folders", MOST_WORDS)),
        search=parse(expression) if expression is not None else None,
    )


def _words(params: Params, name: str, most: int) -> tuple[str, ...]:
    """An array, or text with commas; each word once."""
    given = texts(params, name)
    words = given if isinstance(params.get(name), tuple) else given and given[0].split(",")
    kept = tuple(dict.fromkeys(each.strip() for each in words if each.strip()))
    if len(kept) > most:
        raise InvalidRequest(f"Too many values of {name}. Maximum is {most}.")
    return kept


def _identities(cloud: str, written: tuple[str, ...]) -> Mapping[str, Identity]:
    found = {}
    for each in written:
        resource_type, _, rest = each.partition("/")
        kind, _, name = rest.partition("/")
        if (
            resource_type not in RESOURCE_TYPES
            or kind not in STORED_TYPES
            or not name
            or not is_storable(name)
        ):
            shape = "<resource_type>/<type>/<public_id>"
            raise InvalidRequest(
                f"Invalid value for parameter fully_qualified_public_ids: {printable(each)} is not {shape}"
            )
        found[each] = Identity(cloud, resource_type, kind, name)
    return found


def _named(name: str | None, extension: str) -> str | None:
    if name is None:
        return None
    return check_public_id(name if name.lower().endswith(f".{extension}") else f"{name}.{extension}")


def _one_of(params: Params, name: str, allowed: tuple[str, ...], default: str) -> str:
    value = text(params, name) or default
    if value not in allowed:
        raise InvalidRequest(f"Invalid {name} - {printable(value)}. Must be one of: {', '.join(allowed)}")
    return value
