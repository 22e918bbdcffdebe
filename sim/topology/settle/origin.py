"""What an origin instance is told."""

from __future__ import annotations

import attrs

from sim.topology.clouds import Cloud
from sim.topology.origins import Limits, Webhooks
from sim.topology.scaling import standby_names
from sim.topology.settle.ground import Ground
from sim.topology.settle.node import Node, Settings

MEGA = 1_000_000


def origin_node(ground: Ground, origin: str, name: str) -> Node:
    """The instance of that name."""
    told = ground.topology.origins[origin]
    settings: Settings = {
        "name": name,
        "region": told.region,
        "listen": str(ground.address(name)),
        "control": str(ground.address(name, "control")),
        "state": str(ground.state / "nodes" / name),
        "clouds": {
            name: _cloud(cloud) | {"storage": own_storage(ground, cloud)}
            for name, cloud in ground.topology.clouds.items()
        },
        "hosts": dict(ground.topology.hosts),
        "storage": storage(ground),
        "catalogue": catalogue(ground),
        "delivery_url": ground.address("balancer").url,
        "secure_delivery_url": ground.secure_url("balancer"),
        "workers": told.workers,
        "loads": told.limits.loads,
        "webhooks": _webhooks(told.webhooks),
        "max_upload_bytes": told.max_upload.bytes,
        "max_file_bytes": told.max_file.bytes,
        "limits": _of_chains(told.limits),
        "render": _of_renders(told.limits),
        "invalidate": ground.controls(),
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
        name,
        "origin",
        told.region,
        ground.address(name),
        ground.address(name, "control"),
        settings,
        pool=origin,
        is_standby=name in standby_names(origin, told.instances),
    )


def storage(ground: Ground) -> Settings:
    """The `storage` of an origin's settings: paths under the state folder, and where our own minio is."""
    told = ground.topology.storage
    settings: Settings = attrs.asdict(told, filter=lambda field, _: field.name != "start")
    settings["path"] = str(ground.state / told.path)
    if told.start:
        settings["endpoint"] = str(ground.address("minio"))
    return settings


def own_storage(ground: Ground, cloud: Cloud) -> Settings | None:
    """The storage of one cloud alone, whole; None for a cloud that shares."""
    if cloud.storage is None:
        return None
    own = attrs.asdict(cloud.storage, filter=lambda _, value: value is not None)
    if "path" in own:
        own["path"] = str(ground.state / own["path"])
    return {**storage(ground), **own}


def catalogue(ground: Ground) -> str:
    """The catalogue's URL; a SQLite file lies under the state folder unless its path is absolute."""
    head, slashes, path = ground.topology.catalogue.partition(":///")
    if head.split("+")[0] != "sqlite" or not slashes:
        return ground.topology.catalogue
    return f"{head}:///{ground.state / path}"


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
