"""All workers of a node: asked together, and told of a purge until each has confirmed it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import evolve
from treq import content
from twisted.internet.defer import CancelledError, Deferred, DeferredLock, FirstError, gatherResults
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.web.iweb import IAgent

from edge.cache.interface import CacheUnavailable
from edge.control.purge import Purge
from edge.workers.doors import Doors
from edge.workers.worker import Worker
from wire import jsontext
from wire.errors import InvalidRequest, Unavailable
from wire.web.agent import post_json

log = Logger()

ROUNDS = 2
LEAST_STEP_SECONDS = 0.01  # between two purges, by the time that workers are told
CONFIRM_SECONDS = 10.0  # a worker that has just been started again needs some for its start
ASK_AGAIN_SECONDS = 0.05


class Crew:
    """Workers behind sockets that their parent holds: whoever asks one that is being started again waits for it."""

    def __init__(
        self,
        reactor: Any,
        agent: IAgent,
        doors: Doors,
        workers: Sequence[Worker],
        now: Callable[[], float],
    ) -> None:
        self.workers = workers
        self._reactor = reactor
        self._agent = agent
        self._doors = doors
        self._now = now
        self._purging = DeferredLock()
        self._last_purge = 0.0

    async def purge(self, purge: Purge) -> int:
        """Carried out by every worker when this returns; `CacheUnavailable` where one did not confirm it in time."""
        return await self._everyone({"purge": evolve(purge, fanout=False).to_json()})

    async def invalidate(self, keys: Sequence[str], tags: Sequence[str]) -> int:
        """The same for cache keys, of which one worker learnt that they are invalid."""
        return await self._everyone({"cache_keys": list(keys), "tags": list(tags)})

    async def _everyone(self, told: Mapping[str, Any]) -> int:
        """Twice: what a worker had under way and wrote to the disk before it heard of the purge, another may have
        taken into its memory after it had. When all have confirmed the first, none writes any more of it.

        One at a time, and each at a later moment than the last: generations are counted alike by all.
        """
        await self._purging.acquire()
        try:
            counted = [await self._one_round(told) for _ in range(ROUNDS)]
        finally:
            self._purging.release()
        return sum(counted)

    async def _one_round(self, told: Mapping[str, Any]) -> int:
        self._last_purge = at = max(self._now(), self._last_purge + LEAST_STEP_SECONDS)
        question = {**told, "at": at}
        asking = [Deferred.fromCoroutine(self._confirmed(worker, question)) for worker in self.workers]
        try:
            counts = await gatherResults(asking, consumeErrors=True)
        except FirstError as first:
            first.subFailure.raiseException()
        return max(counts)  # they share one disk: each found the same there, or it was gone already

    async def _confirmed(self, worker: Worker, question: Mapping[str, Any]) -> int:
        status, answer = await self._until_answered(worker, question)
        if status == 400:
            raise InvalidRequest(jsontext.sentence_of(answer))
        if status != 200:
            raise CacheUnavailable(f"Worker {worker.seat} cannot forget right now", log=answer.decode())
        return int(jsontext.read(answer)["purged"])

    async def _until_answered(self, worker: Worker, question: Mapping[str, Any]) -> tuple[int, bytes]:
        """One that dies over the question is asked again when another has its seat: it reads the same disk."""
        deadline = self._reactor.seconds() + CONFIRM_SECONDS
        while (left := deadline - self._reactor.seconds()) > 0:
            try:
                status, answer = await self._asked_within(left, worker, "/forget", question)
            except CancelledError:
                raise
            except Exception as error:  # noqa: BLE001  whatever ended the connection, the time included
                log.info("worker {seat} is asked again: {error}", seat=worker.seat, error=error)
            else:
                if status != 503 or worker.is_ready:
                    return status, answer
            await deferLater(self._reactor, ASK_AGAIN_SECONDS)
        raise CacheUnavailable(f"Worker {worker.seat} did not confirm the purge")

    def _asked_within(
        self, seconds: float, worker: Worker, path: str, question: Any = None
    ) -> Deferred[tuple[int, bytes]]:
        asking = Deferred.fromCoroutine(self.ask(worker, path, question))
        return asking.addTimeout(seconds, self._reactor)

    async def ask(self, worker: Worker, path: str, question: Any = None) -> tuple[int, bytes]:
        """One worker's answer at its control port: to a GET, or to a question of JSON."""
        url = self._doors.control_url(worker.seat) + path
        if question is not None:
            return await post_json(self._agent, url, question)
        response = await self._agent.request(b"GET", url.encode())
        return response.code, await content(response)

    async def ask_all(self, path: str, question: Any) -> list[tuple[int, bytes]]:
        """What every worker answers; one that is being started takes the question when it can."""
        asking = [Deferred.fromCoroutine(self._heard(worker, path, question)) for worker in self.workers]
        try:
            return await gatherResults(asking, consumeErrors=True)
        except FirstError as first:
            first.subFailure.raiseException()

    async def _heard(self, worker: Worker, path: str, question: Any) -> tuple[int, bytes]:
        try:
            return await self._asked_within(CONFIRM_SECONDS, worker, path, question)
        except Exception as error:
            raise Unavailable(f"Worker {worker.seat} does not answer", log=str(error)) from error

    async def ask_ready(self, path: str) -> list[bytes]:
        """What each worker that serves answers, asked at once; one that falls meanwhile is left out."""
        asking = [
            Deferred.fromCoroutine(self._told(worker, path)) for worker in self.workers if worker.is_ready
        ]
        return [answer for answer in await gatherResults(asking) if answer is not None]

    async def _told(self, worker: Worker, path: str) -> bytes | None:
        try:
            status, answer = await self._asked_within(CONFIRM_SECONDS, worker, path)
        except Exception as error:  # noqa: BLE001  it fell: its figures went with it
            log.info("worker {seat} tells nothing: {error}", seat=worker.seat, error=error)
            return None
        return answer if status == 200 else None
