"""Fetching before anybody asks: an operator's list of URLs becomes exchanges without viewers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen
from twisted.internet.defer import Deferred, DeferredSemaphore, gatherResults, succeed

from edge.core.exchange import Exchange
from edge.core.outcome import Outcome, Verdict
from edge.http.machinery import Machinery
from edge.http.runner import Conversation
from edge.http.visiting import visit_of
from wire.errors import InvalidRequest
from wire.http.asker import Asker
from wire.http.fields import Fields, RequestHead
from wire.http.lines import NAME

AT_ONCE = 4
MOST_URLS = 1000
OPERATOR = Asker("127.0.0.1")
"""Whence a prefetch comes, where an edge tells origins of its viewers."""
HELD = frozenset({Verdict.HIT, Verdict.STALE, Verdict.REVALIDATED})
FORBIDDEN = frozenset({"host", "content-length", "transfer-encoding", "connection", "range", "authorization"})
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


@frozen
class Prefetch:
    """URLs to have, absolute or bare paths, and what to ask for them with."""

    urls: tuple[str, ...]
    headers: Fields = field(factory=Fields)

    @classmethod
    def from_json(cls, told: Any) -> Prefetch:
        """`{"urls": […], "headers": {"Accept": "image/avif"}}`; `InvalidRequest` for anything else."""
        if not isinstance(told, Mapping):
            raise InvalidRequest("A JSON object is wanted")
        unknown = set(told) - {"urls", "headers"}
        if unknown:
            raise InvalidRequest(f"Unknown: {', '.join(sorted(map(str, unknown)))}")
        urls, headers = told.get("urls"), told.get("headers", {})
        if not isinstance(urls, list) or not urls or not all(isinstance(url, str) and url for url in urls):
            raise InvalidRequest("urls must be a list of strings")
        if len(urls) > MOST_URLS:
            raise InvalidRequest(f"At most {MOST_URLS} URLs at once")
        if not isinstance(headers, Mapping) or not all(map(_is_field, headers.items())):
            raise InvalidRequest("headers must be an object of header fields that a viewer may vary")
        return cls(tuple(dict.fromkeys(urls)), Fields(headers.items()))

    def requests(self, host: str) -> dict[str, RequestHead]:
        """What is asked for each URL; `host` is that of bare paths."""
        plain = Fields((("Host", host), *self.headers))
        return {url: RequestHead("GET", url, fields=plain) for url in self.urls}


def _is_field(pair: tuple[object, object]) -> bool:
    name, value = pair
    if not isinstance(name, str) or not isinstance(value, str):
        return False
    is_name = NAME.fullmatch(name.encode("ascii", "replace")) is not None
    return is_name and _VALUE.fullmatch(value) is not None and name.lower() not in FORBIDDEN


async def carry_out(prefetch: Prefetch, machinery: Machinery, host: str) -> dict[str, str]:
    """Fetch what is not held fresh, a few at a time, under the key and by the rules that viewers of this edge meet;
    for each URL a word, as `word_for` gives it, or `refused`: no viewer may ask so."""
    turns = DeferredSemaphore(AT_ONCE)

    def fetch(request: RequestHead) -> Deferred[str]:
        visit = visit_of(request, machinery, OPERATOR, by_operator=True)
        if visit is not None and visit.refusal is not None:
            return succeed("refused")
        request = visit.head if visit is not None else request
        conversation = Conversation(machinery, Exchange.prefetching(request, machinery.policy), request)
        conversation.begin()
        return conversation.over.addCallback(word_for)

    requests = prefetch.requests(host)
    words = await gatherResults([turns.run(fetch, request) for request in requests.values()])
    return dict(zip(requests, words, strict=True))


def word_for(outcome: Outcome | None) -> str:
    """What came of one: `stored`, `held` (it was fresh), `under way` (others fetch it), `not stored`, `failed`."""
    if outcome is None or not outcome.complete:
        return "failed"
    if outcome.stored:
        return "stored"
    if outcome.verdict is Verdict.ERROR:  # nothing was said of it
        return "under way" if outcome.collapsed else "failed"
    return "held" if outcome.verdict in HELD else "not stored"
