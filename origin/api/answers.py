"""What the APIs answer: assets as JSON, and the header fields around them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from attrs import evolve, frozen

from origin.api.credentials import Caller
from origin.assets.eager import EagerWish
from origin.assets.recordings import recording_of
from origin.assets.responsive import Suited
from origin.catalogue import Asset, Derived, Outcome, Stored
from wire.components import split_chain
from wire.delivery import asset_url
from wire.signing import response_signature

DECIDED = ("approved", "rejected", "aborted")
CORS = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "X-Request-Id, X-Cld-Error"),
)
ALLOWED = (
    "X-Requested-With, X-Unique-Upload-Id, Content-Range, Content-Type, Authorization, "
    "X-Upload-Part-Number, X-Upload-Total-Parts"
)
PREFLIGHT = (
    *CORS,
    ("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, OPTIONS"),
    ("Access-Control-Allow-Headers", ALLOWED),
    ("Access-Control-Max-Age", "86400"),
    ("Content-Length", "0"),
)

Json = dict[str, Any]


@frozen
class Answers:
    """Shapes assets for callers. URLs are those the SDK would build against `delivery_url`."""

    delivery_url: str
    fixed_folders: frozenset[str] = frozenset()  # clouds in fixed folder mode
    secure_delivery_url: str = ""  # for viewers over TLS, where that is another place

    def uploaded(self, stored: Stored, caller: Caller) -> Json:
        """The answer to an upload (upload-api §3.5)."""
        asset = stored.asset
        answer: Json = {
            "asset_id": asset.asset_id,
            "public_id": asset.identity.public_id,
            "version": asset.version,
            "version_id": asset.revision,
            "signature": response_signature(
                asset.identity.public_id, asset.version, caller.api_secret, caller.algorithm
            ),
            **self._facts(asset),
            "tags": list(asset.tags),
            **({"pages": asset.facts.page_count} if asset.facts else {}),
            "bytes": asset.bytes,
            "type": asset.identity.type,
            "etag": asset.etag,
            "placeholder": False,
            **self._urls(asset, caller.api_secret),
            **self._recording(asset, caller.api_secret),
            **self._folders(asset),
            **self._said(asset),
            **({"original_filename": asset.original_filename} if asset.original_filename else {}),
            **({"api_key": caller.api_key} if caller.is_signed else {}),
        }
        if stored.outcome is Outcome.OVERWRITTEN:
            answer["overwritten"] = True
        elif stored.outcome is Outcome.EXISTING:
            answer["existing"] = True
        return answer

    def listed(self, asset: Asset, secret: str, wanted: Collection[str] = ()) -> Json:
        """One asset of a listing (admin-api §4), with those of `tags`, `context`, `metadata` and `moderations` that
        are wanted."""
        details = asset.details
        answer: Json = {
            "asset_id": asset.asset_id,
            "public_id": asset.identity.public_id,
            "version": asset.version,
            **self._facts(asset),
            "type": asset.identity.type,
            "bytes": asset.bytes,
            **self._folders(asset),
            **{name: details[name] for name in ("access_mode", "access_control") if details.get(name)},
            **self._urls(asset, secret),
        }
        if "tags" in wanted:
            answer["tags"] = list(asset.tags)
        if "context" in wanted and asset.context:
            answer["context"] = {"custom": dict(asset.context)}
        if "metadata" in wanted:
            answer["metadata"] = dict(asset.metadata)
        if "moderations" in wanted:
            answer |= decision(asset)
        return answer

    def detailed(self, asset: Asset, derived: Sequence[Derived], secret: str) -> Json:
        """One asset, whole (admin-api §5)."""
        answer = self.listed(asset, secret, ("context", "moderations"))
        if asset.tags:
            answer["tags"] = sorted(asset.tags)
        if asset.metadata:
            answer["metadata"] = dict(asset.metadata)
        if asset.details.get("moderation"):
            answer["moderation"] = moderation(asset.details["moderation"])
        if asset.last_updated:
            answer["last_updated"] = {name: iso(when) for name, when in asset.last_updated.items()}
        answer["etag"] = asset.etag
        answer |= self._recording(asset, secret)
        answer["derived"] = [self.derived(asset, each, secret) for each in derived]
        return answer

    def placeholder(self, asset: Asset, secret: str) -> Json:
        """What is left of an asset that was deleted and can be restored (admin-api §5)."""
        gone = evolve(asset, bytes=0, width=None, height=None)
        return {**self.detailed(gone, (), secret), "placeholder": True}

    def derived(self, asset: Asset, derived: Derived, secret: str) -> Json:
        """A derived asset as a detail lists it."""
        return {
            "transformation": derived.written,
            "format": derived.format,
            "bytes": derived.bytes,
            "id": derived.derived_id,
            **self._urls(asset, secret, chain=derived.written, extension=derived.format),
        }

    def derived_of(self, asset: Asset, derived: Derived, secret: str) -> Json:
        """A derived asset as its transformation lists it (admin-api §10)."""
        identity = asset.identity
        named = {
            "public_id": identity.public_id,
            "resource_type": identity.resource_type,
            "type": identity.type,
        }
        shown = self.derived(asset, derived, secret)
        return {**named, **{name: value for name, value in shown.items() if name != "transformation"}}

    def eager(self, asset: Asset, wish: EagerWish, derived: Derived, secret: str) -> Json:
        """A derived asset as an upload's answer lists it."""
        return {
            "transformation": wish.shown,
            "width": derived.width,
            "height": derived.height,
            "bytes": derived.bytes,
            "format": derived.format,
            **self._urls(asset, secret, chain=wish.ordered, extension=derived.format),
        }

    def breakpoints(self, asset: Asset, found: Suited, secret: str) -> Json:
        """What one request for responsive breakpoints has found (upload-api §8)."""
        shown = [
            {
                "width": each.width,
                "height": each.height,
                "bytes": each.bytes,
                **self._urls(asset, secret, chain=each.transformation, extension=found.extension),
            }
            for each in found.widths
        ]
        return {
            "breakpoints": shown,
            **({"transformation": found.transformation} if found.transformation else {}),
        }

    def processing(self, asset: Asset, wish: EagerWish, batch_id: str, secret: str) -> Json:
        """A derived asset that is yet to be made, as an upload's answer lists it (upload-api §6)."""
        return {
            "status": "processing",
            "batch_id": batch_id,
            "transformation": wish.shown,
            **self._urls(asset, secret, chain=wish.ordered, extension=wish.extension),
        }

    def _facts(self, asset: Asset) -> Json:
        facts: Json = {}
        if asset.width is not None and asset.height is not None:
            facts |= {"width": asset.width, "height": asset.height}
        if asset.format is not None:
            facts["format"] = asset.format
        return {**facts, "resource_type": asset.identity.resource_type, "created_at": iso(asset.created_at)}

    def _recording(self, asset: Asset, secret: str) -> Json:
        """Of video and audio. They are played as they are stored, so that is where a player is sent."""
        found = recording_of(asset)
        return {**found, "playback_url": self._urls(asset, secret)["secure_url"]} if found else {}

    def _said(self, asset: Asset) -> Json:
        said: Json = {}
        if asset.context:
            said["context"] = {"custom": dict(asset.context)}
        if asset.metadata:
            said["metadata"] = dict(asset.metadata)
        if "access_mode" in asset.details:
            said["access_mode"] = asset.details["access_mode"]
        if "access_control" in asset.details:
            said["access_control"] = asset.details["access_control"]
        if "coordinates" in asset.details:
            said["coordinates"] = asset.details["coordinates"]
        if "moderation" in asset.details:
            said["moderation"] = moderation(asset.details["moderation"])
        return said

    def _folders(self, asset: Asset) -> Json:
        if asset.identity.cloud in self.fixed_folders:
            return {"folder": asset.identity.public_id.rpartition("/")[0]}
        return {"asset_folder": asset.asset_folder, "display_name": asset.display_name}

    def _urls(self, asset: Asset, secret: str, *, chain: str = "", extension: str | None = None) -> Json:
        identity = asset.identity
        file_format = extension or asset.format
        if identity.type == "fetch":  # its name is a whole URL: what is behind that is the remote server's
            chain, file_format = _in_format(chain, extension, asset.format), None
        url = asset_url(
            self.delivery_url,
            identity.cloud,
            identity.public_id,
            version=asset.version,
            format=file_format,
            asset_type=identity.resource_type,
            delivery_type=identity.type,
            chain=chain,
            secret=secret,
        )
        plain, secure = self.both(url)
        return {"url": plain, "secure_url": secure}

    def both(self, url: str) -> tuple[str, str]:
        """A delivery URL for viewers without and with TLS. Both must open: where nobody speaks TLS they are one."""
        if self.secure_delivery_url:
            path = url.removeprefix(self.delivery_url.rstrip("/"))
            return url, self.secure_delivery_url.rstrip("/") + path
        is_secure = url.startswith("https://")
        return f"http://{url.partition('://')[2]}" if is_secure else url, url


def _in_format(chain: str, extension: str | None, own: str | None) -> str:
    """A chain that makes a file of a format, where none may be written behind the name."""
    is_told = any(param.key == "f" for component in split_chain(chain) for param in component.params)
    return chain if is_told or extension in (None, own) else f"{chain}/f_{extension}".lstrip("/")


def moderation(states: Sequence[Mapping[str, Any]]) -> list[Json]:
    """Who has looked at an asset, and when it was decided, once it is (upload-api §3.5, admin-api §6)."""
    return [
        {
            "kind": each["kind"],
            "status": each["status"],
            **({"updated_at": iso(each["updated_at"])} if each["status"] in DECIDED else {}),
        }
        for each in states
    ]


def decision(asset: Asset) -> Json:
    """Where moderation stands, in two words: who rejected it, else who is to look at it, else who looked last."""
    states = asset.details.get("moderation", ())
    for status in ("rejected", "pending"):
        for each in states:
            if each["status"] == status:
                return {"moderation_kind": each["kind"], "moderation_status": status}
    return (
        {"moderation_kind": states[-1]["kind"], "moderation_status": states[-1]["status"]} if states else {}
    )


def iso(seconds: float) -> str:
    """UTC as `YYYY-MM-DDTHH:MM:SSZ`."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
