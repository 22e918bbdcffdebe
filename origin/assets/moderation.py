"""Whether people have looked at an asset, and what they said (upload-api §3.2, admin-api §6).

An asset's details hold `moderation`: its kinds in the order they look, each
`{"kind", "status", "updated_at"}`, the last in unix seconds.
An asset stays deliverable while it waits.
"""

from typing import Any, Literal

from origin.assets.addons import not_subscribed
from wire.components import printable
from wire.errors import InvalidRequest

MANUAL = "manual"
STATUSES = ("pending", "queued", "approved", "rejected", "aborted")
ADDONS = {
    "webpurify": "WebPurify Image Moderation",
    "aws_rek": "Amazon Rekognition AI Moderation",
    "aws_rek_video": "Amazon Rekognition Video Moderation",
    "google_video_moderation": "Google AI Video Moderation",
    "perception_point": "Perception Point Malware Detection",
    "duplicate": "Cloudinary Duplicate Image Detection",
}

States = list[dict[str, Any]]


def parse_moderation(text: str | None) -> tuple[str, ...]:
    """`manual`, the only kind there is without an add-on; several are joined by `|`, `manual` last."""
    if text is None:
        return ()
    kinds = tuple(each.strip() for each in text.split("|"))
    for kind in kinds:
        if kind != MANUAL and kind.partition(":")[0] not in ADDONS:
            raise InvalidRequest(f"Moderation kind {printable(kind)} is invalid")
    if MANUAL in kinds[:-1]:
        raise InvalidRequest(f"Invalid moderation {printable(text)}: manual comes last, and once")
    for kind in kinds:
        if kind != MANUAL:
            raise not_subscribed(ADDONS[kind.partition(":")[0]])
    return kinds


def begun(kinds: tuple[str, ...], when: float) -> States:
    """The first of them looks at once, the others wait for it; `when` is unix seconds."""
    return [
        {"kind": kind, "status": "queued" if position else "pending", "updated_at": when}
        for position, kind in enumerate(kinds)
    ]


def decided(states: States, kind: str, status: Literal["approved", "rejected"], when: float) -> States:
    """One kind has said so. After `approved` the next in the queue looks; after `rejected` none does any more.

    What nobody asked for is decided all the same: people may approve or reject any asset.
    """
    if all(each["kind"] != kind for each in states):
        states = [*states, {"kind": kind, "status": "pending", "updated_at": when}]
    found: States = []
    for each in states:
        if each["kind"] == kind:
            found.append({**each, "status": status, "updated_at": when})
        elif status == "rejected" and each["status"] in ("queued", "pending"):
            found.append({**each, "status": "aborted", "updated_at": when})
        else:
            found.append(each)
    if status == "approved" and all(each["status"] != "pending" for each in found):
        return _next_begun(found, when)
    return found


def _next_begun(states: States, when: float) -> States:
    for position, each in enumerate(states):
        if each["status"] == "queued":
            begun_now = {**each, "status": "pending", "updated_at": when}
            return [*states[:position], begun_now, *states[position + 1 :]]
    return states
