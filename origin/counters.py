"""What an origin has done since it started, for `/status`."""

from attrs import define


@define
class Counters:
    """Plain numbers; probes are not requests."""

    requests: int = 0
    errors: int = 0  # answered with 5xx
    renders: int = 0  # asked of the render pool for delivery
    renders_stored: int = 0
    renders_from_mezzanine: int = 0
    mezzanines: int = 0  # made
    looks: int = 0  # at pixels, for what planning had to know
    uploads: int = 0
    webhooks: int = 0  # notifications that their receivers took
    webhooks_failed: int = 0  # attempts that came to nothing
    webhooks_given_up: int = 0  # after the last attempt
