"""What a topology chooses for its PoPs in the words of `pixeledge edge --config`: for all of them, or for one."""

from __future__ import annotations

from typing import Any

from edge.core.key import normal_target
from edge.core.policy import KeyPolicy
from sim.topology.model import Topology
from sim.topology.units import measured
from wire.document import Document
from wire.tokens.cloudinary import NAME as TOKEN

Choices = dict[str, Any]  # plain values, by the names of `edge.settings.Choices`

PLAIN = "plain"  # the personality that is nobody's
OURS = (("key", "site"), ("key", "hosts"), ("checks", "path"), ("checks", "urls"))
"""What follows from the rest of a topology."""


def choices_of(topology: Topology, pop: str) -> Choices:
    """What a PoP is told beyond its place: its own word before that for all."""
    every = merged(topology.edge, topology.pops[pop].edge)
    told: Choices = measured(Document(every, {}), every, (), [])
    if "key" in told:
        told["key"] = with_token(told["key"])
    return told


def ways_of(told: Choices) -> tuple[str, ...]:
    """The PoPs that some questions may go through, of one whose choices are sound."""
    sure_route = (told.get("akamai") or {}).get("sure_route") or {}
    return tuple(sure_route.get("through", ())) if told.get("personality") == "akamai" else ()


def vendor_of(topology: Topology, pop: str) -> str:
    """The CDN a PoP belongs to: as it is labelled, else whom it plays; empty: none in particular."""
    played = played_by(topology, pop)
    return topology.pops[pop].vendor or ("" if played == PLAIN else played)


def played_by(topology: Topology, pop: str) -> str:
    """Whom a PoP plays."""
    return str(merged(topology.edge, topology.pops[pop].edge).get("personality", PLAIN))


def merged(below: Choices, above: Choices) -> Choices:
    """The two as one: mappings name by name, and of anything else what is `above`."""
    both = {
        name: merged(below[name], value)
        if isinstance(value, dict) and isinstance(below.get(name), dict)
        else value
        for name, value in above.items()
    }
    return {**below, **both}


def with_token(key: Choices) -> Choices:
    """The key with a viewer's token in it, which says who may see an answer, whatever else counts."""
    query, named = key.get("query", "only"), key.get("parameters", ())
    if query == "none":
        query, named = "only", ()
    if query == "only":
        named = (*named, TOKEN)
    cookies = (*key.get("cookies", ()), TOKEN)
    return {**key, "query": query, "parameters": list(named), "cookies": list(cookies)}


def leaves_out_tokens(key: Choices) -> bool:
    """Whether a key, sound or not, has a viewer's token among what does not count."""
    named = key.get("parameters")
    if key.get("query") != "except" or not isinstance(named, list):
        return False
    policy = KeyPolicy("except", tuple(map(str, named)))
    return normal_target(f"/?{TOKEN}=x", policy) == "/"
