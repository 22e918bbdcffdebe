"""sim.plainlog: what a node says of its work."""

from __future__ import annotations

from io import StringIO

from twisted.logger import FileLogObserver, Logger
from twisted.python.failure import Failure

from sim.plainlog import line_of


def test_a_line_tells_when_who_and_what_and_no_token() -> None:
    """Nor does the traceback of a failure that speaks of it."""
    said = StringIO()
    log = Logger("edge.test", observer=FileLogObserver(said, line_of))
    log.info("resumed {uri}", uri="/a?__cld_token__=exp=9~hmac=hush&w=1")
    failure = Failure(ValueError("/b?__cld_token__=exp=9~hmac=hush"))
    log.failure("while fetching", failure)
    first, second, *rest = said.getvalue().splitlines()
    moment, level, source, told = first.split(" ", 3)
    assert (moment[-1], level, source) == ("Z", "info", "edge.test:")
    assert told == "resumed /a?__cld_token__=…&w=1"
    assert second.endswith("critical edge.test: while fetching")
    assert "/b?__cld_token__=…" in rest[-1]
    assert "hush" not in said.getvalue()
