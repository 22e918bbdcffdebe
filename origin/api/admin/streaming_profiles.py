"""`streaming_profiles`: the renditions of adaptive films, under a name (admin-api §15)."""

import re
from random import Random
from uuid import UUID

from attrs import evolve, frozen

from origin.api.endpoint import Call, Endpoint, Json, Param
from origin.api.params import Params, text
from origin.catalogue import Profile
from origin.catalogue.profiles import Profiles
from origin.profiles import PREDEFINED, headline, predefined, read_representations, shown
from wire.components import printable
from wire.errors import Conflict, InvalidRequest, NotFound

LONGEST_DISPLAY_NAME = 255
_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")


@frozen
class StreamingProfiles:
    """Makes, shows, changes and removes profiles; names do not tell case."""

    profiles: Profiles
    rng: Random

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Five calls."""
        one = "streaming_profiles/{name}"
        contents = (
            Param("display_name"),
            Param("representations", about="JSON: an array of transformations"),
        )
        return (
            Endpoint(
                "GET",
                "streaming_profiles",
                self.list,
                summary="List streaming profiles",
                answer="ProfileList",
            ),
            Endpoint(
                "POST",
                "streaming_profiles",
                self.create,
                takes=(Param("name", required=True), contents[0], Param("representations", required=True)),
                summary="Make a streaming profile",
                answer="ProfileChanged",
            ),
            Endpoint("GET", one, self.detail, summary="Show a streaming profile", answer="ProfileShown"),
            Endpoint(
                "PUT",
                one,
                self.update,
                takes=contents,
                summary="Change a streaming profile",
                answer="ProfileChanged",
            ),
            Endpoint(
                "DELETE", one, self.delete, summary="Remove or revert a streaming profile", answer="Message"
            ),
        )

    async def list(self, call: Call) -> Json:
        """The predefined ones first, as they are here."""
        stored = {each.name: each for each in await self.profiles.list(call.cloud)}
        first = [stored.pop(name, None) or predefined(call.cloud, name) for name in PREDEFINED]
        return {"data": [headline(each) for each in (*first, *stored.values()) if each is not None]}

    async def detail(self, call: Call) -> Json:
        """One with its renditions."""
        name = _named(call)
        profile = await self.profiles.get(call.cloud, name) or predefined(call.cloud, name)
        if profile is None:
            raise _unknown(name)
        return {"data": shown(profile)}

    async def create(self, call: Call) -> Json:
        """Of a name nobody has yet."""
        given = text(call.params, "name") or ""
        if not _NAME.fullmatch(given):
            raise InvalidRequest(f"name ({printable(given)}) is invalid: letters, digits, _ and - only")
        name = given.lower()
        blank = Profile(cloud=call.cloud, name=name, external_id=self._fresh_id(), display_name=given)
        profile = _updated(blank, call.params)

        def made(old: Profile | None) -> Profile:
            if old is not None or name in PREDEFINED:
                raise Conflict(f"Streaming profile {name} already exists")
            return profile

        await self.profiles.change(call.cloud, name, made)
        return {"message": "created", "data": shown(profile)}

    async def update(self, call: Call) -> Json:
        """What is given is new; of a predefined one, this cloud has its own from now on."""
        name = _named(call)

        def updated(old: Profile | None) -> Profile:
            profile = old or predefined(call.cloud, name)
            if profile is None:
                raise _unknown(name)
            return _updated(profile, call.params)

        profile = await self.profiles.change(call.cloud, name, updated)
        return {"message": "updated", "data": shown(profile)} if profile is not None else {}

    async def delete(self, call: Call) -> Json:
        """A predefined one is as it was before it was changed."""
        name = _named(call)
        is_predefined = name in PREDEFINED

        def gone(old: Profile | None) -> None:
            if old is None and is_predefined:
                raise InvalidRequest(f"Can't delete predefined streaming profile {name}")
            if old is None:
                raise _unknown(name)

        await self.profiles.change(call.cloud, name, gone)
        return {"message": "reverted" if is_predefined else "deleted"}

    def _fresh_id(self) -> str:
        return str(UUID(int=self.rng.getrandbits(128), version=4))


def _updated(profile: Profile, params: Params) -> Profile:
    display_name = text(params, "display_name") or profile.display_name
    if len(display_name) > LONGEST_DISPLAY_NAME:
        raise InvalidRequest(f"display_name is too long. Maximum is {LONGEST_DISPLAY_NAME}.")
    representations = text(params, "representations")
    return evolve(
        profile,
        display_name=display_name,
        representations=(
            profile.representations if representations is None else read_representations(representations)
        ),
    )


def _named(call: Call) -> str:
    name = call.path["name"]
    if not _NAME.fullmatch(name):
        raise _unknown(name)
    return name.lower()


def _unknown(name: str) -> NotFound:
    return NotFound(f"Can't find streaming profile {printable(name)}")
