"""`upload_presets`: parameters of uploads kept under a name (admin-api §11)."""

import re
from random import Random
from typing import Any
from uuid import UUID

from attrs import evolve, frozen

from origin.api.admin.paging import PAGE, page_size
from origin.api.endpoint import Call, Endpoint, Json, Kind, Param
from origin.api.params import flag, text
from origin.assets.naming import random_name
from origin.catalogue import Preset
from origin.catalogue.presets import Presets
from origin.presets.settings import UPLOAD_PARAMS, changed, shown, stored
from wire.components import printable
from wire.errors import Conflict, InvalidRequest, NotFound

_NAME = re.compile(r"[^/?&#%<>+\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{1,255}")
_SETTINGS = (
    Param("unsigned", Kind.FLAG, about="Whether uploads without a signature may use it"),
    Param("disallow_public_id", Kind.FLAG),
    Param("live", Kind.FLAG),
    Param("parameter_whitelist", Kind.LIST, about="The only parameters a request may give besides"),
    *(Param(name, about="As in an upload") for name in sorted(UPLOAD_PARAMS)),
)


@frozen
class UploadPresets:
    """Makes, shows and removes presets."""

    presets: Presets
    rng: Random

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Five calls."""
        one = "upload_presets/{name}"
        return (
            Endpoint(
                "GET",
                "upload_presets",
                self.list,
                takes=PAGE,
                summary="List upload presets",
                answer="PresetPage",
            ),
            Endpoint(
                "POST",
                "upload_presets",
                self.create,
                takes=(Param("name"), *_SETTINGS),
                summary="Make an upload preset",
                answer="PresetMade",
            ),
            Endpoint("GET", one, self.detail, summary="Show an upload preset", answer="Preset"),
            Endpoint(
                "PUT", one, self.update, takes=_SETTINGS, summary="Change an upload preset", answer="Changed"
            ),
            Endpoint("DELETE", one, self.delete, summary="Remove an upload preset", answer="Message"),
        )

    async def list(self, call: Call) -> Json:
        """A page, the newest first, settings as texts."""
        page, cursor = await self.presets.list(
            call.cloud, limit=page_size(call.params), cursor=text(call.params, "next_cursor")
        )
        answer: Json = {"presets": [_document(each, dict(each.settings)) for each in page]}
        return answer if cursor is None else {**answer, "next_cursor": cursor}

    async def detail(self, call: Call) -> Json:
        """One preset, settings parsed."""
        preset = await self.presets.get(call.cloud, call.path["name"])
        if preset is None:
            raise _unknown(call)
        return _document(preset, shown(preset.settings))

    async def create(self, call: Call) -> Json:
        """Under the name given, or one made up."""
        preset = Preset(
            cloud=call.cloud,
            name=_checked(text(call.params, "name") or random_name(self.rng, 8)),
            external_id=str(UUID(int=self.rng.getrandbits(128), version=4)),
            unsigned=flag(call.params, "unsigned"),
            settings=stored(call.params),
        )
        if not await self.presets.create(preset):
            raise Conflict(f"Upload preset {printable(preset.name)} already exists")
        return {"message": "created", "name": preset.name, "external_id": preset.external_id}

    async def update(self, call: Call) -> Json:
        """What is given now wins over what is stored; the rest stays."""
        stored(call.params)  # refused before anything is looked up
        preset = await self.presets.change(
            call.cloud,
            call.path["name"],
            lambda old: evolve(
                old,
                unsigned=flag(call.params, "unsigned", old.unsigned),
                settings=changed(old.settings, call.params),
            ),
        )
        if preset is None:
            raise _unknown(call)
        return {"message": "updated", "external_id": preset.external_id}

    async def delete(self, call: Call) -> Json:
        """Uploads that name it are refused from now on."""
        if not await self.presets.delete(call.cloud, call.path["name"]):
            raise _unknown(call)
        return {"message": "deleted"}


def _document(preset: Preset, settings: dict[str, Any]) -> Json:
    return {
        "name": preset.name,
        "unsigned": preset.unsigned,
        "settings": settings,
        "external_id": preset.external_id,
    }


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name) or name != name.strip() or name in (".", ".."):
        raise InvalidRequest(f"name ({printable(name)}) is invalid")
    return name


def _unknown(call: Call) -> NotFound:
    return NotFound(f"Can't find upload preset named {printable(call.path['name'])}")
