"""All links of one node, as they are now."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

from sim.links.cable import Cable
from sim.links.link import Link


class Cables:
    """Each link of a node, and the cable that it is."""

    def __init__(self, links: Iterable[Link], clock: Any, rng: Random) -> None:
        self._cables = [(link, Cable(link.out, link.back, clock, rng)) for link in links]
        self.by_address = {address: cable for link, cable in self._cables for address in link.addresses}
