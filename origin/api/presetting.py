"""Looks up the preset of an upload and lets it have its say (upload-api §4, §11)."""

from collections.abc import Mapping

from attrs import frozen

from origin.api.params import Params, text
from origin.catalogue.presets import Presets
from origin.presets.merging import merged
from origin.settings import Cloud
from wire.errors import InvalidRequest


@frozen
class Presetting:
    """Knows the presets of every cloud, and which of them is meant where none is named."""

    presets: Presets
    clouds: Mapping[str, Cloud]

    async def applied(self, cloud: str, params: Params, *, is_signed: bool) -> Params:
        """The parameters of an upload whose caller is known; 400 where its preset is not there or not for it."""
        named = text(params, "upload_preset")
        name = named or self.clouds[cloud].upload_preset
        preset = await self.presets.get(cloud, name) if name else None
        if preset is None:
            if named:
                raise InvalidRequest("Upload preset not found")
            return params  # the default is a name: it may be given to a preset later
        if not is_signed and not preset.unsigned:
            raise InvalidRequest("Upload preset must be whitelisted for unsigned uploads")
        return merged(params, preset.settings, signed=is_signed)
