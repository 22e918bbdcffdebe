"""Compression as a property of the upstream: what its answers would look like if it coded them itself. Pure.

The core knows nothing of it. To the core the upstream negotiates: it answers `Accept-Encoding: br` with a body in
`br`, a tag of its own for that, and `Vary: Accept-Encoding`. So each coding is a variant like any other, stored once,
and ranges, preconditions and validations are of the bytes that are stored (sheet 8.6, 16.5).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from attrs import evolve, frozen

from edge.core.policy import Compression
from wire.http.cache_control import parse_cache_control
from wire.http.conditional import is_tag, parse_tags
from wire.http.fields import Fields, RequestHead, ResponseHead

OF_THE_OLD_BYTES = ("content-length", "content-md5", "digest", "content-digest", "repr-digest")
_CODED_TAG = re.compile(r'W/"(.*)~(w-)?(?:br|gzip|zstd)"')


@frozen
class Question:
    """A request as the upstream gets it, and which of our tags stand behind those it holds now."""

    head: RequestHead
    tags: Mapping[str, str]
    """The upstream's tag → the coded one in its place."""


def question_of(request: RequestHead) -> Question:
    """The request with our own tags in If-None-Match and If-Match spelled as the upstream gave them."""
    tags: dict[str, str] = {}
    fields = request.fields
    for name in ("If-None-Match", "If-Match"):
        joined = fields.joined(name.lower())
        if joined is not None and "~" in joined:
            spelled = []
            for tag in parse_tags(joined):
                original = original_tag(tag)
                if original != tag:
                    tags[original] = tag
                spelled.append(original)
            fields = fields.replacing(name, ", ".join(spelled))
    return Question(request if fields is request.fields else evolve(request, fields=fields), tags)


def answer_of(head: ResponseHead, question: Question, policy: Compression) -> tuple[ResponseHead, str]:
    """The head as a coding upstream would have sent it, and the coding that its body must get; empty for none."""
    if head.status == 304:
        return _confirmed(head, question), ""
    if not _may_be_coded(head, policy):
        return head, ""
    fields = _varying(head.fields)
    accepted = question.head.fields.get("accept-encoding") or ""
    if accepted not in policy.codings or _is_as_it_is(question.head.fields):
        return evolve(head, fields=fields), ""
    etag = fields.get("etag")
    if etag is not None and is_tag(etag):
        fields = fields.replacing("ETag", coded_tag(etag, accepted))
    elif etag is not None:
        fields = fields.without(["etag"])  # malformed: nobody could tell it from the plain one's
    fields = fields.without(OF_THE_OLD_BYTES).adding("Content-Encoding", accepted)
    return evolve(head, fields=fields), accepted


def coded_tag(tag: str, coding: str) -> str:
    """The tag of the same representation in a coding: weak, for the bytes may differ from one edge to the next."""
    was_weak = "w-" if tag.startswith("W/") else ""
    return f'W/"{tag.removeprefix("W/")[1:-1]}~{was_weak}{coding}"'


def original_tag(tag: str) -> str:
    """The upstream's tag behind one of ours; any other as it is."""
    coded = _CODED_TAG.fullmatch(tag)
    if coded is None:
        return tag
    opaque, was_weak = coded.groups()
    return f'W/"{opaque}"' if was_weak else f'"{opaque}"'


def _confirmed(head: ResponseHead, question: Question) -> ResponseHead:
    """A 304 that confirms what we coded names it by our tag, and must not take the stored Vary's place."""
    etag = head.fields.get("etag")
    coded = question.tags.get(etag or "")
    if coded is None:
        return head
    fields = head.fields.replacing("ETag", coded)
    return evolve(head, fields=_varying(fields) if "vary" in fields else fields)


def _may_be_coded(head: ResponseHead, policy: Compression) -> bool:
    fields = head.fields
    return (
        head.status in policy.statuses
        and fields.get("content-encoding") is None
        and is_compressible(fields.get("content-type") or "", policy)
        and _is_of_a_size(fields.get("content-length"), policy)
        and not _is_as_it_is(fields)
    )


def _is_of_a_size(length: str | None, policy: Compression) -> bool:
    if length is None or not length.isdigit():
        return policy.most_bytes is None
    return policy.least_bytes <= int(length) and (
        policy.most_bytes is None or int(length) <= policy.most_bytes
    )


def is_compressible(content_type: str, policy: Compression) -> bool:
    """Whether the type is one of the policy's; `*` stands for any characters but a slash."""
    return _kinds(policy.types).fullmatch(content_type.partition(";")[0].strip().lower()) is not None


@lru_cache(maxsize=64)
def _kinds(types: tuple[str, ...]) -> re.Pattern[str]:
    """Any of these types."""
    return re.compile("|".join(re.escape(one).replace(r"\*", "[^/]*") for one in types) or "(?!)")


def _is_as_it_is(fields: Fields) -> bool:
    return parse_cache_control(fields.joined("cache-control")).has("no-transform")


def _varying(fields: Fields) -> Fields:
    members = fields.members("vary")
    if any(member.lower() in ("*", "accept-encoding") for member in members):
        return fields
    return fields.without(["vary"]).adding("Vary", ", ".join((*members, "Accept-Encoding")))
