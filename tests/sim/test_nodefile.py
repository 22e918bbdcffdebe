"""sim.nodefile: what a node is told, read into the shape of its kind."""

import pytest

from sim.nodefile import EdgeNode, read
from wire.document import DocumentError


def test_a_document_is_of_one_kind() -> None:
    with pytest.raises(DocumentError, match="kind: expected one of origin, edge, balancer"):
        read("kind: shield")
    settings = 'settings: {upstreams: ["http://127.0.0.1:1"]}'
    links = 'links: [{near: [a], far: [b], addresses: ["b:1"], out: {rtt_seconds: 1}}]'
    node = read(f"kind: edge\n{settings}\n{links}")
    assert isinstance(node, EdgeNode)
    assert [(each.addresses, each.out.rtt_seconds) for each in node.links] == [(("b:1",), 1.0)]
