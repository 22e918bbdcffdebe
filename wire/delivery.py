"""Delivery URL ⇄ value. Total, linear in the target's length, and the raw text is kept.

Everything stored in a `DeliveryUrl` is text as it stood in the path: signatures cover it, and a `%2C`
or `%2F` must never become a separator. What an asset is called (`public_id`, `candidates()`) is decoded
on the way out. Sheet: delivery-urls.md §1–§6.
"""

import re
from enum import Enum
from urllib.parse import quote

from attrs import evolve, frozen

from wire.components import decoded, is_component, printable, split_component
from wire.errors import InvalidRequest, MediaError, NotFound, Unauthorized
from wire.public_ids import FORMATS, escaped, has_control_characters, split_extension
from wire.signing import delivery_signature

ASSET_TYPES = ("image", "video", "raw")
SOCIAL_TYPES = frozenset(
    [
        *("facebook", "twitter", "twitter_name", "gravatar", "google_plus", "instagram_name", "youtube"),
        *("vimeo", "hulu", "animoto", "dailymotion", "worldstarhiphop"),
    ]
)
DELIVERY_TYPES = SOCIAL_TYPES.union(
    ("upload", "private", "authenticated", "fetch", "list", "sprite", "multi", "text")
)

_SUFFIX_FORMS = {
    "images": ("image", "upload"),
    "private_images": ("image", "private"),
    "authenticated_images": ("image", "authenticated"),
    "files": ("raw", "upload"),
    "videos": ("video", "upload"),
}
_SUFFIX_NAMES = {types: name for name, types in _SUFFIX_FORMS.items()}

_SLASHES = re.compile(r"(:?)/{2,}")
_AUTHORITY = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
_SIGNATURE = re.compile(r"s--([A-Za-z0-9_-]*)--")
_VERSION = re.compile(r"v[0-9]+")
_URL_START = re.compile(r"(?:https?|ftp)(?::|%3a)", re.IGNORECASE)
_SWALLOWED_SLASH = re.compile(r"(https?:/)(?!/)", re.IGNORECASE)
_LONGEST_NAME = 255


class Form(Enum):
    """The four spellings of a path."""

    FULL = "full"  # image/upload/…
    SUFFIX = "suffix"  # images/…/<id>/<words for search engines>
    SHORT = "short"  # iu/…
    ROOT = "root"  # …


@frozen
class DeliveryUrl:
    """What a delivery URL asks for. `path()` is the text it was parsed from, runs of slashes collapsed."""

    cloud: str
    resource: (
        str  # raw; with the extension, without the SEO suffix; the remote URL when delivery_type is fetch
    )
    asset_type: str = "image"
    delivery_type: str = "upload"
    signature: str | None = None  # the 8 or 32 characters, without s-- and --
    chain: str = ""  # raw, components joined by "/"
    version: str | None = None  # digits, without the v
    suffix: str | None = None  # raw; with its extension
    form: Form = Form.FULL
    cloud_in_path: bool = True

    @classmethod
    def of(
        cls,
        cloud: str,
        public_id: str,
        *,
        format: str | None = None,  # noqa: A002 - the SDKs' word
        version: int | str | None = None,
        chain: str = "",
        asset_type: str = "image",
        delivery_type: str = "upload",
    ) -> "DeliveryUrl":
        """The full-form URL of a stored asset, escaped as the official Python SDK does."""
        resource = escaped(public_id) + (f".{format}" if format else "")
        if not version and "/" in resource and not re.match(r"https?:/|v[0-9]+", resource):
            version = 1  # as every SDK does: folders might look like components
        return cls(
            cloud,
            resource,
            asset_type=asset_type,
            delivery_type=delivery_type,
            chain=chain,
            version=str(version) if version else None,
        )

    @property
    def public_id(self) -> str:
        """The decoded name of the asset, by the first way to look it up (§4)."""
        return self.candidates()[0][0]

    @property
    def extension(self) -> str | None:
        """The canonical format the extension asks for, by the first way to look it up (§4)."""
        return self.candidates()[0][1]

    def candidates(self) -> tuple[tuple[str, str | None], ...]:
        """(public id, requested format) in look-up order: extension cut off, then taken literally (§4)."""
        whole = decoded(self.resource)
        if self.delivery_type == "fetch":
            return ((self.remote_url, None),)
        if self.suffix is not None:
            wanted = decoded(self.suffix).partition(".")[2].lower()
            if self.asset_type == "raw":
                return ((f"{whole}.{wanted}", None), (whole, None)) if wanted else ((whole, None),)
            return ((whole, FORMATS.get(wanted, wanted) or None),)
        if self.asset_type == "raw":
            return ((whole, None),)
        stem, wanted_format = split_extension(whole)
        return ((stem, wanted_format), (whole, None)) if wanted_format else ((whole, None),)

    @property
    def remote_url(self) -> str:
        """The URL to fetch: decoded once, then only what is illegal in a URL escaped again (§6)."""
        return quote(
            re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", decoded(self.resource)), safe="%:/?#[]@!$&'()*+,;=-._~"
        )

    @property
    def source(self) -> str:
        """The resource as signatures cover it: raw, extension included, SEO suffix not."""
        extension = self.suffix.partition(".")[2] if self.suffix else ""
        return f"{self.resource}.{extension}" if extension else self.resource

    def readings(self) -> tuple["DeliveryUrl", ...]:
        """This URL, and the other one it may mean when no asset answers to this one (§3.4, §5).

        Each is to be verified for itself: a signature covers no suffix.
        """
        if self.form is Form.SUFFIX and self._tail_is_bare and self.resource.startswith("upload/"):
            try:
                return self, _tail(self, [*self.resource.split("/")[1:], self.suffix or ""])
            except MediaError:
                return (self,)
        may_hide_a_suffix = self.form is Form.ROOT and not self.cloud_in_path
        resource, slash, suffix = self.resource.rpartition("/")
        if may_hide_a_suffix and slash:
            return self, evolve(self, resource=resource, suffix=suffix)
        return (self,)

    @property
    def _tail_is_bare(self) -> bool:
        return self.signature is None and not self.chain and self.version is None

    def path(self) -> str:
        """The path, beginning with a slash."""
        types: tuple[str, ...] = (self.asset_type, self.delivery_type)
        if self.form is not Form.FULL:
            types = {
                Form.SHORT: ("iu",),
                Form.SUFFIX: (_SUFFIX_NAMES.get((self.asset_type, self.delivery_type), "images"),),
                Form.ROOT: (),
            }[self.form]
        parts = (
            self.cloud if self.cloud_in_path else "",
            *types,
            f"s--{self.signature}--" if self.signature else "",
            self.chain,
            f"v{self.version}" if self.version else "",
        )
        tail = self.resource if self.suffix is None else f"{self.resource}/{self.suffix}"
        return "".join(f"/{part}" for part in parts if part) + "/" + tail


def parse(target: bytes, *, clouds_in_path: bool = True, cloud: str = "") -> DeliveryUrl:
    """What a raw request target asks for. Any bytes give a value or a `MediaError` with the sheet's text.

    On hosts that belong to one cloud (`clouds_in_path=False`) the name comes from the host, as `cloud`.
    """
    segments = _segments(target)
    if clouds_in_path:
        cloud, *segments = segments
    if not cloud and clouds_in_path:
        raise _not_found("/".join(segments))
    url = DeliveryUrl(cloud, "", cloud_in_path=clouds_in_path)
    match segments:
        case [asset_type, delivery_type, *tail] if asset_type in ASSET_TYPES:
            url = _tail(evolve(url, asset_type=asset_type, delivery_type=delivery_type), tail)
            if delivery_type not in DELIVERY_TYPES:
                raise _not_found(url.public_id)
        case [name, *tail] if name in _SUFFIX_FORMS:
            asset_type, delivery_type = _SUFFIX_FORMS[name]
            url = _tail(
                evolve(url, asset_type=asset_type, delivery_type=delivery_type, form=Form.SUFFIX), tail
            )
        case ["iu", *tail]:
            url = _tail(evolve(url, form=Form.SHORT), tail)
        case tail:
            url = _tail(evolve(url, form=Form.ROOT), tail)
    return _checked(url)


def cloud_in(target: bytes) -> str:
    """What stands in the cloud's place of a target, well-formed or not: clouds are checked before paths (§8.2)."""
    text = target.decode("utf-8", "replace")
    if (authority := _AUTHORITY.match(text)) is not None:
        text = text[authority.end() :]
    return text.partition("?")[0].partition("#")[0].lstrip("/").partition("/")[0]


def asset_url(
    base: str,
    cloud: str,
    public_id: str,
    *,
    version: int | str | None = None,
    format: str | None = None,  # noqa: A002 - the SDKs' word
    asset_type: str = "image",
    delivery_type: str = "upload",
    chain: str = "",
    secret: str | None = None,
) -> str:
    """The `url` of an API answer: what the SDK builds; given a secret, signed where delivery wants it."""
    url = DeliveryUrl.of(
        cloud,
        public_id,
        format=format,
        version=version,
        chain=chain,
        asset_type=asset_type,
        delivery_type=delivery_type,
    )
    if secret is not None and delivery_type in ("private", "authenticated"):
        url = evolve(url, signature=delivery_signature(url.chain, url.source, secret))
    return base.rstrip("/") + url.path()


def _segments(target: bytes) -> list[str]:
    """The raw segments of a target: no query, no authority, runs of slashes collapsed but after a colon."""
    try:
        text = target.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidRequest("Invalid URL encoding", log=f"target is no UTF-8: {target[:200]!r}") from error
    if (authority := _AUTHORITY.match(text)) is not None:  # absolute form, RFC 9112 §3.2.2
        text = text[authority.end() :]
    path = text.partition("?")[0].partition("#")[0].lstrip("/")
    return _SLASHES.sub(lambda run: "://" if run[1] else "/", path).split("/")


def _tail(url: DeliveryUrl, segments: list[str]) -> DeliveryUrl:
    """`[signature/][chain/][version/]resource`, always leaving the resource its segment (§3.5, §3.6)."""
    left = 2 if url.form is Form.SUFFIX else 1
    start, signature, version = 0, None, None
    if len(segments) > left and (signed := _SIGNATURE.fullmatch(segments[0])) is not None:
        signature, start = signed[1], 1
        if len(signature) not in (8, 32):
            raise Unauthorized("deny or ACL failure", log=f"signature of {len(signature)} characters")
    end = start
    while len(segments) - end > left and not _VERSION.fullmatch(segments[end]):
        if url.delivery_type == "fetch" and _URL_START.match(segments[end]):
            break
        if not is_component(segments[end]):
            break
        split_component(segments[end])
        end += 1
    chain = "/".join(segments[start:end])
    if len(segments) - end > left and _VERSION.fullmatch(segments[end]):
        version, end = segments[end][1:], end + 1
    resource, suffix = segments[end:], None
    if url.form is Form.SUFFIX and len(resource) > 1:
        *resource, suffix = resource
    text = "/".join(resource)
    if url.delivery_type == "fetch":
        text = _SWALLOWED_SLASH.sub(r"\1/", text, count=1) if _SWALLOWED_SLASH.match(text) else text
    return evolve(url, signature=signature, chain=chain, version=version, resource=text, suffix=suffix)


def _checked(url: DeliveryUrl) -> DeliveryUrl:
    """The URL, if its resource can be a name at all."""
    name = decoded(url.resource) + decoded(url.suffix or "")
    if not url.resource:
        raise _not_found("")
    if has_control_characters(name):
        raise InvalidRequest(f"public_id ({printable(name)}) is invalid")
    if url.delivery_type != "fetch" and len(url.public_id.rpartition("/")[2]) > _LONGEST_NAME:
        raise InvalidRequest("public_id is too long")
    return url


def _not_found(public_id: str) -> NotFound:
    return NotFound(f"Resource not found - {printable(public_id)}")
