"""`transformations`: those with a name, those allowed, and those that something is derived by (admin-api §10)."""

import re
from collections.abc import Callable, Sequence

from attrs import frozen

from origin.api.admin.paging import PAGE, page_size, place_of
from origin.api.answers import Answers
from origin.api.endpoint import Call, Endpoint, Json, Kind, Param
from origin.api.params import flag, text
from origin.assets.outbox import Courier
from origin.assets.purging import purge_of, purge_of_named
from origin.catalogue import LONGEST, Catalogue, Identity, Message, Transformation, cursor_of
from origin.delivery.chains import ChainReader
from origin.delivery.rules import Rulebook, defined, is_fixed
from origin.transform.canonical import canonical
from origin.transform.longnames import described, ordered, without_format
from wire.components import printable
from wire.errors import Conflict, InvalidRequest, NotFound

NAME = re.compile(r"[\w -]{1,255}")
PURGED_AT_ONCE = 500  # assets told of in one message
WANTED = Param("transformation", required=True, about="a name, or a chain, perhaps with /<extension>")
ALLOWED = Param("allowed_for_strict", Kind.FLAG)


@frozen
class Target:
    """What a caller means by a text: a named transformation, or a chain."""

    shown: str  # as answers call it
    chain: str  # canonical
    extension: str | None = None
    named: Transformation | None = None

    @property
    def listed(self) -> str:
        """As listings call it."""
        return f"t_{self.shown}" if self.named is not None else self.shown


@frozen(kw_only=True)
class Transformations:
    """Shows and changes transformations."""

    catalogue: Catalogue
    rules: Rulebook
    chains: ChainReader
    answers: Answers
    courier: Courier
    now: Callable[[], float]

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Each with the transformation as a parameter, or at the end of the path."""
        new = (Param("name", required=True), WANTED, ALLOWED)
        change = (WANTED, ALLOWED, Param("unsafe_update", about="another definition for a name"))
        path, one = "transformations", "transformations/{name...}"
        shown = (Param("named", Kind.FLAG), Param("transformation"), *PAGE)
        deleted = (WANTED, Param("invalidate", Kind.FLAG))
        return (
            Endpoint(
                "GET",
                path,
                self.some,
                takes=shown,
                summary="List transformations, or show one",
                answer="TransformationOrPage",
            ),
            Endpoint(
                "GET", one, self.some, takes=PAGE, summary="Show a transformation", answer="Transformation"
            ),
            Endpoint("POST", path, self.create, takes=new, summary="Name a transformation", answer="Message"),
            Endpoint(
                "POST",
                one,
                self.create,
                takes=(WANTED, ALLOWED),
                summary="Name a transformation",
                answer="Message",
            ),
            Endpoint(
                "PUT", path, self.update, takes=change, summary="Change a transformation", answer="Message"
            ),
            Endpoint(
                "PUT", one, self.update, takes=change[1:], summary="Change a transformation", answer="Message"
            ),
            Endpoint(
                "DELETE",
                path,
                self.delete,
                takes=deleted,
                summary="Delete a transformation",
                answer="Message",
            ),
            Endpoint(
                "DELETE",
                one,
                self.delete,
                takes=deleted[1:],
                summary="Delete a transformation",
                answer="Message",
            ),
        )

    async def some(self, call: Call) -> Json:
        """One if it is named, else a page of all."""
        await self.rules.refresh()
        wanted = call.path.get("name") or text(call.params, "transformation")
        return await self._all(call) if wanted is None else await self._one(call, wanted)

    async def _all(self, call: Call) -> Json:
        limit, after = page_size(call.params), place_of(call.params)
        only = flag(call.params, "named") if text(call.params, "named") is not None else None
        known = {each.listed: each for each in self._known(call.cloud)}
        names = {name for name, each in known.items() if only in (None, each.named is not None)}
        if only is not True:
            names.update(await self.catalogue.transformations.used(call.cloud, limit=limit + 1, after=after))
        page = sorted(name for name in names if name > after)
        shown = [known.get(name) or Target(name, name) for name in page[:limit]]
        used = await self.catalogue.transformations.used_of(call.cloud, [each.chain for each in shown])
        answer: Json = {
            "transformations": [
                {**self._told(call.cloud, each, each.chain in used), "name": each.listed} for each in shown
            ]
        }
        return answer | ({"next_cursor": cursor_of(shown[-1].listed)} if len(page) > limit else {})

    async def _one(self, call: Call, wanted: str) -> Json:
        target = self._target(call.cloud, wanted)
        limit, known = page_size(call.params), self.catalogue.transformations
        after = text(call.params, "next_cursor")
        found = await known.derived_by(
            call.cloud, target.chain, target.extension, limit=limit + 1, after=after
        )
        used = bool(found) or target.chain in await known.used_of(call.cloud, [target.chain])
        told = self._told(call.cloud, target, used)
        if not (used or target.named or told["allowed_for_strict"]):
            raise _unknown(wanted)
        if target.named is None:
            told["name"] = _as_written(wanted)
        answer: Json = {
            **told,
            "info": described(target.named.chain if target.named else told["name"]),
            "derived": [],
        }
        for identity, each in found[:limit]:
            asset = await self.catalogue.assets.get(identity)
            if asset is not None:
                answer["derived"].append(self.answers.derived_of(asset, each, call.caller.api_secret))
        return answer | ({"next_cursor": found[limit - 1][1].derived_id} if len(found) > limit else {})

    async def create(self, call: Call) -> Json:
        """A name that is free."""
        name = (call.path.get("name") or text(call.params, "name") or "").removeprefix("t_")
        if NAME.fullmatch(name) is None:
            raise InvalidRequest(
                f"Invalid transformation name {printable(name)}: letters, digits, _, - and spaces"
            )
        chain = self._checked(call.cloud, text(call.params, "transformation") or "")
        await self.rules.refresh()
        new = Transformation(
            cloud=call.cloud, name=name, chain=chain, allowed=flag(call.params, "allowed_for_strict", True)
        )
        is_taken = is_fixed(self.rules, call.cloud, name)
        tell = purge_of_named(call.cloud, name)
        if is_taken or not await self.catalogue.transformations.add(new, now=self.now(), tell=tell):
            raise Conflict(f"Transformation {printable(name)} already exists")
        await self._in_force()
        return {"message": "created"}

    async def update(self, call: Call) -> Json:
        """What is allowed, and what a name stands for."""
        await self.rules.refresh()
        target = self._target(call.cloud, self._wanted(call))
        definition = text(call.params, "unsafe_update")
        allowed = (
            flag(call.params, "allowed_for_strict")
            if text(call.params, "allowed_for_strict") is not None
            else None
        )
        if definition is None and allowed is None:
            raise InvalidRequest("Missing required parameter - allowed_for_strict or unsafe_update")
        if target.named is not None:
            self._check_ours(call.cloud, target)
            chain = None if definition is None else self._checked(call.cloud, definition)
            await self.catalogue.transformations.change(
                call.cloud,
                target.shown,
                is_named=True,
                now=self.now(),
                chain=chain,
                allowed=allowed,
                tell=purge_of_named(call.cloud, target.shown),
            )
        elif definition is not None:
            raise InvalidRequest("unsafe_update is for named transformations only")
        else:
            await self._allow(call.cloud, target, bool(allowed))
        await self._in_force()
        return {"message": "updated"}

    async def _allow(self, cloud: str, target: Target, allowed: bool) -> None:
        known, now = self.catalogue.transformations, self.now()
        if not allowed:
            await known.delete(cloud, target.shown, is_named=False, now=now)
            return
        if len(target.shown.encode()) > LONGEST:
            raise InvalidRequest("transformation is too long")
        row = Transformation(cloud=cloud, name=target.shown, chain=target.shown, is_named=False)
        await known.add(row, now=now)

    async def delete(self, call: Call) -> Json:
        """The name or the permission, and whatever is derived by it."""
        await self.rules.refresh()
        wanted = self._wanted(call)
        target, invalidate = self._target(call.cloud, wanted), flag(call.params, "invalidate")
        known, now = self.catalogue.transformations, self.now()
        if target.named is not None:
            self._check_ours(call.cloud, target)
        is_named = target.named is not None
        was_known = await known.delete(call.cloud, target.shown, is_named=is_named, now=now)

        def tell(identities: Sequence[Identity]) -> list[Message]:
            if not invalidate:
                return []
            starts = range(0, len(identities), PURGED_AT_ONCE)
            told = [each for at in starts for each in purge_of(*identities[at : at + PURGED_AT_ONCE])]
            return [*told, *(purge_of_named(call.cloud, target.shown) if is_named else ())]

        count = await known.drop_derived(call.cloud, target.chain, target.extension, now=now, tell=tell)
        if not was_known and not count:
            raise _unknown(wanted)
        await self.rules.refresh()
        if invalidate:
            await self.courier.purge_now()
        return {"message": "deleted"}

    async def _in_force(self) -> None:
        await self.rules.refresh()
        await self.courier.purge_now()

    def _wanted(self, call: Call) -> str:
        return call.path.get("name") or text(call.params, "transformation") or ""

    def _target(self, cloud: str, wanted: str) -> Target:
        """What a text means: a name before all else, since `my_name` looks like a component."""
        for name in (wanted, wanted.removeprefix("t_")):
            named = self.rules.of(cloud).named.get(name)
            if named is not None:
                return self._of_name(cloud, named)
        bare, extension = without_format(wanted)
        try:
            chain = canonical(self.chains.read(cloud, bare))
        except InvalidRequest as error:
            raise _unknown(wanted) from error
        shown = f"{chain}/{extension}".lstrip("/") if extension else chain
        if not shown:
            raise _unknown(wanted)
        return Target(shown, chain, extension or None)

    def _of_name(self, cloud: str, named: Transformation) -> Target:
        try:
            chain = canonical(self.chains.read(cloud, f"t_{named.name}"))
        except InvalidRequest:  # it names another that is gone: nothing is made by it any more
            chain = f"t_{named.name}"
        return Target(named.name, chain, named=named)

    def _known(self, cloud: str) -> list[Target]:
        """Everything named or allowed."""
        rules = self.rules.of(cloud)
        allowed = [Target(each, *_parted(each)) for each in rules.allowed]
        return [*(self._of_name(cloud, each) for each in rules.named.values()), *allowed]

    def _told(self, cloud: str, target: Target, used: bool) -> Json:
        named = target.named
        allowed = named.allowed if named is not None else target.shown in self.rules.of(cloud).allowed
        return {
            "name": target.shown,
            "allowed_for_strict": allowed,
            "used": used,
            "named": named is not None,
        }

    def _checked(self, cloud: str, definition: str) -> str:
        """A definition that can be read: 400 for any other."""
        chain = definition.strip("/ ") if definition.strip("/ ") else ""
        if not chain:
            raise InvalidRequest("Missing required parameter - transformation")
        self.chains.read(cloud, defined(definition))
        return definition

    def _check_ours(self, cloud: str, target: Target) -> None:
        if is_fixed(self.rules, cloud, target.shown):
            raise InvalidRequest(
                f"Transformation {printable(target.shown)} is part of this server's settings and cannot be changed"
            )


def _parted(allowed: str) -> tuple[str, str | None]:
    chain, extension = without_format(allowed)
    return chain, extension or None


def _as_written(wanted: str) -> str:
    chain, extension = without_format(wanted)
    return ordered(chain) if extension is None else f"{ordered(chain)}/{extension}".lstrip("/")


def _unknown(wanted: str) -> NotFound:
    return NotFound(f"Can't find transformation {printable(wanted)}")
