"""Who may see an asset: rules, tokens, and what caches may keep of it (signing.md §5, delivery-urls.md §9)."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cloudinary.auth_token
import cloudinary.uploader
import cloudinary.utils
import pytest
import pytest_twisted
from attrs import evolve

from origin.catalogue import Identity
from origin.settings import Cloud, Key
from tests.support.images import as_bytes, quartered
from tests.support.origins import CLOUD, KEY, SECRET, RunningOrigin, running_origin

PICTURE = as_bytes(quartered(), "PNG")
FIRST, SECOND = "00112233FF99", "aa55"
NO_STORE = "private, no-transform, no-store"


@pytest_twisted.async_yield_fixture(scope="module")
async def gated(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningOrigin]:
    """A cloud with two token keys and a second key pair."""
    folder = tmp_path_factory.mktemp("gated")
    cloud = Cloud(KEY, SECRET, keys=(Key("2", "two"), Key("3", "three", disabled=True)))
    cloud = evolve(cloud, token_keys={"first": FIRST, "second": SECOND})
    async with running_origin(folder, clouds={CLOUD: cloud}) as running:
        yield running


async def uploaded(origin: RunningOrigin, public_id: str, *rules: dict[str, Any], **more: Any) -> None:
    answer = await origin.upload(PICTURE, public_id=public_id, **more)
    if rules:
        identity = Identity(CLOUD, answer["resource_type"], answer["type"], answer["public_id"])
        asset = await origin.node.catalogue.assets.get(identity)
        assert asset is not None
        await origin.node.catalogue.assets.annotate(asset, {**asset.details, "access_control": list(rules)})


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def token(key: str = FIRST, seconds: int = 300, **told: Any) -> str:
    """As the official SDK makes it: `__cld_token__=…`."""
    made: str = cloudinary.auth_token.generate(key=key, expiration=int(time.time()) + seconds, **told)
    return made


@pytest_twisted.ensureDeferred
async def test_a_restricted_asset_is_shown_to_those_with_a_token(gated: RunningOrigin) -> None:
    """In the query or as a cookie, for a URL or for a pattern; and no cache may keep the answer."""
    await uploaded(gated, "secret", {"access_type": "token"})
    path = "/demo/image/upload/c_scale,w_9/secret.png"
    refused = await gated.get(path)
    assert (refused.status, refused.headers["x-cld-error"]) == (401, "deny or ACL failure")
    assert "no-cache" in refused.headers["cache-control"]
    for shown in (
        await gated.get(f"{path}?{token(url=path)}"),
        await gated.get(f"{path}?_a=1&{token(acl='/demo/image/*')}"),
        await gated.get(f"{path}?{token(acl='/image/*')}"),
        await gated.get(path, Cookie=f"a=b; {token(key=SECOND, acl=['/x', '/demo/*'])}"),
        await gated.get(f"{path}?{token(url=path, ip='127.0.0.1')}"),
    ):
        assert (shown.status, shown.headers["cache-control"]) == (200, NO_STORE)
        assert shown.headers["cdn-cache-control"] == "no-store"
    for hidden in (
        await gated.get(f"{path}?{token(url='/demo/image/upload/secret.png')}"),
        await gated.get(f"{path}?{token(acl='/video/*')}"),
        await gated.get(f"{path}?{token(url=path, seconds=-1)}"),
        await gated.get(f"{path}?{token(url=path, key='00')}"),
        await gated.get(f"{path}?{token(url=path, ip='1.2.3.4')}"),
        await gated.get(f"{path}?{token(url=path)}".replace("hmac=", "hmac=0")),
        await gated.get(f"{path}?__cld_token__=%00"),
    ):
        assert hidden.status == 401


@pytest_twisted.ensureDeferred
async def test_a_rule_may_name_its_key(gated: RunningOrigin) -> None:
    await uploaded(gated, "named-key", {"access_type": "token", "key": "second"})
    path = "/demo/image/upload/named-key.png"
    assert (await gated.get(f"{path}?{token(url=path)}")).status == 401
    assert (await gated.get(f"{path}?{token(url=path, key=SECOND)}")).status == 200


@pytest_twisted.ensureDeferred
async def test_a_rule_has_its_time(gated: RunningOrigin) -> None:
    """What everybody may see for a while is kept no longer than that."""
    now = time.time()
    await uploaded(gated, "was", {"access_type": "anonymous", "end": iso(now - 10)})
    await uploaded(
        gated, "will-be", {"access_type": "anonymous", "start": iso(now + 100)}, {"access_type": "token"}
    )
    await uploaded(gated, "is", {"access_type": "anonymous", "start": iso(now - 10), "end": iso(now + 100)})
    await uploaded(gated, "always", {"access_type": "anonymous"})
    assert (await gated.get("/demo/image/upload/was.png")).status == 401
    path = "/demo/image/upload/will-be.png"
    assert (await gated.get(path)).status == 401
    assert (await gated.get(f"{path}?{token(url=path)}")).status == 200
    shown = await gated.get("/demo/image/upload/is.png")
    seconds = int(shown.headers["cdn-cache-control"].removeprefix("max-age="))
    assert 60 < seconds <= 100
    assert shown.headers["cache-control"] == f"public, no-transform, max-age={seconds}"
    plain = await gated.get("/demo/image/upload/always.png")
    assert "immutable" in plain.headers["cache-control"]


@pytest_twisted.ensureDeferred
async def test_a_public_asset_does_not_care_for_tokens(gated: RunningOrigin) -> None:
    await uploaded(gated, "open")
    for query in ("", "?__cld_token__=nonsense", f"?{token(acl='/nothing')}"):
        answer = await gated.get(f"/demo/image/upload/open.png{query}")
        assert answer.status == 200
        assert answer.headers["cache-control"].startswith("public")


@pytest_twisted.ensureDeferred
async def test_a_token_stands_for_a_signature(gated: RunningOrigin) -> None:
    """Of authenticated assets and of private originals (signing.md §5)."""
    for kind in ("authenticated", "private"):
        await uploaded(gated, "hidden", type=kind)
        path = f"/demo/image/{kind}/hidden.png"
        assert (await gated.get(path)).status == 401
        shown = await gated.get(f"{path}?{token(url=path)}")
        assert (shown.status, shown.headers["cache-control"]) == (200, NO_STORE)
    url, _ = cloudinary.utils.cloudinary_url(
        "hidden.png",
        type="authenticated",
        cloud_name=CLOUD,
        sign_url=True,
        auth_token={"key": FIRST, "duration": 300, "start_time": int(time.time())},
    )
    assert (await gated.get(url.partition("cloudinary.com")[2])).status == 200


@pytest_twisted.ensureDeferred
async def test_a_restricted_asset_is_seen_through_no_other(gated: RunningOrigin) -> None:
    """Neither as a layer, nor as a placeholder, nor on a sheet of its tag."""
    await uploaded(gated, "through", {"access_type": "token"}, tags="peek")
    await uploaded(gated, "ground", tags="peek")
    assert (await gated.get("/demo/image/upload/l_through/ground.png")).status == 401
    assert (await gated.get("/demo/image/upload/d_through.png/nothing-here.png")).status == 401
    listed = await gated.get(signed("list", "peek.json"))
    assert [each["public_id"] for each in listed.json["resources"]] == ["ground"]
    layered = signed("upload", "ground.png", "l_through")
    assert (await gated.get(layered)).status == 200


def signed(kind: str, source: str, chain: str = "", secret: str = SECRET) -> str:
    url, _ = cloudinary.utils.cloudinary_url(
        source, type=kind, raw_transformation=chain, sign_url=True, cloud_name=CLOUD, api_secret=secret
    )
    return str(url.partition("cloudinary.com")[2])


@pytest_twisted.ensureDeferred
async def test_any_secret_in_force_may_have_signed_a_url(gated: RunningOrigin) -> None:
    await uploaded(gated, "rotated", type="authenticated")
    for secret, status in ((SECRET, 200), ("two", 200), ("three", 401), ("four", 401)):
        assert (await gated.get(signed("authenticated", "rotated.png", secret=secret))).status == status


@pytest_twisted.ensureDeferred
async def test_answers_are_signed_with_the_callers_key(gated: RunningOrigin) -> None:
    answer = await gated.upload(PICTURE, public_id="second-key", api_key="2", api_secret="two")
    told = {"public_id": answer["public_id"], "version": answer["version"]}
    assert answer["signature"] == cloudinary.utils.api_sign_request(told, "two", signature_version=1)
    assert answer["api_key"] == "2"


@pytest_twisted.ensureDeferred
async def test_other_rules_end_what_caches_hold(tmp_path: Path) -> None:
    """Nobody has to ask for it: what is hidden now must not be shown from a cache."""
    async with running_origin(tmp_path, invalidate=("http://127.0.0.1:9/",)) as origin:
        await origin.upload(PICTURE, public_id="hide", tags="t")
        outbox = origin.node.catalogue.outbox

        async def told() -> set[str]:
            entries = await outbox.claim(99, now=time.time() + 1e6, lease_seconds=0, kinds=("purge",))
            return {key for entry in entries for key in entry.payload["keys"]}

        await origin.called(cloudinary.uploader.explicit, "hide", type="upload", tags="t,u")
        assert "demo/image/upload/hide" not in await told()
        rules = [{"access_type": "token"}]
        await origin.called(cloudinary.uploader.explicit, "hide", type="upload", access_control=rules)
        assert "demo/image/upload/hide" in await told()
        assert (await origin.get("/demo/image/upload/hide.png")).status == 401
