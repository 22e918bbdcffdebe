"""From one picture of the world to one small document per node; no node hears of the others' settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import yaml
from attrs import frozen

from sim.links.schedule import Link
from sim.topology.check import instance_names
from sim.topology.distance import round_trip_ms
from sim.topology.model import Cloud, Limits, Pop, Topology, Webhooks
from sim.topology.ports import Placement
from sim.topology.quantities import Address
from wire.tokens import NAME as TOKEN

DEFAULT_BITS_PER_SECOND = 1e9
MEGA = 1_000_000
LEAST_PATIENCE_SECONDS = 30.0
QUEUE_SECONDS = 10.0
SIDES = ("listen", "control")

Settings = dict[str, Any]  # plain values under exactly the field names of the node's own `settings.py`


@frozen
class Node:
    """One process of the world: what it is told, and what we must know of it."""

    name: str
    kind: str  # origin, edge, shield or balancer
    region: str
    listen: Address
    control: Address
    settings: Settings
    links: dict[str, Link]  # host:port of an upstream → what lies between

    def document(self) -> str:
        """The node's own document, as `sim.node` reads it."""
        service = {"shield": "edge"}.get(self.kind, self.kind)
        links = {address: attrs.asdict(link) for address, link in self.links.items()}
        return yaml.safe_dump({"kind": service, "settings": self.settings, "links": links}, sort_keys=False)


@frozen
class Settlement:
    """A topology with every port and folder decided."""

    topology: Topology
    placement: Placement
    state: Path
    with_links: bool = True

    def address(self, node: str, side: str = "listen") -> Address:
        return self.placement[node, side]

    def secure_url(self, node: str) -> str:
        """Where viewers reach a node over TLS; empty: nowhere."""
        address = self.placement.get((node, "tls"))
        return f"https://{address}" if address is not None else ""

    @property
    def authority(self) -> Path:
        """The folder of the local authority."""
        return self.state / "authority"

    def _tls(self, node: str) -> dict[str, Settings]:
        """The `tls` of a node's settings, for one that has a port for it."""
        address = self.placement.get((node, "tls"))
        if address is None:
            return {}
        given = [
            {"cert": str(self.state / pair.cert), "key": str(self.state / pair.key)}
            for pair in self.topology.certificates
        ]
        vouching: Settings = {"certificates": given} if given else {"authority": str(self.authority)}
        return {"tls": {"listen": str(address), **vouching, "hosts": list(self.topology.secure_names)}}

    def nodes(self) -> tuple[Node, ...]:
        """Every node, those that others ask first."""
        origins = [
            self._origin(origin, number, name)
            for origin, settings in self.topology.origins.items()
            for number, name in enumerate(instance_names(origin, settings.instances))
        ]
        depth = {name: len(self.topology.rank(name)) for name in self.topology.pops}
        pops = [self._pop(name) for name in sorted(self.topology.pops, key=lambda name: depth[name])]
        return (*origins, *pops, self._balancer())

    def link(self, one: str, other: str) -> Link:
        """What lies between two regions: as given, else as the default says."""
        links = self.topology.links
        given = links.get(f"{one}--{other}") or links.get(f"{other}--{one}")
        default = links.get("default")
        told = [link for link in (given, default) if link is not None]
        rtt = next((link.rtt.seconds for link in told if link.rtt is not None), None)
        places = {name: region.at for name, region in self.topology.regions.items()}
        return Link(
            rtt_seconds=rtt if rtt is not None else round_trip_ms(one, other, places) / 1000,
            bits_per_second=next(
                (link.rate.bits_per_second for link in told if link.rate), DEFAULT_BITS_PER_SECOND
            ),
            loss=next((link.loss.part for link in told if link.loss), 0.0),
        )

    def _links(self, region: str, upstreams: dict[str, str]) -> dict[str, Link]:
        """The links from `region` to each upstream (host:port → its region)."""
        if not self.with_links:
            return {}
        return {address: self.link(region, other) for address, other in upstreams.items()}

    def _access_log(self, name: str, told: Pop) -> Settings:
        if told.access_log == "none":
            return {}
        path = self.state / "log" / f"{name}.access.log"
        return {"access_log": str(path), "access_log_format": told.access_log}

    def _upstreams(self, pop: Pop, origin: str | None) -> dict[str, str]:
        """Whom a PoP asks, the first choice first: name → region."""
        parent = {pop.parent: self.topology.pops[pop.parent].region} if pop.parent else {}
        if origin is None:
            return parent
        settings = self.topology.origins[origin]
        return parent | dict.fromkeys(instance_names(origin, settings.instances), settings.region)

    def _patience(self, origin: str | None) -> float:
        """How long an answer of an origin may take to begin: a render's whole time, and some for the queue or
        for what must be loaded first."""
        told = self.topology.origins.get(origin or "")
        render = told.limits.render_time.seconds if told is not None else 0.0
        load = max((cloud.fetch.timeout.seconds for cloud in self.topology.clouds.values()), default=0.0)
        return max(LEAST_PATIENCE_SECONDS, render + max(load, QUEUE_SECONDS))

    def _controls(self, *, but: str = "") -> list[str]:
        return [self.address(pop, "control").url for pop in self.topology.pops if pop != but]

    def _origin(self, origin: str, number: int, name: str) -> Node:
        told = self.topology.origins[origin]
        settings: Settings = {
            "name": name,
            "region": told.region,
            "listen": str(self.address(name)),
            "control": str(self.address(name, "control")),
            "state": str(self.state / "nodes" / name),
            "clouds": {
                name: _cloud(cloud) | {"storage": self.own_storage(cloud)}
                for name, cloud in self.topology.clouds.items()
            },
            "hosts": dict(self.topology.hosts),
            "storage": self.storage(),
            "catalogue": self.catalogue(),
            "delivery_url": self.address("balancer").url,
            "secure_delivery_url": self.secure_url("balancer"),
            "workers": told.workers,
            "loads": told.limits.loads,
            "webhooks": _webhooks(told.webhooks),
            "max_upload_bytes": told.max_upload.bytes,
            "max_file_bytes": told.max_file.bytes,
            "limits": _of_chains(told.limits),
            "render": _of_renders(told.limits),
            "invalidate": self._controls(),
            "providers": {
                effect: {
                    "command": list(each.command),
                    "builtin": each.builtin,
                    "version": each.version,
                    "seconds": each.timeout.seconds,
                    "memory_bytes": each.memory.bytes,
                    "signed_only": each.signed_only,
                }
                for effect, each in told.providers.items()
            },
        }
        return Node(
            name, "origin", told.region, self.address(name), self.address(name, "control"), settings, {}
        )

    def _pop(self, name: str) -> Node:
        told = self.topology.pops[name]
        origin = self.topology.origin_of(name)
        upstreams = self._upstreams(told, origin)
        settings: Settings = {
            "name": name,
            "pop": name,
            "region": told.region,
            "role": told.role,
            "listen": str(self.address(name)),
            "control": str(self.address(name, "control")),
            **self._tls(name),
            "upstreams": [self.address(upstream).url for upstream in upstreams],
            "checks": {
                "urls": {
                    self.address(upstream).url: self.address(upstream, "control").url + "/readyz"
                    for upstream in upstreams
                }
            },
            # a parent only hands on the errors of the origins behind it
            **({"outlier_errors": 0} if told.parent else {}),
            # a parent comes before the origins behind it; among instances, one URL always asks the same one,
            # so that many misses for it meet in one flight and cost one render
            "balance": "first" if told.parent else "hash",
            "hot_bytes": told.hot.bytes,
            "workers": told.workers,
            "eviction": told.eviction,
            **self._access_log(name, told),
            "disk_bytes": told.disk.bytes,
            "cache_dir": str(self.state / "nodes" / name / "cache"),
            # every host is an alias of the one site behind it, but those that say which cloud is meant; and a
            # query never changes a picture, but a viewer's token says who may see it: whoever shows one shares
            # with nobody else
            "key": {
                "site": origin or name,
                "query": "only",
                "parameters": [TOKEN],
                "cookies": [TOKEN],
                "hosts": dict(self.topology.hosts),
            },
            # a reload in a browser shows what a viewer of a CDN sees: a hit
            "client_cc": "ignore",
            "accept_classes": ["image/avif", "image/webp"],
            # a follower waits as long as a render may take before it asks for itself
            "flights": {"wait_seconds": self._patience(origin)},
            "limits": {"first_byte_seconds": self._patience(origin)},
            "peers": self._controls(but=name),
        }
        # a check takes the way that questions take: who is cut off is not well
        links = self._links(
            told.region,
            {
                str(self.address(upstream, side)): region
                for upstream, region in upstreams.items()
                for side in SIDES
            },
        )
        return Node(
            name, told.role, told.region, self.address(name), self.address(name, "control"), settings, links
        )

    def _balancer(self) -> Node:
        told = self.topology
        listen, control = self.address("balancer"), self.address("balancer", "control")

        def upstream(name: str, pop: Pop | None = None) -> Settings:
            place = {"region": pop.region} if pop else {}
            return {
                "name": name,
                **place,
                "url": self.address(name).url,
                "control": self.address(name, "control").url,
                **({"secure_url": self.secure_url(name)} if pop else {}),
            }

        settings: Settings = {
            "name": "balancer",
            "listen": str(listen),
            "control": str(control),
            **self._tls("balancer"),
            "mode": told.balancer.mode,
            "route": told.balancer.route,
            "first_byte_seconds": 2 * max(map(self._patience, told.origins)),  # an edge may try twice
            # What no origin would take in one request need not be kept on its way.
            "api_body_bytes": max(each.max_upload.bytes for each in told.origins.values()),
            "hosts": dict(told.hosts),
            "home": self.address("page").url,
            "spool_directory": str(self.state / "nodes" / "balancer"),
            "regions": {
                name: {
                    "at": [region.at.latitude, region.at.longitude],
                    "viewers": [str(range_) for range_ in region.viewers],
                }
                for name, region in told.regions.items()
            },
            "pops": [upstream(name, pop) for name, pop in told.pops.items() if pop.role == "edge"],
            "origins": [
                upstream(name)
                for origin, origin_told in told.origins.items()
                for name in instance_names(origin, origin_told.instances)
            ],
            "rtt_ms": {
                one: {other: round(self.link(one, other).rtt_seconds * 1000, 3) for other in told.regions}
                for one in told.regions
            },
        }
        return Node("balancer", "balancer", "", listen, control, settings, {})

    def storage(self) -> Settings:
        """The `storage` of an origin's settings: paths under the state folder, and where our own minio is."""
        told = self.topology.storage
        settings: Settings = attrs.asdict(told, filter=lambda field, _: field.name != "start")
        settings["path"] = str(self.state / told.path)
        if told.start:
            settings["endpoint"] = str(self.address("minio"))
        return settings

    def own_storage(self, cloud: Cloud) -> Settings | None:
        """The storage of one cloud alone, whole; None for a cloud that shares."""
        if cloud.storage is None:
            return None
        own = attrs.asdict(cloud.storage, filter=lambda _, value: value is not None)
        if "path" in own:
            own["path"] = str(self.state / own["path"])
        return {**self.storage(), **own}

    def catalogue(self) -> str:
        """The catalogue's URL; a SQLite file lies under the state folder unless its path is absolute."""
        head, slashes, path = self.topology.catalogue.partition(":///")
        if head.split("+")[0] != "sqlite" or not slashes:
            return self.topology.catalogue
        return f"{head}:///{self.state / path}"


def _of_chains(told: Limits) -> Settings:
    """What planning holds a chain to."""
    same = (
        "output_side",
        "chain_length",
        "layers",
        "layer_depth",
        "text_characters",
        "font_pixels",
        "looks",
        "providers",
    )
    return {
        **{name: getattr(told, name) for name in (*same, "expression_terms", "named_depth", "sheet_images")},
        "output_pixels": round(told.output_megapixels * MEGA),
        "all_frames_pixels": round(told.frames_megapixels * MEGA),
    }


def _of_renders(told: Limits) -> Settings:
    """What the painting processes are held to."""
    same = ("input_megapixels", "output_megapixels", "frames_megapixels", "output_side")
    return {
        **{name: getattr(told, name) for name in same},
        "memory_bytes": told.render_memory.bytes,
        "deadline_seconds": told.render_time.seconds,
        "queue": told.render_queue,
    }


def _webhooks(told: Webhooks) -> Settings:
    return {
        "pauses_seconds": [each.seconds for each in told.pauses],
        "seconds": told.timeout.seconds,
        "running": told.running,
        "per_receiver": told.per_receiver,
        "kept_seconds": told.keep.seconds,
    }


def _cloud(told: Cloud) -> Settings:
    """A cloud in the words of the origin's settings."""
    settings: Settings = attrs.asdict(told, filter=lambda field, _: field.name not in ("fetch", "storage"))
    settings["keys"] = [attrs.asdict(key) for key in told.keys]
    settings["restricted"] = list(told.restricted)
    settings["fetch"] = {
        "allow": [str(network) for network in told.fetch.allow],
        "seconds": told.fetch.timeout.seconds,
        "most_bytes": told.fetch.size.bytes,
        "upload_seconds": told.fetch.upload_timeout.seconds,
        "upload_bytes": told.fetch.upload_size.bytes,
        "keep_seconds": told.fetch.keep.seconds,
        "quota_bytes": told.fetch.quota.bytes,
        "buckets": list(told.fetch.buckets),
    }
    return settings
