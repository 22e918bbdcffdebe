"""What the key pairs of a cloud must be: some, none empty, none twice, one of them in force."""

from __future__ import annotations

from sim.topology.check.findings import Findings
from sim.topology.clouds import Cloud
from sim.topology.model import Topology
from wire.document import Document, Path
from wire.tokens.cloudinary import is_key

PLAIN = ("api_key", "api_secret")


def keys(topology: Topology, document: Document) -> Findings:
    """All that is wrong with the keys."""
    for cloud in document.keys_at("clouds"):
        yield from _plain(cloud, document)
    for cloud, settings in topology.clouds.items():
        yield from _listed(cloud, settings)


def _plain(cloud: str, document: Document) -> Findings:
    missing = [name for name in PLAIN if name not in document.keys_at("clouds", cloud)]
    if len(missing) == 1:
        yield ("clouds", cloud), f'"{missing[0]}" is missing'
    elif missing and not document.value_at("clouds", cloud, "keys"):
        yield ("clouds", cloud), "it needs an api_key and an api_secret, or a list of keys"
    for name in PLAIN:
        if document.value_at("clouds", cloud, name) == "":
            yield ("clouds", cloud, name), "an empty key would let anyone in"


def _listed(cloud: str, settings: Cloud) -> Findings:
    where: Path = ("clouds", cloud, "keys")
    seen = {settings.api_key}
    for number, key in enumerate(settings.keys):
        for name in PLAIN:
            if not getattr(key, name):
                yield (*where, number, name), "an empty key would let anyone in"
        if key.api_key and key.api_key in seen:
            yield (*where, number, "api_key"), "this cloud has another key of that name"
        seen.add(key.api_key)
    for name, written in settings.token_keys.items():
        if not is_key(written):
            yield (
                ("clouds", cloud, "token_keys", name),
                "a token's key is written in hexadecimal, like 00112233FF99",
            )
    if settings.every_key and all(key.disabled for key in settings.every_key):
        yield where, "every key is disabled: nobody could call"
