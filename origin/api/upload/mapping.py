"""What becomes of a file from a mapped folder's source: an upload by the mapping's preset (admin-api §14)."""

from collections.abc import Callable, Mapping

from attrs import frozen

from origin.api.credentials import Caller
from origin.api.notifying import Notifiers
from origin.api.params import Params
from origin.api.spooling import SpooledFile
from origin.api.upload.submission import Submission
from origin.api.upload.taking import Taking
from origin.catalogue import Identity
from origin.catalogue.presets import Presets
from origin.notifications.signing import signing_key
from origin.presets.merging import merged
from origin.settings import Cloud

SOURCE = "auto_upload"
"""What its notification says has set it off."""

_OF_NAMES = frozenset({"folder", "public_id_prefix", "use_asset_folder_as_public_id_prefix"})


@frozen(kw_only=True)
class MappedUploads:
    """Takes such files in. Nobody waits for more than the asset: eager files are made later."""

    taking: Taking
    presets: Presets
    notifiers: Notifiers
    clouds: Mapping[str, Cloud]
    new_id: Callable[[], str]

    async def take(self, identity: Identity, file: SpooledFile, preset: str | None) -> None:
        """The file, consumed whatever comes of it, as the asset of that name; one that came first stays."""
        try:
            submission = await self._submission(identity, preset)
        except BaseException:
            file.path.unlink(missing_ok=True)
            raise
        await self.taking.take(submission, file)

    async def _submission(self, identity: Identity, preset: str | None) -> Submission:
        key = signing_key(self.clouds[identity.cloud], "")
        params = await self._params(identity, preset)
        notifier = self.notifiers.unasked(identity.cloud, params, self.new_id(), SOURCE)
        return Submission(
            caller=Caller(identity.cloud, key.api_key, key.api_secret, key.algorithms[0], is_signed=False),
            resource_type=identity.resource_type,
            params=params,
            notifier=notifier,
            eager_notifier=notifier,
            batch_id=self.new_id(),
        )

    async def _params(self, identity: Identity, name: str | None) -> Params:
        """What the preset says, but of names: the URL has given it one, and so a folder unless another is said."""
        preset = await self.presets.get(identity.cloud, name) if name else None
        said = merged({}, preset.settings, signed=True) if preset is not None else {}
        return {
            "asset_folder": identity.public_id.rpartition("/")[0],
            **{name: value for name, value in said.items() if name not in _OF_NAMES},
            "public_id": identity.public_id,
            "type": identity.type,
            "overwrite": "false",
            "eager_async": "true",
        }
