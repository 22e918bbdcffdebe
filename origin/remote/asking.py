"""One request to a remote server: its address looked up and admitted, and why there is no answer in plain words."""

from typing import Any

from attrs import field, frozen
from twisted.internet.defer import CancelledError
from twisted.internet.error import ConnectError, ConnectingCancelledError, DNSLookupError
from twisted.web.client import Agent, ResponseFailed
from twisted.web.http_headers import Headers
from twisted.web.iweb import IResponse

from origin.remote.addresses import Guard
from origin.remote.connecting import AddressRefused, GuardedConnect, HeadMeter, Resolve
from origin.remote.errors import RemoteTrouble, RemoteUnreachable
from origin.remote.urls import RemoteUrl
from wire.web.agent import BytesProducer

AGENT = b"pixeledge"


class StillConnecting(CancelledError):
    """Cancelled before there was a connection to `server`."""

    def __init__(self, server: str) -> None:
        self.server = server
        super().__init__()


@frozen
class Question:
    """What is asked of a server."""

    method: bytes
    url: RemoteUrl
    fields: dict[bytes, list[bytes]] = field(factory=dict)
    body: bytes | None = None


@frozen
class Asker:
    """Asks, each time on a connection of its own to an address that was checked just then. Follows no redirect."""

    reactor: Any
    resolve: Resolve
    trust: Any = None  # of TLS; None: the platform's certificates

    async def ask(self, question: Question, guard: Guard, *, named: str) -> tuple[IResponse, HeadMeter]:
        """The response, its body not yet taken: open the meter first. `RemoteTrouble` speaks of the URL `named`."""
        meter = HeadMeter()
        connect = GuardedConnect(self.reactor, self.resolve, guard, meter, self.trust)
        agent = Agent.usingEndpointFactory(self.reactor, connect)  # no pool: each connection is a checked one
        headers = Headers({b"User-Agent": [AGENT], **question.fields})
        body = BytesProducer(question.body) if question.body is not None else None
        try:
            response: IResponse = await agent.request(
                question.method, str(question.url).encode("ascii"), headers, body
            )
        except UnicodeError as error:  # of TLS, which knows only hosts that can have a certificate
            raise RemoteTrouble(named, "its host is invalid", log=str(error)) from error
        except AddressRefused as error:
            raise RemoteTrouble(
                named, "its address is not on the public internet, and not allowed", log=str(error)
            ) from error
        except DNSLookupError as error:
            raise RemoteUnreachable(
                named, "its host is not known", question.url.server, log=str(error)
            ) from error
        except ConnectingCancelledError as error:
            raise StillConnecting(question.url.server) from error
        except ConnectError as error:
            reason = "its host does not take the connection"
            raise RemoteUnreachable(named, reason, question.url.server, log=str(error)) from error
        except ResponseFailed as error:
            if any(reason.check(CancelledError) for reason in error.reasons):
                raise CancelledError from error
            why = "; ".join(reason.getErrorMessage() for reason in error.reasons)
            raise RemoteTrouble(named, "its host does not answer as HTTP wants it", log=why) from error
        return response, meter
