"""The line that a conversation leaves in the access log."""

from __future__ import annotations

from attrs import evolve, frozen

from edge.control.lines import Asked, Line
from edge.core.outcome import Outcome
from edge.personality.interface import Visit
from wire.http.fields import Fields, RequestHead
from wire.web.site import StreamingRequest


@frozen
class Said:
    """What the viewer was told, and whether all of it was taken."""

    shown: Fields = Fields()  # noqa: RUF009  a value
    """Of the head that the viewer saw, where a personality writes on it."""
    undressed: Fields = Fields()  # noqa: RUF009  a value
    """The same before it did."""
    has_left: bool = False
    was_slow: bool = False


def line_of(
    request: StreamingRequest,
    head: RequestHead,
    visit: Visit | None,
    outcome: Outcome,
    said: Said,
    now: float,
) -> Line:
    """Of a request that is over."""
    asked = Asked.of(
        str(getattr(request.client, "host", "")),
        request.method.decode("latin-1"),
        request.uri.decode("latin-1"),
        request.clientproto.decode("latin-1").removeprefix("HTTP/"),
        request.fields,
    )
    asked = evolve(asked, scheme=head.scheme)  # the request has no connection any more
    line = Line(asked, outcome, request.sentLength, now)
    if visit is None:
        return line
    asker, carried = visit.asker, request.carried
    return evolve(
        line,
        asked=evolve(
            asked,
            viewer=asker.address or asked.viewer,
            port=asker.port,
            version=asker.version or asked.version,
            secured=asker.secured,
            region=asker.region,
            edge=str(getattr(request.host, "host", "")),
        ),
        request_id=visit.request_id,
        answer=said.shown,
        undressed=said.undressed,
        kind=visit.refusal.kind if visit.refusal is not None else "",
        has_left=said.has_left,
        was_slow=said.was_slow,
        has_asked=not request.body.is_cut,
        request_bytes=carried.received,
        answer_bytes=carried.sent,
        request_seconds=carried.receiving_seconds,
    )
