"""A settled topology on this machine: its folders, the programs it is made of, and where to find what."""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from attrs import define

from edge.tls.authority import CERTIFICATE, Authority, load_or_make
from edge.tls.errors import AuthorityError
from sim.breeds import breed_of
from sim.supervise.program import Program
from sim.topology.machines import machine_of
from sim.topology.settle import Node, Settlement

WAVES = {"balancer": 0, "vendors": 0, "edge": 1, "shield": 2, "origin": 3, "minio": 4}
HOME_OF_GO = Path.home() / "go" / "bin"


class PreparationError(Exception):
    """Something this world needs of the machine is not there."""


@define(slots=False)
class World:
    """One world in its state folder."""

    settlement: Settlement
    machine: str = ""
    """Which one this is of a world on several."""

    @property
    def state(self) -> Path:
        return self.settlement.state

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        return self.settlement.nodes()

    @cached_property
    def own(self) -> tuple[Node, ...]:
        """The nodes that stand here."""
        return tuple(node for node in self.nodes if self.is_here(node.name))

    @cached_property
    def standby(self) -> frozenset[str]:
        """The nodes that come with the load."""
        return frozenset(node.name for node in self.nodes if node.is_standby)

    def is_here(self, node: str) -> bool:
        """Whether a node stands on this machine."""
        return machine_of(self.settlement.topology, node) == self.machine

    def prepare(self, *nodes: Node) -> None:
        """Make the folders and write the documents of these nodes, or of all that stand here."""
        for node in nodes or self.own:
            (self.state / "nodes" / node.name).mkdir(parents=True, exist_ok=True)
            path = self.document_path(node.name)
            path.touch(mode=0o600)  # it holds secrets
            path.write_text(node.document(), "utf-8")
            if node.changes:  # a new world begins with whole links
                Path(node.changes).unlink(missing_ok=True)
        if self.uses_authority:
            self.authority()

    @property
    def uses_authority(self) -> bool:
        """Whether the local authority vouches for any node here."""
        topology = self.settlement.topology
        is_secure = any(self.settlement.secure_url(node.name) for node in self.nodes)
        return is_secure and not topology.certificates

    def authority(self) -> Authority:
        """The local authority, made now if there is none."""
        try:
            return load_or_make(self.settlement.authority, self.settlement.topology.secure_names)
        except AuthorityError as error:
            raise PreparationError(str(error)) from None

    @property
    def unvouched(self) -> tuple[str, ...]:
        """Hosts of this world that the local authority was not made for."""
        if not self.uses_authority:
            return ()
        authority = self.authority()
        return tuple(name for name in self.settlement.topology.secure_names if not authority.may_sign(name))

    def document_path(self, node: str) -> Path:
        return self.state / "nodes" / f"{node}.yaml"

    def log_path(self, node: str) -> Path:
        return self.state / "log" / f"{node}.log"

    def node_programs(self, *, standby: bool = False) -> list[Program]:
        """Every node that is always here, as a process of its own; or those that come with the load."""
        breeds = {node.name: breed_of(node) for node in self.own}
        common = {breed for breed, count in Counter(breeds.values()).items() if count > 1}
        return [
            Program(
                name=node.name,
                arguments=(*breed.command, "--supervised", str(self.document_path(node.name))),
                probe_url=f"{node.control.url}/readyz",
                log=self.log_path(node.name),
                environment={**os.environ, "PYTHONUNBUFFERED": "1"},
                wave=WAVES[node.kind],
                breed=breed if breed in common else None,
            )
            for node in self.own
            if node.is_standby is standby
            for breed in (breeds[node.name],)
        ]

    def storage_programs(self) -> list[Program]:
        """The minio of this world, if it is to have one of its own."""
        storage = self.settlement.topology.storage
        if not storage.start:
            return []
        minio = shutil.which("minio") or shutil.which("minio", path=str(HOME_OF_GO))
        if minio is None:
            raise PreparationError(
                "storage.start: there is no minio on PATH (https://github.com/minio/minio)"
            )
        address = self.settlement.address("minio")
        data = self.state / "minio"
        data.mkdir(parents=True, exist_ok=True)
        serve = (
            minio,
            "server",
            "--quiet",
            "--address",
            str(address),
            "--console-address",
            "127.0.0.1:0",
            str(data),
        )
        return [
            Program(
                name="minio",
                arguments=(sys.executable, "-P", "-m", "sim.supervise.leash", str(os.getpid()), *serve),
                probe_url=f"{address.url}/minio/health/live",
                log=self.log_path("minio"),
                environment={
                    **os.environ,
                    "MINIO_ROOT_USER": storage.access_key,
                    "MINIO_ROOT_PASSWORD": storage.secret_key,
                    "MINIO_BROWSER": "off",
                    "MINIO_UPDATE": "off",
                },
                wave=WAVES["minio"],
            )
        ]

    @property
    def front(self) -> str:
        """The front door's URL."""
        return self.settlement.address("balancer").url

    @property
    def secure_front(self) -> str:
        """The front door's URL over TLS; empty: there is none."""
        return self.settlement.secure_url("balancer")

    @property
    def fronts(self) -> tuple[str, ...]:
        """Where viewers are served: at the front door, or where it sends them."""
        is_sent_on = self.settlement.topology.balancer.mode != "proxy"
        edges = (node.listen.url for node in self.nodes if is_sent_on and node.kind == "edge")
        secure = (self.settlement.secure_url(node.name) for node in self.nodes if is_sent_on)
        return (
            self.front,
            *filter(None, (self.secure_front,)),
            *edges,
            *filter(None, secure),
            *self.named_fronts,
        )

    @property
    def named_fronts(self) -> tuple[str, ...]:
        """The URLs whose names DNS leads to PoPs; none but in mode dns."""
        sides = (("http", "listen"), ("https", "tls"))
        ports = [
            (scheme, address.port)
            for scheme, side in sides
            if (address := self.settlement.placement.get(("balancer", side))) is not None
        ]
        names = self.settlement.topology.dns_names
        return tuple(f"{scheme}://{name}:{port}" for name in names for scheme, port in ports)

    @property
    def page_url(self) -> str:
        return self.settlement.address("page").url

    @property
    def library_url(self) -> str:
        """The media library, signed in: the key is in the fragment, which no server is told."""
        key = self.settlement.topology.clouds[self.cloud].key
        entry = {"cloud": self.cloud, "key": key.api_key, "secret": key.api_secret}
        return f"{self.page_url}/library/#{urlencode(entry)}"

    @property
    def cloud(self) -> str:
        """The first cloud: the one we speak of."""
        return next(iter(self.settlement.topology.clouds))

    def exports(self) -> dict[str, str]:
        """What an SDK reads from its environment."""
        key = self.settlement.topology.clouds[self.cloud].key
        return exports(self.front, self.cloud, key.api_key, key.api_secret)

    def ready_document(self, pids: Mapping[str, int | None]) -> dict[str, Any]:
        """Where everything is, for programs."""

        def told_of(node: Node) -> dict[str, Any]:
            return {
                "name": node.name,
                "region": node.region,
                "url": node.listen.url,
                "secure_url": self.settlement.secure_url(node.name),
                "control_url": node.control.url,
                "pid": pids.get(node.name),
                **({"standby": True} if node.is_standby else {}),
            }

        balancer = self.settlement.address("balancer", "control")

        key = self.settlement.topology.clouds[self.cloud].key
        minio: dict[str, Any] = {}
        if self.settlement.topology.storage.start:
            minio = {"minio": {"url": self.settlement.address("minio").url, "pid": pids.get("minio")}}
        vendors = [told_of(node) for node in self.nodes if node.kind == "vendors"]
        return {
            **minio,
            **({"vendors": vendors[0]} if vendors else {}),
            "balancer": {"url": self.front, "control_url": balancer.url, "pid": pids.get("balancer")},
            **self._dns(),
            "edges": [told_of(node) for node in self.nodes if node.kind == "edge"],
            "shields": [told_of(node) for node in self.nodes if node.kind == "shield"],
            "origins": [told_of(node) for node in self.nodes if node.kind == "origin"],
            "api_url": self.front,
            "secure_url": self.secure_front,
            "authority": str(self.settlement.authority / CERTIFICATE) if self.uses_authority else "",
            "page_url": self.page_url,
            "cloud_name": self.cloud,
            "api_key": key.api_key,
            "api_secret": key.api_secret,
        }

    def _dns(self) -> dict[str, Any]:
        """The name server, where there is one: whom to ask, and which URLs it leads to PoPs."""
        if self.settlement.topology.balancer.dns is None:
            return {}
        return {"dns": {"server": str(self.settlement.address("balancer", "dns")), "urls": self.named_fronts}}


def exports(front: str, cloud: str, api_key: str, api_secret: str) -> dict[str, str]:
    """`CLOUDINARY_URL` and the parts of it that some SDKs read apart.

    `upload_prefix` is where the official SDKs send API calls; `cname` is the host (and port) of the delivery
    URLs they build, as long as these are http.
    """
    host = front.removeprefix("http://")
    query = urlencode({"upload_prefix": front, "cname": host}, safe=":/")
    return {
        "CLOUDINARY_URL": f"cloudinary://{api_key}:{api_secret}@{cloud}?{query}",
        "PIXELEDGE_API_URL": front,
        "PIXELEDGE_DELIVERY_URL": f"{front}/{cloud}",
    }
