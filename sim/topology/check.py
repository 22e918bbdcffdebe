"""What the parts of a topology must be to each other. Every rule yields findings; none stops at the first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from origin.notifications.destinations import destination
from origin.remote.addresses import Guard
from origin.transform.params.provided import PROVIDED
from origin.transform.parse import parse_chain
from origin.transform.providing import BUILTINS
from sim.topology.keys import keys
from sim.topology.model import Topology
from sim.topology.quantities import Address
from wire.delivery import DELIVERY_TYPES, SOCIAL_TYPES
from wire.document import Document, Path, Problem, did_you_mean
from wire.errors import MediaError
from wire.hosts import IN_PATH

NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
CLOUD_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", re.ASCII)
TRANSFORMATION_NAME = re.compile(r"[\w -]+")
HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", re.ASCII)
Findings = Iterator[tuple[Path, str]]

RESERVED_CLOUDS = ("v1_1", "v2", "healthz", "readyz", "metrics", "status")
RESERVED = ("balancer", "page", "minio", "default")


def problems(topology: Topology, document: Document) -> Iterator[Problem]:
    """All that is wrong with the relations between sound parts."""
    for rule in RULES:
        for path, message in rule(topology, document):
            yield document.problem(path, message)


def _presence(topology: Topology, document: Document) -> Findings:
    for part in ("clouds", "regions", "origins", "pops"):
        if not document.keys_at(part):
            yield (part,), "at least one is needed"
    if topology.pops and not any(pop.role == "edge" for pop in topology.pops.values()):
        yield ("pops",), "at least one must have role: edge"


def _names(topology: Topology, document: Document) -> Findings:
    for part in ("regions", "origins", "pops"):
        for name in document.keys_at(part):
            if not NAME.fullmatch(name):
                yield (part, name), "a name is made of a-z, 0-9 and single hyphens between them"
            elif "--" in name:
                yield (part, name), "a name has no double hyphen: that joins the two ends of a link"
            if part != "regions" and name in RESERVED:
                yield (part, name), f'"{name}" is the name of another part of every world'
    for name in document.keys_at("clouds"):
        if not CLOUD_NAME.fullmatch(name):
            yield ("clouds", name), "a cloud's name is made of letters, digits, _ and -"
        elif name in RESERVED_CLOUDS:
            yield ("clouds", name), f'"{name}" is the beginning of other paths at the front door'


def _shared_names(topology: Topology, document: Document) -> Findings:
    taken: dict[str, str] = {}
    for origin, settings in topology.origins.items():
        for name in {origin, *instance_names(origin, settings.instances)}:
            taken.setdefault(name, origin)
            if taken[name] != origin:
                yield ("origins", origin), f'its instance "{name}" has a name that {taken[name]} uses'
    for pop in topology.pops:
        if pop in taken:
            yield ("pops", pop), f'the name is taken by the origin "{taken[pop]}"'


def instance_names(origin: str, instances: int) -> tuple[str, ...]:
    """`main-1`, `main-2`."""
    return tuple(f"{origin}-{number}" for number in range(1, instances + 1))


def _unknown(what: str, name: str, known: tuple[str, ...]) -> str:
    return f'there is no {what} "{name}"{did_you_mean(name, known)}'


def _places(topology: Topology, document: Document) -> Findings:
    known = document.keys_at("regions")
    for part, nodes in (("origins", topology.origins), ("pops", topology.pops)):
        for name, node in nodes.items():
            if node.region not in known:
                yield (part, name, "region"), _unknown("region", node.region, known)


def _parents(topology: Topology, document: Document) -> Findings:
    origins, pops = document.keys_at("origins"), document.keys_at("pops")
    for name, pop in topology.pops.items():
        if (pop.parent is None) == (pop.upstream is None):
            yield ("pops", name), "give either a parent (another PoP) or an upstream (an origin)"
        if pop.upstream is not None and pop.upstream not in origins:
            hint = " (that is a PoP: say parent)" if pop.upstream in pops else ""
            yield ("pops", name, "upstream"), _unknown("origin", pop.upstream, origins) + hint
        if pop.parent is not None and pop.parent not in pops:
            hint = " (that is an origin: say upstream)" if pop.parent in origins else ""
            yield ("pops", name, "parent"), _unknown("PoP", pop.parent, pops) + hint


def _cycles(topology: Topology, document: Document) -> Findings:
    told: set[str] = set()
    for start in topology.pops:
        walk = [start]
        while (
            (pop := topology.pops.get(walk[-1])) is not None
            and pop.parent is not None
            and pop.parent not in walk
        ):
            walk.append(pop.parent)
        if pop is None or pop.parent is None:
            continue
        ring = walk[walk.index(pop.parent) :]
        if told.isdisjoint(ring):
            told.update(ring)
            yield ("pops", ring[0], "parent"), f"goes round in a circle: {' → '.join([*ring, ring[0]])}"


def _links(topology: Topology, document: Document) -> Findings:
    known = document.keys_at("regions")
    seen: dict[frozenset[str], str] = {}
    for name in topology.links:
        if name == "default":
            continue
        ends = tuple(name.split("--"))
        if len(ends) != 2:
            yield ("links", name), "a link is named after its two regions, like na-east--se-asia (or default)"
            continue
        for end in ends:
            if end not in known:
                yield ("links", name), _unknown("region", end, known)
        if frozenset(ends) in seen:
            yield ("links", name), f"is the link {seen[frozenset(ends)]} again: a link goes both ways"
        seen.setdefault(frozenset(ends), name)


def addresses(topology: Topology) -> Iterator[tuple[Path, Address]]:
    """Every fixed address of the document and where it stands; each of an origin's instances has its own."""
    for origin, settings in topology.origins.items():
        for side, first in (("listen", settings.listen), ("control", settings.control)):
            if first is not None and first.port:
                for number in range(settings.instances):
                    yield ("origins", origin, side), Address(first.host, first.port + number)
    single: list[tuple[Path, Address | None]] = [
        *((("pops", pop, "listen"), node.listen) for pop, node in topology.pops.items()),
        *((("pops", pop, "control"), node.control) for pop, node in topology.pops.items()),
        *((("pops", pop, "tls"), node.tls) for pop, node in topology.pops.items()),
        (("balancer", "listen"), topology.balancer.listen),
        (("balancer", "tls"), topology.balancer.tls),
        (("balancer", "control"), topology.balancer.control),
        (("page",), topology.page),
    ]
    yield from ((path, address) for path, address in single if address is not None and address.port)


def _ports(topology: Topology, document: Document) -> Findings:
    taken: dict[int, tuple[Address, str]] = {}
    for path, address in addresses(topology):
        where = ".".join(map(str, path))
        if address.port > 65535:
            yield path, f"its last instance would need port {address.port}: there is none"
            continue
        if address.port in taken:
            other, user = taken[address.port]
            anywhere = {"0.0.0.0", "::"} & {address.host, other.host}  # noqa: S104  compared, not bound
            if address.host == other.host or anywhere:
                yield path, f"port {address.port} is also used by {user}"
                continue
        taken.setdefault(address.port, (address, where))
    if topology.page is not None and topology.page.host not in ("127.0.0.1", "::1"):
        yield ("page",), "the page is for this machine only: use tcp:PORT"


def _storage(topology: Topology, document: Document) -> Findings:
    storage = topology.storage
    if storage.kind == "minio":
        written = document.keys_at("storage")
        for name in ("access_key", "secret_key"):
            if not getattr(storage, name):
                yield ("storage", name) if name in written else ("storage",), f'minio needs "{name}"'
    elif storage.start:
        yield ("storage", "start"), "only minio can be started"
    if storage.kind == "memory" and sum(origin.instances for origin in topology.origins.values()) > 1:
        yield ("storage", "kind"), "memory is not shared: it serves a single origin instance"


def _own_storage(topology: Topology, document: Document) -> Findings:
    several = sum(origin.instances for origin in topology.origins.values()) > 1
    for name, cloud in topology.clouds.items():
        if cloud.storage is None:
            continue
        here = ("clouds", name, "storage")
        kind = cloud.storage.kind or topology.storage.kind
        shares = kind == topology.storage.kind == "minio"
        for key in ("endpoint", "access_key", "secret_key", "bucket"):
            if kind == "minio" and not shares and not getattr(cloud.storage, key):
                yield here, f'a minio of its own needs "{key}"'
        if kind == "filesystem" and not cloud.storage.path:
            yield here, 'a folder of its own needs "path"'
        if kind == "memory" and several:
            yield (*here, "kind"), "memory is not shared: it serves a single origin instance"


def _started_minio(topology: Topology, document: Document) -> Findings:
    storage = topology.storage
    if storage.kind != "minio" or not storage.start:
        return
    try:
        Address.parse(storage.endpoint)
    except ValueError as error:
        yield ("storage", "endpoint"), f"to start minio here: {error}"
    if 0 < len(storage.access_key) < 3:
        yield ("storage", "access_key"), "minio wants 3 characters at least"
    if 0 < len(storage.secret_key) < 8:
        yield ("storage", "secret_key"), "minio wants 8 characters at least"
    if storage.secure:
        yield ("storage", "secure"), "a minio started here speaks plain HTTP"


def _catalogue(topology: Topology, document: Document) -> Findings:
    if not re.match(r"(sqlite|postgresql)(\+\w+)?://", topology.catalogue, re.ASCII):
        yield ("catalogue",), "expected sqlite:///FILE or postgresql+psycopg://…"
    elif re.fullmatch(r"sqlite(\+\w+)?://(/?:memory:|/)?", topology.catalogue, re.ASCII):
        yield ("catalogue",), "a catalogue in memory is lost when its node ends: use sqlite:///FILE"


def _transformations(topology: Topology, document: Document) -> Findings:
    for cloud, settings in topology.clouds.items():
        for name, chain in settings.transformations.items():
            where = ("clouds", cloud, "transformations", name)
            if not TRANSFORMATION_NAME.fullmatch(name):
                yield where, "a transformation's name is made of letters, digits, spaces, _ and -"
            try:
                parse_chain(chain, definitions=settings.transformations.get)
            except MediaError as error:
                yield where, error.public


def _restricted(topology: Topology, document: Document) -> Findings:
    known = tuple(sorted(DELIVERY_TYPES))
    for cloud, settings in topology.clouds.items():
        for index, name in enumerate(settings.restricted):
            if name not in known:
                yield ("clouds", cloud, "restricted", index), _unknown("delivery type", name, known)


def _fetching(topology: Topology, document: Document) -> Findings:
    for cloud, settings in topology.clouds.items():
        for name, amount in (
            ("timeout", settings.fetch.timeout.seconds),
            ("size", settings.fetch.size.bytes),
            ("upload_timeout", settings.fetch.upload_timeout.seconds),
            ("upload_size", settings.fetch.upload_size.bytes),
        ):
            if not amount:
                yield ("clouds", cloud, "fetch", name), "with nothing at all, nothing can be loaded"


def _resolvers(topology: Topology, document: Document) -> Findings:
    known = tuple(sorted(SOCIAL_TYPES))
    for cloud, settings in topology.clouds.items():
        for name, pattern in settings.resolvers.items():
            where = ("clouds", cloud, "resolvers", name)
            if name not in known:
                yield where, _unknown("social type", name, known)
            if not re.match(r"https?://[^/]+/", pattern) or pattern.count("{id}") != 1:
                yield where, "expected a URL with {id} in it, like https://www.gravatar.com/avatar/{id}"


def _notifying(topology: Topology, document: Document) -> Findings:
    for cloud, settings in topology.clouds.items():
        guard = Guard.allowing(map(str, settings.fetch.allow))
        try:
            if settings.notification_url:
                destination("notification_url", settings.notification_url, guard)
        except MediaError as error:
            yield ("clouds", cloud, "notification_url"), error.public
    for origin, told in topology.origins.items():
        for name in ("timeout", "keep"):
            if getattr(told.webhooks, name).seconds <= 0:
                yield ("origins", origin, "webhooks", name), "with no time at all, nothing is told"


def _hosts(topology: Topology, document: Document) -> Findings:
    known = (*document.keys_at("clouds"), IN_PATH)
    for host, owner in topology.hosts.items():
        if not HOST.fullmatch(host):
            yield ("hosts", host), "a host is a name in lower case, without scheme or port"
        if owner not in known:
            yield ("hosts", host), _unknown("cloud", owner, known)


def _providers(topology: Topology, document: Document) -> Findings:
    for origin, settings in topology.origins.items():
        for effect, provider in settings.providers.items():
            where = ("origins", origin, "providers", effect)
            if effect not in PROVIDED:
                yield where, _unknown("effect", effect, tuple(sorted(PROVIDED)))
            if bool(provider.command) == (provider.builtin is not None):
                yield where, "give either a command or a builtin"
            elif provider.builtin is not None and effect not in BUILTINS[provider.builtin]:
                fitting = " or ".join(sorted(BUILTINS[provider.builtin]))
                yield (*where, "builtin"), f'"{provider.builtin}" can only stand in for {fitting}'
            if not provider.timeout.seconds:
                yield (*where, "timeout"), "a provider needs some time"


def _viewers(topology: Topology, document: Document) -> Findings:
    ranges = [
        (name, index, network)
        for name, region in topology.regions.items()
        for index, network in enumerate(region.viewers)
    ]
    for (one, _, first), (two, index, second) in combinations(ranges, 2):
        if first.overlaps(second):
            yield ("regions", two, "viewers", index), f"{second} overlaps {first} of {one}"


RULES = (
    *(_presence, _names, keys, _shared_names, _places, _parents, _cycles, _links),
    *(_ports, _storage, _own_storage, _started_minio, _catalogue, _transformations, _providers, _viewers),
    *(_restricted, _fetching, _resolvers, _notifying, _hosts),
)
