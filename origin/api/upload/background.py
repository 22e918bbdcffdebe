"""Uploads and derived files that are made after the answer: `async`, `eager_async` (upload-api §6)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import asdict, evolve, frozen

from origin.api.credentials import Caller
from origin.api.endpoint import Json
from origin.api.params import Params, text
from origin.api.spooling import RemoteFile, SpooledFile
from origin.api.upload.submission import Submission
from origin.api.upload.taking import Taking
from origin.assets.eager import EagerWish
from origin.assets.ingest import Upload
from origin.catalogue import Catalogue, Identity, Message
from origin.catalogue.hearers import Destination
from origin.catalogue.messages import REMOVE_OBJECT, TAKE_IN, removal
from origin.notifications.notifier import Notifier
from origin.notifications.signing import signing_key
from origin.remote.sources import Sources
from origin.settings import Cloud
from origin.store.interface import ObjectStore
from origin.store.keys import incoming_key
from origin.store.spooled import gathered
from wire.errors import MediaError
from wire.signing import Algorithm

_NEVER_AGAIN = frozenset({"file", "signature", "api_key", "timestamp", "async"})


@frozen(kw_only=True)
class Later:
    """Puts uploads off."""

    catalogue: Catalogue
    store: ObjectStore
    now: Callable[[], float]
    new_id: Callable[[], str]

    async def put(self, submission: Submission, wish: Upload, source: SpooledFile | RemoteFile) -> Json:
        """The answer, once all that is needed is kept. The file is consumed, whatever comes of it."""
        kept = await self._kept(submission.caller.cloud, source)
        payload = {**payload_of(submission), "source": kept}
        await self.catalogue.outbox.add([Message(TAKE_IN, payload, lane=kept.get("key", ""))], now=self.now())
        return pending(submission, wish)

    async def _kept(self, cloud: str, source: SpooledFile | RemoteFile) -> Mapping[str, Any]:
        if isinstance(source, RemoteFile):
            return {"url": source.url}
        key = incoming_key(cloud, self.new_id())
        try:
            await self.store.put(key, source.path)
        finally:
            source.path.unlink(missing_ok=True)
        return {"key": key, "filename": source.filename}


def pending(submission: Submission, wish: Upload) -> Json:
    """What is said of an upload that is yet to come: no name but the one it will have."""
    name = f"{wish.prefix}/{wish.public_id}" if wish.prefix and wish.public_id else wish.public_id
    return {
        "status": "pending",
        "resource_type": submission.resource_type,
        "type": wish.type,
        **({"public_id": name} if name else {}),
        "batch_id": submission.batch_id,
    }


@frozen(kw_only=True)
class TakeIn:
    """The job that does an upload. Its asset's revision was settled before, so twice is once."""

    taking: Taking
    sources: Sources
    store: ObjectStore
    spool: Path
    clouds: Mapping[str, Cloud]

    async def run(self, payload: Mapping[str, Any]) -> Sequence[Message]:
        """Take the file in; the upload tells of itself in the transaction that stores it."""
        submission = submission_of(payload, self.clouds)
        file = await self._file(submission, payload["source"])
        await self.taking.take(submission, file)
        return _unneeded(payload)

    def failed(self, payload: Mapping[str, Any], error: MediaError) -> Sequence[Message]:
        """An `error` notification says why."""
        return (*failure_of(submission_of(payload, self.clouds), error), *_unneeded(payload))

    async def _file(self, submission: Submission, source: Mapping[str, Any]) -> SpooledFile:
        if "url" in source:
            remote = RemoteFile(source["url"])
            return await self.sources.file(remote, submission.caller.cloud, submission.resource_type)
        return await gathered(self.store, [source["key"]], self.spool, source["filename"])


@frozen(kw_only=True)
class Derive:
    """The job that makes an asset's eager files, one after the other."""

    taking: Taking
    catalogue: Catalogue
    clouds: Mapping[str, Cloud]
    calm: Callable[[], Awaitable[None]]

    async def run(self, payload: Mapping[str, Any]) -> Sequence[Message]:
        """Make those that are not there yet, and tell of all."""
        asset = await self.catalogue.assets.get(Identity(**payload["identity"]))
        if asset is None or asset.revision != payload["revision"]:
            return ()  # what replaced it has derived files of its own
        caller = _caller_of(payload, self.clouds)
        made = []
        for chain, extension in payload["wishes"]:
            await self.calm()
            made.append(await self.taking.derived(asset, EagerWish(chain, extension), caller))
        told = {"eager": made, "asset_id": asset.asset_id, "public_id": asset.identity.public_id}
        event = payload.get("event", "eager")
        return _notifier_of(payload["notifier"]).tell(event, {**told, "batch_id": payload["batch_id"]})

    def failed(self, payload: Mapping[str, Any], error: MediaError) -> Sequence[Message]:
        """An `eager` notification all of whose entries failed."""
        made = [
            {"transformation": chain, "status": "failed", "reason": error.public}
            for chain, _ in payload["wishes"]
        ]
        told = {"eager": made, "public_id": payload["identity"]["public_id"]}
        event = payload.get("event", "eager")
        return _notifier_of(payload["notifier"]).tell(event, {**told, "batch_id": payload["batch_id"]})


def failure_of(submission: Submission, error: MediaError) -> Sequence[Message]:
    """What is told of a submission that came to nothing after its answer."""
    public_id = text(submission.params, "public_id")
    told = {
        "error": {"message": error.public},
        "resource_type": submission.resource_type,
        "type": text(submission.params, "type") or "upload",
        **({"public_id": public_id} if public_id else {}),
        "batch_id": submission.batch_id,
    }
    return submission.notifier.tell("error", told)


def _unneeded(payload: Mapping[str, Any]) -> Sequence[Message]:
    key = payload["source"].get("key")
    return (Message(REMOVE_OBJECT, removal(key)),) if key else ()


def payload_of(submission: Submission) -> Mapping[str, Any]:
    """A submission as an entry of the outbox holds it; without secrets, and without what signed it."""
    return {
        "cloud": submission.caller.cloud,
        "api_key": submission.caller.api_key,
        "is_signed": submission.caller.is_signed,
        "resource_type": submission.resource_type,
        "params": {name: each for name, each in submission.params.items() if name not in _NEVER_AGAIN},
        "notifier": asdict(evolve(submission.notifier, batch_id=submission.batch_id)),
        "eager_notifier": asdict(submission.eager_notifier),
        "batch_id": submission.batch_id,
        "revision": submission.revision,
    }


def submission_of(payload: Mapping[str, Any], clouds: Mapping[str, Cloud]) -> Submission:
    """The inverse."""
    params: Params = {
        name: tuple(each) if isinstance(each, list) else each for name, each in payload["params"].items()
    }
    return Submission(
        caller=_caller_of(payload, clouds),
        resource_type=payload["resource_type"],
        params=params,
        notifier=_notifier_of(payload["notifier"]),
        eager_notifier=_notifier_of(payload["eager_notifier"]),
        batch_id=payload["batch_id"],
        revision=payload["revision"],
    )


def _caller_of(payload: Mapping[str, Any], clouds: Mapping[str, Cloud]) -> Caller:
    """Who asked; a key that is gone since is replaced by another of the cloud."""
    key = signing_key(clouds[payload["cloud"]], payload["api_key"])
    algorithm: Algorithm = "sha256" if key.sha256_only else "sha1"
    is_signed = payload.get("is_signed", True)
    return Caller(payload["cloud"], key.api_key, key.api_secret, algorithm, is_signed)


def _notifier_of(told: Mapping[str, Any]) -> Notifier:
    to = told["to"]
    return Notifier(**{**told, "to": Destination(**to) if to is not None else None})
