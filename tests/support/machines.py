"""A document for two machines that share PostgreSQL and MinIO alone: an edge on each, the balancer on the first."""

from collections.abc import Callable
from typing import Any

from attrs import frozen

Places = Callable[[str], dict[str, str]]
"""From a machine's address to `listen` and `control` of a node there."""


@frozen
class Shared:
    """What both machines can open."""

    catalogue: str
    storage: dict[str, Any]


def minio_at(endpoint: str, access_key: str, secret_key: str) -> dict[str, Any]:
    """The `storage` of a document."""
    return {
        "kind": "minio",
        "endpoint": endpoint,
        "access_key": access_key,
        "secret_key": secret_key,
        "bucket": "two-machines",
        "region": "us-east-1",
        "secure": False,
    }


def document(
    one: str, two: str, at: Places, shared: Shared, origins: dict[str, Any], *, far: str
) -> dict[str, Any]:
    """Two regions, a machine at each of the addresses. The edge `near` asks the pool `main`, the edge `far` another or
    the same."""
    return {
        "clouds": {"demo": {"api_key": "key", "api_secret": "secret"}},
        "regions": {
            "east": {"at": [39.0, -77.5], "viewers": ["0.0.0.0/0"]},
            "west": {"at": [46.0, -120.0]},
        },
        "machines": {"one": one, "two": two},
        "origins": origins,
        "pops": {
            "near": {"region": "east", "upstream": "main", **at(one)},
            "far": {"region": "west", "host": "two", "upstream": far, **at(two)},
        },
        "balancer": at(one),
        "storage": shared.storage,
        "catalogue": shared.catalogue,
    }
