"""Who is asking: Basic, a signed request, or nobody (signing §1.1–§1.4)."""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from hmac import compare_digest

from attrs import frozen

from origin.api.params import Params, text
from origin.settings import Cloud
from wire.components import printable
from wire.errors import InvalidRequest, MediaError, Unauthorized
from wire.signing import check_api, check_timestamp

_UNSIGNED_PARAMS = (
    "upload_preset, callback, public_id, folder, asset_folder, tags, context, metadata, face_coordinates, "
    "custom_coordinates, source, filename_override, manifest_transformation, manifest_json, template, "
    "template_vars, regions, public_id_prefix"
)
_ALLOWED_UNSIGNED = frozenset(_UNSIGNED_PARAMS.split(", ")) | {"file", "timestamp"}


@frozen
class Caller:
    """A proven key of a cloud."""

    cloud: str
    api_key: str
    api_secret: str


@frozen
class Doorkeeper:
    """Knows every cloud's key."""

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
        """The Upload API's ways in, tried in the sheet's order."""
        if authorization is not None:
            return self.basic(cloud, authorization)
        if "signature" in params or "api_key" in params:
            return self._signed(cloud, params, action=action, now=now)
        raise self._unsigned(cloud, params, action=action)

    def _signed(self, cloud: str, params: Params, *, action: str, now: float) -> Caller:
        for name in ("timestamp", "api_key", "signature"):
            if not text(params, name):
                raise InvalidRequest(f"Missing required parameter - {name}")
        self._known(cloud)
        api_key, signature = text(params, "api_key") or "", text(params, "signature") or ""
        caller = self._of_key(cloud, api_key)
        check_api(params, signature, caller.api_secret, action=action)
        check_timestamp(text(params, "timestamp"), now, window_seconds=int(self.window_seconds))
        return caller

    def _unsigned(self, cloud: str, params: Params, *, action: str) -> MediaError:
        """Why an unsigned call is refused: there are no presets here yet, so it always is."""
        if cloud not in self.clouds:
            return Unauthorized("Unknown API key ")  # signing §1.4: an unsigned upload to an unknown cloud
        if action != "upload":
            return InvalidRequest("Missing required parameter - api_key")
        if not text(params, "upload_preset"):
            return InvalidRequest("Upload preset must be specified when using unsigned upload")
        forbidden = sorted(name for name in params if name not in _ALLOWED_UNSIGNED and text(params, name))
        if forbidden:
            names = ", ".join(printable(name).replace("_", " ").capitalize() for name in forbidden)
            return InvalidRequest(
                f"{names} parameter is not allowed when using unsigned upload. "
                f"Only {_UNSIGNED_PARAMS} upload parameters are allowed."
            )
        return InvalidRequest("Upload preset not found")

    def _checked(self, cloud: str, api_key: str, api_secret: str) -> Caller:
        owners = [
            name
            for name, each in self.clouds.items()
            if compare_digest(_bytes(each.api_key), _bytes(api_key))
        ]
        self._known(cloud)
        if not owners:
            raise Unauthorized(f"Unknown API key {printable(api_key)}")
        matching = [
            name
            for name in owners
            if compare_digest(_bytes(self.clouds[name].api_secret), _bytes(api_secret))
        ]
        if not matching:
            raise Unauthorized("api_secret mismatch")
        if cloud not in matching:
            raise Unauthorized("cloud_name mismatch")
        return Caller(cloud, api_key, api_secret)

    def _of_key(self, cloud: str, api_key: str) -> Caller:
        known = self.clouds[cloud]
        if not compare_digest(_bytes(known.api_key), _bytes(api_key)):
            raise Unauthorized(f"Unknown API key {printable(api_key)}")
        return Caller(cloud, known.api_key, known.api_secret)

    def _known(self, cloud: str) -> None:
        if cloud not in self.clouds:
            raise Unauthorized(f"Invalid cloud_name {printable(cloud)}")


def _pair(value: str) -> tuple[str, str]:
    try:
        api_key, colon, api_secret = b64decode(value.strip(), validate=True).decode().partition(":")
    except (Base64Error, UnicodeDecodeError) as error:
        raise Unauthorized("Invalid token") from error
    if not colon:
        raise Unauthorized("Invalid token")
    return api_key, api_secret


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
