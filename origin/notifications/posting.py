"""One attempt to deliver one notification: a POST that follows no redirect, to an address that is allowed."""

import socket
from collections.abc import Awaitable, Callable, Sequence

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as TooLate
from twisted.internet.error import DNSLookupError

from origin.notifications.signing import Signed
from origin.remote.addresses import Guard
from origin.remote.asking import Asker, Question
from origin.remote.connecting import Resolve
from origin.remote.errors import RemoteTrouble
from origin.remote.urls import RemoteUrl
from origin.store.streams import discard
from origin.threads import Threads, ThreadsClosedError, TooLateError

Post = Callable[[str, Signed, Guard], Awaitable[None]]
"""One attempt: URL, notification, where it may go."""


@frozen
class Posting:
    """Takes notifications to their receivers."""

    asker: Asker
    seconds: float  # within which a receiver must have answered

    async def post(self, url: str, notification: Signed, guard: Guard) -> None:
        """Nothing, once the receiver has acknowledged it with any 2xx; else `RemoteTrouble` with the reason."""
        posting = Deferred.fromCoroutine(self._posted(url, notification, guard))
        try:
            await posting.addTimeout(self.seconds, self.asker.reactor)
        except TooLate as error:
            raise RemoteTrouble(url, f"no answer within {self.seconds:g} s") from error

    async def _posted(self, url: str, notification: Signed, guard: Guard) -> None:
        fields = {
            b"Content-Type": [b"application/json"],
            b"X-Cld-Timestamp": [str(notification.timestamp).encode()],
            b"X-Cld-Signature": [notification.signature.encode()],
        }
        question = Question(b"POST", RemoteUrl.parse(url), fields, notification.body)
        response, _ = await self.asker.ask(question, guard, named=url)
        discard(response)
        if not 200 <= response.code < 300:
            raise RemoteTrouble(url, f"answered with {response.code}")


def own_resolver(threads: Threads) -> Resolve:
    """Names as this machine knows them, looked up on threads of their own: a name server that says nothing holds up
    nobody else's look-ups."""

    async def resolve(name: str) -> Sequence[str]:
        try:
            return await threads.call(lambda: _addresses(name))
        except (OSError, UnicodeError, TooLateError, ThreadsClosedError) as error:
            raise DNSLookupError(str(error)) from error

    return resolve


def _addresses(name: str) -> list[str]:
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return [str(address[0]) for _, _, _, _, address in found]
