"""What a cloud may show, load and tell, and whose hosts are whose."""

from __future__ import annotations

import re

from origin.remote.addresses import Guard
from origin.transform.parse import parse_chain
from sim.topology.check.findings import Findings, unknown
from sim.topology.model import Topology
from wire.delivery import DELIVERY_TYPES, SOCIAL_TYPES
from wire.document import Document
from wire.errors import MediaError
from wire.hosts import IN_PATH

TRANSFORMATION_NAME = re.compile(r"[\w -]+")
HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", re.ASCII)


def transformations(topology: Topology, document: Document) -> Findings:
    """Named transformations mean something."""
    for cloud, settings in topology.clouds.items():
        for name, chain in settings.transformations.items():
            where = ("clouds", cloud, "transformations", name)
            if not TRANSFORMATION_NAME.fullmatch(name):
                yield where, "a transformation's name is made of letters, digits, spaces, _ and -"
            try:
                parse_chain(chain, definitions=settings.transformations.get)
            except MediaError as error:
                yield where, error.public


def restricted(topology: Topology, document: Document) -> Findings:
    """Restricted delivery types are delivery types."""
    known = tuple(sorted(DELIVERY_TYPES))
    for cloud, settings in topology.clouds.items():
        for index, name in enumerate(settings.restricted):
            if name not in known:
                yield ("clouds", cloud, "restricted", index), unknown("delivery type", name, known)


def fetching(topology: Topology, document: Document) -> Findings:
    """What may be loaded is more than nothing."""
    for cloud, settings in topology.clouds.items():
        for name, amount in (
            ("timeout", settings.fetch.timeout.seconds),
            ("size", settings.fetch.size.bytes),
            ("upload_timeout", settings.fetch.upload_timeout.seconds),
            ("upload_size", settings.fetch.upload_size.bytes),
        ):
            if not amount:
                yield ("clouds", cloud, "fetch", name), "with nothing at all, nothing can be loaded"


def resolvers(topology: Topology, document: Document) -> Findings:
    """Pictures of social types are looked for at URLs."""
    known = tuple(sorted(SOCIAL_TYPES))
    for cloud, settings in topology.clouds.items():
        for name, pattern in settings.resolvers.items():
            where = ("clouds", cloud, "resolvers", name)
            if name not in known:
                yield where, unknown("social type", name, known)
            if not re.match(r"https?://[^/]+/", pattern) or pattern.count("{id}") != 1:
                yield where, "expected a URL with {id} in it, like https://www.gravatar.com/avatar/{id}"


def notifying(topology: Topology, document: Document) -> Findings:
    """Notifications go where they may."""
    told = {cloud: each for cloud, each in topology.clouds.items() if each.notification_url}
    if not told:
        return
    from origin.notifications.destinations import destination  # which loads the catalogue

    for cloud, settings in told.items():
        guard = Guard.allowing(map(str, settings.fetch.allow))
        try:
            destination("notification_url", settings.notification_url, guard)
        except MediaError as error:
            yield ("clouds", cloud, "notification_url"), error.public


def hosts(topology: Topology, document: Document) -> Findings:
    """A host belongs to a cloud that is there, or to all."""
    known = (*document.keys_at("clouds"), IN_PATH)
    for host, owner in topology.hosts.items():
        if not HOST.fullmatch(host):
            yield ("hosts", host), "a host is a name in lower case, without scheme or port"
        if owner not in known:
            yield ("hosts", host), unknown("cloud", owner, known)
