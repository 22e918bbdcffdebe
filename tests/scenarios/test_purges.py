"""What becomes of what caches hold when an asset changes: edge, shield and origin, each a process of its own.

Every change is told to every node before its answer, unless a node takes longer than two seconds to be told; then it
follows (docs/edits.md, "What is promised"). Which of the two it was, the nodes' own counters say.
"""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import cloudinary.api
import cloudinary.uploader
import pytest
from attrs import define
from urllib3.util import make_headers

from origin.assets.outbox import PURGE_SECONDS
from tests.support.images import as_bytes, quartered
from tests.support.sdk import options
from tests.support.world import World, eventually
from tests.support.world import world as running_world

TOPOLOGY: dict[str, Any] = {
    "clouds": {"demo": {"api_key": "key", "api_secret": "secret", "restricted": []}},
    "regions": {"na": {"at": [39.0, -77.5], "viewers": ["127.0.0.0/8"]}},
    "origins": {
        "main": {"region": "na", "instances": 1, "workers": 1, "listen": "tcp:1", "control": "tcp:11"}
    },
    "pops": {
        "shield": {
            "region": "na",
            "role": "shield",
            "upstream": "main",
            "disk": "1GiB",
            "listen": "tcp:3",
            "control": "tcp:13",
        },
        "edge": {
            "region": "na",
            "parent": "shield",
            "disk": "1GiB",
            "listen": "tcp:4",
            "control": "tcp:14",
        },
    },
    "links": {"default": {"rtt": "0ms"}},
}


@define
class Shop:
    """A small world, and its assets as one viewer at the edge sees them."""

    world: World
    sdk: dict[str, Any]

    def put(self, name: str, width: int, **said: Any) -> None:
        """Another picture under a name: its width is what tells it from others."""
        image = as_bytes(quartered(width, 10), "PNG")
        cloudinary.uploader.upload(image, public_id=name, **{**self.sdk, "invalidate": True, **said})

    def seen(self, path: str) -> tuple[str, int, bytes]:
        """(what the edge's cache said, status, body). The path is one without a version, which outlives revisions."""
        (edge,) = self.world.edges().values()
        answer = self.world.get(edge, f"/demo/image/{path}")
        return answer.headers["X-Cache"], answer.status, answer.data

    def update(self, name: str, **said: Any) -> None:
        """The Admin API's update, by hand: the SDK does not pass `invalidate` on."""
        pair = f"{self.sdk['api_key']}:{self.sdk['api_secret']}"
        answer = self.world.http.request(
            "POST",
            f"{self.world.ready['api_url']}/v1_1/demo/resources/image/upload/{name}",
            json=said,
            headers=make_headers(basic_auth=pair),
        )
        assert answer.status == 200, answer.data

    def purges(self) -> list[int]:
        """How many orders each node carried out."""
        ready = self.world.ready
        nodes = [*ready["edges"], *ready["shields"]]
        assert len(nodes) == 2
        return [self._purges(each["control_url"]) for each in nodes]

    def _purges(self, control: str) -> int:
        lines = self.world.http.request("GET", f"{control}/metrics").data.decode().splitlines()
        return sum(
            int(float(line.split()[-1])) for line in lines if line.startswith("pixeledge_purges_total")
        )

    def held(self, *paths: str) -> dict[str, bytes]:
        """What the edge has of those, after it has been asked once."""
        for path in paths:
            assert self.seen(path)[1] == 200, path
        found = {path: self.seen(path) for path in paths}
        assert {path: cache for path, (cache, _, _) in found.items() if "HIT" not in cache} == {}
        return {path: body for path, (_, _, body) in found.items()}

    def change(self, verb: Callable[[], Any]) -> Any:
        """Do it; every node has been told at its answer, or else is told by and by."""
        before = self.purges()
        began = time.monotonic()
        answer = verb()
        waited = time.monotonic() - began
        told = [now > then for now, then in zip(self.purges(), before, strict=True)]
        if waited < PURGE_SECONDS:  # then it was not its patience that let it answer
            assert all(told)
        eventually(
            lambda: all(now > then for now, then in zip(self.purges(), before, strict=True)), "all are told"
        )
        return answer


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    state = tmp_path_factory.mktemp("purges") / "var"
    with running_world(state, "--no-links", "--no-seed", **TOPOLOGY) as running:
        yield Shop(running, options(running))
        assert running.stop() == 0


def both(name: str) -> tuple[str, str]:
    """The original and something derived of it."""
    return f"upload/{name}.png", f"upload/c_scale,w_8/{name}.png"


def test_an_overwrite_ends_the_old_pictures(shop: Shop) -> None:
    shop.put("over", 20)
    old = shop.held(*both("over"))
    shop.change(lambda: shop.put("over", 30))
    for path, body in old.items():
        cache, status, now = shop.seen(path)
        assert (cache.count("HIT"), status) == (0, 200)
        assert now != body
    assert shop.held(*both("over")).keys() == old.keys()


def test_without_invalidate_caches_go_on_with_what_they_hold(shop: Shop) -> None:
    """So that the tests beside this one see the purge, and not a cache that never held anything."""
    shop.put("kept", 20)
    old = shop.held(*both("kept"))
    shop.put("kept", 30, invalidate=False)
    assert {path: shop.seen(path)[2] for path in old} == old


@pytest.mark.parametrize("verb", ["destroy", "delete_resources", "delete_by_asset_id", "delete_by_token"])
def test_what_is_deleted_is_gone_from_every_cache(shop: Shop, verb: str) -> None:
    name = f"gone-{verb}"
    image = as_bytes(quartered(20, 10), "PNG")
    asset = cloudinary.uploader.upload(image, public_id=name, return_delete_token=True, **shop.sdk)
    shop.held(*both(name))
    verbs: dict[str, Callable[[], Any]] = {
        "destroy": lambda: cloudinary.uploader.destroy(name, invalidate=True, **shop.sdk),
        "delete_resources": lambda: cloudinary.api.delete_resources([name], invalidate=True, **shop.sdk),
        "delete_by_asset_id": lambda: cloudinary.api.delete_resources_by_asset_ids(
            [asset["asset_id"]], invalidate=True, **shop.sdk
        ),
        "delete_by_token": lambda: shop.world.http.request(
            "POST",
            f"{shop.world.ready['api_url']}/v1_1/demo/delete_by_token",
            fields={"token": asset["delete_token"]},
        ),
    }
    shop.change(verbs[verb])
    assert [shop.seen(path)[1] for path in both(name)] == [404, 404]


def test_a_rename_ends_both_names(shop: Shop) -> None:
    """The old one is found no more; under the new one no cache goes on with what had that name before."""
    shop.put("from", 20)
    shop.put("to", 30)
    old = shop.held(*both("from"), *both("to"))
    shop.change(lambda: cloudinary.uploader.rename("from", "to", overwrite=True, invalidate=True, **shop.sdk))
    assert [shop.seen(path)[1] for path in both("from")] == [404, 404]
    assert {path: shop.seen(path)[2] for path in both("to")} == {
        new: old[was] for was, new in zip(both("from"), both("to"), strict=True)
    }


def test_a_restored_revision_is_what_caches_show(shop: Shop) -> None:
    shop.put("back", 20, backup=True)
    first = shop.held(*both("back"))
    shop.put("back", 30, backup=True)
    shop.held(*both("back"))
    versions = cloudinary.api.resource("back", versions=True, **shop.sdk)["versions"]
    oldest = min(versions, key=lambda each: int(each["version"]))["version_id"]
    shop.change(lambda: cloudinary.api.restore(["back"], versions=[oldest], **shop.sdk))
    assert {path: shop.seen(path)[2] for path in first} == first


def test_an_update_ends_what_it_changes_the_looks_of(shop: Shop) -> None:
    """`quality_override` with `invalidate`; and who may see an asset without being asked to."""
    noise = as_bytes(quartered(200, 150).effect_spread(40).convert("RGB"), "JPEG")
    cloudinary.uploader.upload(noise, public_id="looks", **shop.sdk)
    path = "upload/q_auto/looks.jpg"
    old = shop.held(path)
    shop.change(lambda: shop.update("looks", quality_override="10", invalidate=True))
    assert len(shop.seen(path)[2]) < len(old[path])

    shop.held(path, "upload/looks.jpg")
    rule = json.dumps([{"access_type": "token"}])
    shop.change(lambda: cloudinary.api.update("looks", access_control=rule, **shop.sdk))
    assert [shop.seen(each)[1] for each in (path, "upload/looks.jpg")] == [401, 401]


def test_a_moderator_ends_what_he_rejects(shop: Shop) -> None:
    image = as_bytes(quartered(20, 10), "PNG")
    cloudinary.uploader.upload(image, public_id="rude", moderation="manual", **shop.sdk)
    shop.held(*both("rude"))
    shop.change(lambda: cloudinary.api.update("rude", moderation_status="rejected", **shop.sdk))
    assert [shop.seen(path)[1] for path in both("rude")] == [404, 404]


def test_explicit_with_invalidate_ends_what_is_derived(shop: Shop) -> None:
    shop.put("said", 200)
    cropped = "upload/c_crop,g_custom/said.png"
    cloudinary.uploader.explicit("said", type="upload", custom_coordinates="0,0,50,5", **shop.sdk)
    old = shop.held(cropped)
    shop.change(
        lambda: cloudinary.uploader.explicit(
            "said", type="upload", custom_coordinates="0,0,90,5", invalidate=True, **shop.sdk
        )
    )
    assert shop.seen(cropped)[2] != old[cropped]


LIST = "list/shelf.json"


def test_lists_of_a_tag_are_right_at_the_answer_of_whatever_changes_them(shop: Shop) -> None:
    """Nobody has to ask for it: they are there to be polled, and are right with every call that changes them."""
    sdk = shop.sdk

    def listed() -> dict[str, Any]:
        shop.held(LIST)
        return {
            each["public_id"]: each.get("context", {}) for each in json.loads(shop.seen(LIST)[2])["resources"]
        }

    shop.put("a", 20, invalidate=False, tags="shelf")
    assert listed().keys() == {"a"}
    shop.change(lambda: shop.put("b", 20, invalidate=False, tags="shelf"))
    assert listed().keys() == {"a", "b"}
    shop.change(lambda: cloudinary.uploader.remove_tag("shelf", ["b"], **sdk))
    assert listed().keys() == {"a"}
    shop.change(lambda: cloudinary.uploader.add_tag("shelf", ["b"], **sdk))
    assert listed().keys() == {"a", "b"}
    shop.change(lambda: cloudinary.uploader.add_context("alt=A", ["a"], **sdk))
    assert listed()["a"] == {"custom": {"alt": "A"}}
    shop.change(lambda: cloudinary.api.update("b", context="alt=B", **sdk))
    assert listed()["b"] == {"custom": {"alt": "B"}}
    shop.change(lambda: cloudinary.uploader.rename("b", "c", **sdk))
    assert listed().keys() == {"a", "c"}
    shop.change(lambda: cloudinary.uploader.explicit("c", type="upload", tags="other", **sdk))
    assert listed().keys() == {"a"}
    shop.change(lambda: cloudinary.api.update("c", tags="shelf", **sdk))
    assert listed().keys() == {"a", "c"}
    shop.change(lambda: cloudinary.api.delete_resources(["c"], **sdk))
    assert listed().keys() == {"a"}
    shop.change(lambda: cloudinary.uploader.destroy("a", **sdk))
    assert shop.seen(LIST)[1] == 404
