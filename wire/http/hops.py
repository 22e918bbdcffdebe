"""What belongs to one connection and not to the message, and the marks a hop leaves: Via, CDN-Loop."""

from __future__ import annotations

from wire.http.fields import Fields, split_list
from wire.http.structured import write_name

CDN_LOOP_TOKEN = "pixeledge"  # noqa: S105 (a name, no secret)
LOAD_TOKEN = "pixeledge-load"  # noqa: S105
HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
PROXY_ONLY = frozenset({"proxy-authenticate", "proxy-authentication-info", "proxy-authorization"})


def nominated(fields: Fields) -> frozenset[str]:
    """The names that Connection lists, in lower case."""
    return frozenset(name.lower() for name in fields.members("connection"))


def end_to_end(fields: Fields) -> Fields:
    """The fields less the connection's own: hop-by-hop ones and whatever Connection lists (RFC 9110
    §7.6.1)."""
    return fields.without(HOP_BY_HOP | nominated(fields) if "connection" in fields else HOP_BY_HOP)


def asks_for_websocket(fields: Fields) -> bool:
    """Whether a request wants to leave HTTP for WebSocket (RFC 6455 §4.1). Other upgrades may be ignored."""
    wanted = {protocol.lower() for protocol in fields.members("upgrade")}
    return "websocket" in wanted and "upgrade" in nominated(fields)


def with_via(fields: Fields, version: str, node: str) -> Fields:
    """One more hop in Via; `version` is that of the message received (RFC 9110 §7.6.3)."""
    mark = f"{version} {node}"
    before = fields.joined("via")
    return fields.replacing("Via", f"{before}, {mark}" if before else mark)


def with_forwarder(fields: Fields, address: str) -> Fields:
    """The address of who sent us this, after those that were told us: nobody's word is taken, nor taken
    away."""
    before = [value for name, value in fields if name.lower() == "x-forwarded-for"]
    if not before:
        return fields.adding("X-Forwarded-For", address)
    return fields.replacing("X-Forwarded-For", ", ".join((*before, address)))


def with_exposed(before: str | None, names: tuple[str, ...]) -> str:
    """Access-Control-Expose-Headers with these names too, each once: every hop of ours wants the same."""
    if not before:
        return ", ".join(names)
    known = {name.lower() for name in split_list(before)}
    missing = [name for name in names if name.lower() not in known]
    return before if "*" in known else ", ".join((before, *missing))


def with_loop_mark(fields: Fields, node: str) -> Fields:
    """This node's own mark in CDN-Loop (RFC 8586), after those already there."""
    mark = f"{CDN_LOOP_TOKEN}; node={write_name(node)}"
    before = fields.joined("cdn-loop")
    return fields.replacing("CDN-Loop", f"{before}, {mark}" if before else mark)


def has_passed(fields: Fields, node: str) -> bool:
    """Whether the request went through this very node before."""
    mark = f"node={write_name(node)}"
    return any(
        mark in (part.strip(" \t") for part in member.split(";")[1:]) for member in fields.members("cdn-loop")
    )


def is_from_our_edge(fields: Fields) -> bool:
    """Whether a node of ours asks, so that surrogate keys may be passed on."""
    return _is_marked(fields, CDN_LOOP_TOKEN)


def is_own_load(fields: Fields) -> bool:
    """Whether an origin of ours asks, which loads what it takes for a remote file."""
    return _is_marked(fields, LOAD_TOKEN)


def _is_marked(fields: Fields, token: str) -> bool:
    return any(member.split(";")[0].strip(" \t").lower() == token for member in fields.members("cdn-loop"))
