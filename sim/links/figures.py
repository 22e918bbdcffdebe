"""What a node tells of its links in figures: the bytes that each has carried, either way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen
from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric

from sim.links.cables import Cables
from wire.web.probes import MoreFigures


@frozen(eq=False)
class LinkFigures(MoreFigures):
    """For `/status` and `/metrics`. The labels are the ends of the links that the node was told of, and no others."""

    node: str
    cables: Cables

    def status(self) -> dict[str, Any]:
        """`{"links": {"frankfurt-a--shield": {"out": BYTES, "back": BYTES}}}`: out is toward the second end."""
        return {
            "links": {
                f"{link.near}--{link.far}": {"out": link.out, "back": link.back}
                for link in self.cables.carried()
            }
        }

    def collect(self) -> Iterator[Metric]:
        """`pixeledge_link_bytes_total` by link and by the end that they came to."""
        carried = CounterMetricFamily(
            "pixeledge_link_bytes", "Bytes that came out of a link", labels=("node", "near", "far", "toward")
        )
        for link in self.cables.carried():
            for toward, size in ((link.far, link.out), (link.near, link.back)):
                carried.add_metric((self.node, link.near, link.far, toward), size)
        yield carried
