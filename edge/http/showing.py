"""What the viewer of a conversation gets to see: the answer as the one would have it whom this edge plays."""

from __future__ import annotations

from contextlib import ExitStack

from attrs import evolve

from edge.cache.interface import Body
from edge.control.lines import Line
from edge.core import commands as do
from edge.core.account import Account
from edge.core.express import Leave
from edge.core.outcome import Outcome, Verdict
from edge.core.pieces import Piece
from edge.http.answering import Answering, BodyPart
from edge.http.express import Learner
from edge.http.logged import Said, line_of
from edge.http.machinery import Machinery
from edge.personality.interface import Page, Visit
from wire.http.dates import format_date
from wire.http.fields import RequestHead, ResponseHead
from wire.web.site import StreamingRequest, refuse
from wire.web.spool import Spool


class Showing:
    """One answer to one viewer, dressed, sent, taught to the express lane and told in the log.

    A refresh has no viewer: nothing is under way there, and nobody is shown anything.
    """

    def __init__(
        self, machinery: Machinery, request: StreamingRequest | None = None, visit: Visit | None = None
    ) -> None:
        self.request = request
        """The viewer's; None without one, and when it is another conversation's by now."""
        self._node = machinery
        self._visit = visit
        self._answering = Answering(request) if request is not None else None
        self._said = Said()

    @property
    def under_way(self) -> Answering | None:
        """The answer, unless the viewer has all of it, was cut or left."""
        answering = self._answering
        return answering if answering is not None and not answering.is_over else None

    # In place of the answer

    def page_instead(self, head: ResponseHead) -> Visit | None:
        """The visit to a page that the viewer gets in place of such an answer."""
        visit = self._visit
        if head.status < 400 or visit is None or visit.refusal is not None or self.under_way is None:
            return None
        return visit.instead(head.status, self._node.now())

    def hand_over(self) -> StreamingRequest | None:
        """The request, for another conversation: for this one the viewer has left."""
        request, self.request, self._answering = self.request, None, None
        return request

    # The answer

    def respond(self, command: do.Respond, account: Account, now: float) -> None:
        """One that is all at hand. `now`: when it was decided."""
        answering = self.under_way
        if answering is None:
            return
        if account.entry is not None:
            self._node.cache.used(account.entry)
        channel = self._channel
        head, body = self._told(command, account)
        self._teach(channel, command.leave, answering.with_bytes(head, body), now)

    def deliver(self, command: do.Deliver, body: Body, account: Account, now: float) -> None:
        """One from the store. `body` is open, and ours to close."""
        answering = self.under_way
        if answering is None:
            body.close()
            return
        channel = self._channel
        head = self._dressed(command.head, account, from_memory=body.data is not None)
        self._teach(channel, command.leave, answering.with_body(head, body, command.pieces), now)

    def deliver_parts(
        self, head: ResponseHead, steps: list[bytes | BodyPart], opened: ExitStack, account: Account
    ) -> None:
        """One from several stored bodies, which `opened` holds, ours to close."""
        answering = self.under_way
        if answering is None:
            opened.close()
        else:
            answering.with_parts(self._dressed(head, account, from_memory=False), steps, opened)

    def relay(self, head: ResponseHead, spool: Spool, pieces: tuple[Piece, ...], account: Account) -> None:
        """One that is still arriving."""
        answering = self.under_way
        if answering is not None:
            answering.with_spool(self._dressed(head, account), spool, pieces)

    def _told(self, command: do.Respond, account: Account) -> tuple[ResponseHead, bytes]:
        visit = self._visit
        if visit is None:
            return command.head, command.body
        page = Page(command.head, command.body)
        if visit.refusal is None:
            if account.verdict is not Verdict.ERROR:
                return self._dressed(command.head, account), command.body
            page = visit.page(page, account, self._node.now())
        head = _dated(page.head, self._node.now())
        self._said = evolve(self._said, shown=head.fields, undressed=command.head.fields)
        return head, page.body

    def _dressed(self, head: ResponseHead, account: Account, *, from_memory: bool = True) -> ResponseHead:
        if self._visit is None:
            return head
        undressed = head.fields
        head = self._visit.dress(head, account, self._node.now(), from_memory=from_memory)
        self._said = evolve(self._said, shown=head.fields, undressed=undressed)
        return head

    @property
    def _channel(self) -> object:
        """The viewer's connection; a request that is finished has none."""
        return self.request.channel if self.request is not None else None

    def _teach(self, channel: object, leave: Leave | None, head: bytes | None, now: float) -> None:
        """Let the express lane know an answer that may be repeated, if it could come that way again."""
        may_repeat = self._visit is None or self._visit.may_repeat
        if leave is not None and head and may_repeat and isinstance(channel, Learner):
            channel.learn(leave, head, now)

    # Its end

    def left(self) -> None:
        """The viewer has."""
        self._said = evolve(self._said, has_left=True)
        self.stop()

    def stop(self) -> None:
        """Send no more."""
        if self._answering is not None:
            self._answering.stop()

    def cut(self) -> None:
        """The answer can never be whole: let the viewer see so."""
        if self._answering is not None:
            self._answering.cut()

    def broke(self) -> None:
        """Our bug: an error, as far as that can still be said."""
        if self.request is not None and not self.request.finished:
            refuse(self.request, 500, "Internal error")
        self.stop()

    def line(
        self, request: StreamingRequest, head: RequestHead, outcome: Outcome, now: float, *, was_slow: bool
    ) -> Line:
        """For the access log, once it is over. `was_slow`: the upstream had to wait for the viewer."""
        said = evolve(self._said, was_slow=was_slow)
        return line_of(request, head, self._visit, outcome, said, now)


def _dated(head: ResponseHead, now: float) -> ResponseHead:
    """The head of a page that is made here, with the Date that every answer has (RFC 9110 §6.6.1)."""
    return (
        head if "date" in head.fields else evolve(head, fields=head.fields.adding("Date", format_date(now)))
    )
