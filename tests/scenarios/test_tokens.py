"""Tokens through caches: two edges in a row before an origin that hides an asset (signing.md §5)."""

import time
from collections.abc import AsyncIterator

import cloudinary.auth_token
import pytest
import pytest_twisted
from attrs import frozen

from edge.core.policy import KeyPolicy
from edge.service import EdgeNode
from origin.catalogue import Identity
from origin.settings import Cloud
from tests.support.edge_node import get, running_edge
from tests.support.images import as_bytes, quartered
from tests.support.origins import CLOUD, KEY, SECRET, RunningOrigin, running_origin

PICTURE = as_bytes(quartered(), "PNG")
TOKEN_KEY = "00112233FF99"
TOKEN = "__cld_token__"
POLICY = KeyPolicy(site="main", query="only", parameters=(TOKEN,), cookies=(TOKEN,))
SECRET_PATH, OPEN_PATH = "/demo/image/upload/secret.png", "/demo/image/upload/open.png"


@frozen
class Chain:
    origin: RunningOrigin
    edge: EdgeNode


@pytest_twisted.async_yield_fixture(scope="module")
async def chain(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chain]:
    clouds = {CLOUD: Cloud(KEY, SECRET, token_keys={"main": TOKEN_KEY})}
    async with running_origin(tmp_path_factory.mktemp("tokens"), clouds=clouds) as origin:
        for name in ("secret", "open"):
            await origin.upload(PICTURE, public_id=name)
        asset = await origin.node.catalogue.assets.get(Identity(CLOUD, "image", "upload", "secret"))
        assert asset is not None
        rules = {**asset.details, "access_control": [{"access_type": "token"}]}
        await origin.node.catalogue.assets.annotate(asset, rules)
        async with (
            running_edge(origin.url, key=POLICY, name="shield", client_cc="ignore") as shield,
            running_edge(f"http://127.0.0.1:{shield.port}", key=POLICY, client_cc="ignore") as edge,
        ):
            yield Chain(origin, edge)


def token(**told: object) -> str:
    made: str = cloudinary.auth_token.generate(
        key=TOKEN_KEY, expiration=int(time.time()) + 300, **({"acl": "/demo/*"} | told)
    )
    return made


@pytest_twisted.ensureDeferred
async def test_what_a_token_opened_is_not_shown_to_the_next(chain: Chain) -> None:
    """Neither a hit nor a coalesced answer, in whichever order they come."""
    for _ in range(2):
        assert (await get(chain.edge, SECRET_PATH)).status == 401
        assert (await get(chain.edge, f"{SECRET_PATH}?_a=1&{token()}")).status == 200
        assert (await get(chain.edge, SECRET_PATH, cookie=f"x=y; {token()}")).status == 200
        assert (await get(chain.edge, f"{SECRET_PATH}?{TOKEN}=wrong")).status == 401
        assert (await get(chain.edge, f"{SECRET_PATH}?{token(acl='/other/*')}")).status == 401
        assert (await get(chain.edge, f"{SECRET_PATH}?x={TOKEN}")).status == 401


@pytest_twisted.ensureDeferred
async def test_a_token_for_a_url_survives_the_way(chain: Chain) -> None:
    path = "/demo/image/upload/c_scale,w_9/secret.png"
    url_token = token(acl=None, url=path)
    assert (await get(chain.edge, f"{path}?{url_token}")).status == 200
    assert (await get(chain.edge, f"{path}?_a=DAT&{url_token}&utm=x")).status == 200
    assert (await get(chain.edge, f"{SECRET_PATH}?{url_token}")).status == 401


@pytest_twisted.ensureDeferred
async def test_a_public_asset_is_a_hit_whatever_else_is_asked(chain: Chain) -> None:
    """A token has its own key; other parameters still have none."""
    first = await get(chain.edge, OPEN_PATH)
    assert first.status == 200
    before = chain.origin.node.counters.requests
    for query in ("", "?_a=1", "?utm=2"):
        assert (await get(chain.edge, OPEN_PATH + query)).status == 200
    assert chain.origin.node.counters.requests == before
    nonsense = await get(chain.edge, f"{OPEN_PATH}?{TOKEN}=nonsense")
    assert (nonsense.status, nonsense.body) == (200, first.body)
    assert chain.origin.node.counters.requests == before + 1
