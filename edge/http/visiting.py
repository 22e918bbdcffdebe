"""A request under the personality of the edge that it comes to."""

from __future__ import annotations

from os import urandom

from edge.core.key import BadRequest, address_of, origin_form
from edge.core.policy import KeyPolicy
from edge.http.machinery import Machinery
from edge.personality.interface import Arrival, Visit
from wire.http.asker import Asker
from wire.http.fields import RequestHead

WHOLE = KeyPolicy(query="none")
"""Of the address, the path is what rules about paths look at."""


def visit_of(
    head: RequestHead,
    machinery: Machinery,
    asker: Asker,
    *,
    has_body: bool = False,
    by_operator: bool = False,
) -> Visit | None:
    """How it is received; None where the edge plays nobody, and for a request that points nowhere, which the core
    refuses."""
    personality = machinery.personality
    if personality is None:
        return None
    try:
        head = origin_form(head)
        path = address_of(head, WHOLE).normal
    except BadRequest:
        return None
    return personality.receive(
        Arrival(head, path, asker, machinery.now(), urandom(40), has_body, by_operator)
    )
