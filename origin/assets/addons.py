"""What needs an add-on that this server does not have (upload-api §12)."""

from wire.errors import NotSubscribed


def not_subscribed(name: str) -> NotSubscribed:
    """420, in the words that clients know."""
    return NotSubscribed(f"You don't have an active subscription for {name}")
