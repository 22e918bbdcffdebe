"""Who is asking: Basic, a signed request, or nobody (signing §1.1–§1.4)."""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from hmac import compare_digest

from attrs import evolve, frozen

from origin.api.params import Params, text
from origin.presets.merging import check_unsigned
from origin.settings import Cloud, Key
from wire.components import printable
from wire.errors import InvalidRequest, Unauthorized
from wire.signing import Algorithm, check_api, check_download_time, check_timestamp

DOWNLOADS = frozenset({"download", "download_backup", "download_tag"})
MAY_DOWNLOAD = frozenset({"generate_archive", "multi", "sprite"})
"""Actions whose `mode=download` is a link too."""


@frozen
class Caller:
    """A key of a cloud, proven unless the call is unsigned: then the one that signs our answers."""

    cloud: str
    api_key: str
    api_secret: str
    algorithm: Algorithm = "sha1"  # what answers to this caller are signed with (signing §2)
    is_signed: bool = True

    @property
    def author(self) -> str | None:
        """Whose doing an asset of this caller's is: nobody's key, where anyone may upload."""
        return self.api_key if self.is_signed else None


@frozen
class Doorkeeper:
    """Knows every cloud's keys."""

    clouds: Mapping[str, Cloud]
    window_seconds: float = 3600.0

    def basic(self, cloud: str, authorization: str | None) -> Caller:
        """The Admin API's only way in (admin-api §1)."""
        if authorization is None:
            self._known(cloud)
            raise Unauthorized("Missing credentials: the Admin API takes Basic authentication")
        kind, _, value = authorization.partition(" ")
        match kind.lower():
            case "basic":
                api_key, api_secret = _pair(value)
                return self._checked(cloud, api_key, api_secret)
            case _:
                raise Unauthorized("Invalid token")

    def anyone(self, cloud: str) -> Caller:
        """Whoever calls; only the cloud is known."""
        self._known(cloud)
        return Caller(cloud, "", "")

    def upload(
        self, cloud: str, authorization: str | None, params: Params, *, action: str, now: float
    ) -> Caller:
        """The Upload API's ways in, tried in the sheet's order. Of an unsigned upload, the preset has yet to be
        looked up."""
        if authorization is not None:
            return self.basic(cloud, authorization)
        if "signature" in params or "api_key" in params:
            return self._signed(cloud, params, action=action, now=now)
        return self._unsigned(cloud, params, action=action)

    def _signed(self, cloud: str, params: Params, *, action: str, now: float) -> Caller:
        for name in ("timestamp", "api_key", "signature"):
            if not text(params, name):
                raise InvalidRequest(f"Missing required parameter - {name}")
        self._known(cloud)
        key = self._key(cloud, text(params, "api_key") or "")
        check_api(
            params,
            text(params, "signature") or "",
            key.api_secret,
            action=action,
            allow_version_1=self.clouds[cloud].signature_version_1,
            algorithms=key.algorithms,
        )
        window = int(self.window_seconds)
        if _is_link(action, params):
            check_download_time(params, now, window_seconds=window)
        else:
            check_timestamp(text(params, "timestamp"), now, window_seconds=window)
        return _caller(cloud, key)

    def _unsigned(self, cloud: str, params: Params, *, action: str) -> Caller:
        if cloud not in self.clouds:
            raise Unauthorized("Unknown API key ")  # signing §1.4: an unsigned upload to an unknown cloud
        if action != "upload":
            raise InvalidRequest("Missing required parameter - api_key")
        if not text(params, "upload_preset"):
            raise InvalidRequest("Upload preset must be specified when using unsigned upload")
        check_unsigned(params)
        enabled = [key for key in self._keys(cloud) if not key.disabled]
        if not enabled:
            raise Unauthorized("Unknown API key ")
        return evolve(_caller(cloud, enabled[0]), is_signed=False)

    def _checked(self, cloud: str, api_key: str, api_secret: str) -> Caller:
        owners = [
            (name, key) for name in self.clouds for key in self._keys(name) if _same(key.api_key, api_key)
        ]
        self._known(cloud)
        if not owners:
            raise _unknown(api_key)
        matching = [(name, key) for name, key in owners if _same(key.api_secret, api_secret)]
        if not matching:
            raise Unauthorized("api_secret mismatch")
        for name, key in matching:
            if name == cloud:
                return _caller(cloud, _enabled(key))
        raise Unauthorized("cloud_name mismatch")

    def _key(self, cloud: str, api_key: str) -> Key:
        matching = [key for key in self._keys(cloud) if _same(key.api_key, api_key)]
        if not matching:
            raise _unknown(api_key)
        return _enabled(matching[0])

    def _keys(self, cloud: str) -> tuple[Key, ...]:
        return self.clouds[cloud].every_key

    def _known(self, cloud: str) -> None:
        if cloud not in self.clouds:
            raise Unauthorized(f"Invalid cloud_name {printable(cloud)}")


def _is_link(action: str, params: Params) -> bool:
    """Whether it may be handed on, to be followed until `expires_at` (signing §6)."""
    return action in DOWNLOADS or (action in MAY_DOWNLOAD and text(params, "mode") == "download")


def _pair(value: str) -> tuple[str, str]:
    try:
        api_key, colon, api_secret = b64decode(value.strip(), validate=True).decode().partition(":")
    except (Base64Error, UnicodeDecodeError) as error:
        raise Unauthorized("Invalid token") from error
    if not colon:
        raise Unauthorized("Invalid token")
    return api_key, api_secret


def _caller(cloud: str, key: Key) -> Caller:
    return Caller(cloud, key.api_key, key.api_secret, "sha256" if key.sha256_only else "sha1")


def _enabled(key: Key) -> Key:
    if key.disabled:
        raise Unauthorized(f"API key {printable(key.api_key)} is disabled")
    return key


def _unknown(api_key: str) -> Unauthorized:
    return Unauthorized(f"Unknown API key {printable(api_key)}")


def _same(known: str, given: str) -> bool:
    return compare_digest(known.encode("utf-8", "surrogatepass"), given.encode("utf-8", "surrogatepass"))
