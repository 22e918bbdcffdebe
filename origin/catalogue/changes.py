"""What an edit makes of an asset, and which of its times it moves."""

from collections.abc import Callable, Sequence

from attrs import evolve, frozen

from origin.catalogue.messages import Message
from origin.catalogue.values import Asset, Identity

Edit = Callable[[Asset], Asset | None]
"""What becomes of an asset: another version of it, or None to leave it alone. Pure; may run more than once."""

TellChanged = Callable[[Asset, Asset], Sequence[Message]]
"""Decides, inside the transaction (on a thread; pure), what is told of an asset as it was, and as it is: the
same where an edit asks for nothing new."""


@frozen
class Change:
    """A row of `assets` that was written: its number, what it says, and what it said until then."""

    number: int  # assets.id
    asset: Asset
    old: Asset | None = None  # None: there was no such row


def edited(old: Asset, new: Asset, now: float) -> Asset:
    """The asset that an edit wants, with the times of what it changed."""
    when = {**old.last_updated, **dict.fromkeys(_moved(old, new), now), "updated_at": now}
    return evolve(new, last_updated=when)


def renamed(asset: Asset, target: Identity, now: float) -> Asset:
    """The asset under another name: its URLs are new, and so is its version."""
    return evolve(asset, identity=target, version=later_version(asset, now))


def later_version(asset: Asset, now: float) -> int:
    """The version of what comes after: never the same twice, whatever the clock says."""
    return max(int(now), asset.version + 1)


def _moved(old: Asset, new: Asset) -> list[str]:
    """Which times of `last_updated` an edit moves (admin-api §5)."""
    moved = [
        f"{name}_updated_at"
        for name in ("tags", "context", "metadata")
        if getattr(old, name) != getattr(new, name)
    ]
    if old.details.get("access_control") != new.details.get("access_control"):
        moved.append("access_control_updated_at")
    if old.identity.public_id != new.identity.public_id:
        moved.append("public_id_updated_at")
    return moved
