"""Strict transformations: what an unsigned URL may have made (delivery-urls.md §9)."""

from collections.abc import AsyncIterator

import cloudinary.api
import cloudinary.utils
import pytest
import pytest_twisted

from origin.catalogue import Transformation
from origin.settings import Cloud
from tests.support.images import as_bytes, quartered
from tests.support.origins import CLOUD, KEY, SECRET, RunningOrigin, running_origin

PICTURE = as_bytes(quartered(), "PNG")


@pytest_twisted.async_yield_fixture(scope="module")
async def strict(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningOrigin]:
    cloud = Cloud(KEY, SECRET, strict=True, transformations={"fixed": "c_scale,w_8"}, restricted=())
    clouds = {CLOUD: cloud, "discreet": Cloud("8", "discreet", details_in_chains=False)}
    async with running_origin(tmp_path_factory.mktemp("strict"), clouds=clouds) as running:
        await running.upload(PICTURE, public_id="plain", tags="sheet")
        discreet = {"cloud_name": "discreet", "api_key": "8", "api_secret": "discreet"}
        await running.upload(PICTURE, public_id="said", tags="x", context="k=v", **discreet)
        yield running


async def status(origin: RunningOrigin, path: str) -> int:
    return (await origin.get(f"/demo/image/upload/{path}")).status


@pytest_twisted.ensureDeferred
async def test_an_original_is_shown_and_nothing_made_of_it(strict: RunningOrigin) -> None:
    assert await status(strict, "plain.png") == 200
    assert await status(strict, "plain") == 200
    assert await status(strict, "fl_attachment/plain.png") == 200
    refused = await strict.get("/demo/image/upload/w_9,c_scale/plain.png")
    assert (refused.status, refused.headers["x-cld-error"]) == (
        401,
        "Transformation not allowed - w_9,c_scale",
    )
    other = await strict.get("/demo/image/upload/plain.jpg")  # another format is a transformation, too
    assert (other.status, other.headers["x-cld-error"]) == (401, "Transformation not allowed - jpg")
    assert await status(strict, "w_9,c_scale/none.png") == 404
    assert strict.node.counters.renders == 0


@pytest_twisted.ensureDeferred
async def test_signed_urls_may_have_anything_and_what_they_had_stays(strict: RunningOrigin) -> None:
    """A derived asset of this very asset is delivered to everybody."""
    url, _ = cloudinary.utils.cloudinary_url(
        "plain.png", raw_transformation="c_scale,w_11", sign_url=True, cloud_name=CLOUD, api_secret=SECRET
    )
    assert await status(strict, "c_scale,w_11/plain.png") == 401
    assert (await strict.get(url.partition("cloudinary.com")[2])).status == 200
    assert await status(strict, "w_11,c_scale/plain.png") == 200
    assert await status(strict, "c_scale,w_11/plain.jpg") == 401
    await strict.upload(PICTURE, public_id="eager", eager="c_scale,w_12/jpg")
    assert await status(strict, "c_scale,w_12/eager.jpg") == 200
    assert await status(strict, "c_scale,w_12/eager.png") == 401
    assert await status(strict, "c_scale,w_12/plain.jpg") == 401


@pytest_twisted.ensureDeferred
async def test_what_is_allowed_is_made_in_any_spelling(strict: RunningOrigin) -> None:
    """An extension counts; without one, the asset's own format is meant."""
    await strict.called(cloudinary.api.update_transformation, "c_scale,w_13", allowed_for_strict=True)
    await strict.called(cloudinary.api.update_transformation, "c_scale,w_14/jpg", allowed_for_strict=True)
    assert await status(strict, "w_13,c_scale/plain.png") == 200
    assert await status(strict, "w_13,c_scale/plain") == 200
    assert await status(strict, "c_scale,w_13/plain.jpg") == 401
    assert await status(strict, "c_scale,w_14/plain.jpg") == 200
    assert await status(strict, "c_scale,w_14/plain.png") == 401
    await strict.called(cloudinary.api.update_transformation, "c_scale,w_13", allowed_for_strict=False)
    await strict.upload(PICTURE, public_id="later")
    assert await status(strict, "c_scale,w_13/later.png") == 401


@pytest_twisted.ensureDeferred
async def test_named_transformations_are_allowed_by_name(strict: RunningOrigin) -> None:
    await strict.called(cloudinary.api.create_transformation, "open", "c_scale,w_15")
    await strict.called(cloudinary.api.create_transformation, "shut", "c_scale,w_16")
    await strict.called(cloudinary.api.update_transformation, "shut", allowed_for_strict=False)
    for path, expected in (
        ("t_open/plain.png", 200),
        ("t_open/plain.jpg", 200),
        ("t_open.fixed/plain.png", 200),
        ("t_open/t_fixed/plain.png", 200),
        ("t_shut/plain.png", 401),
        ("t_open.shut/plain.png", 401),
        ("t_open,w_5/plain.png", 401),
        ("t_open/e_sepia/plain.png", 401),
        ("t_none/plain.png", 400),
        ("bl_shut/c_scale,w_15/plain.png", 401),
    ):
        assert await status(strict, path) == expected, path
    await strict.called(cloudinary.api.update_transformation, "shut", allowed_for_strict=True)
    assert await status(strict, "t_shut/plain.png") == 200


@pytest_twisted.ensureDeferred
async def test_sheets_are_made_by_what_is_allowed(strict: RunningOrigin) -> None:
    assert (await strict.get("/demo/image/sprite/sheet.png")).status == 200
    assert (await strict.get("/demo/image/sprite/t_fixed/sheet.png")).status == 200
    assert (await strict.get("/demo/image/sprite/w_33/sheet.png")).status == 401


@pytest_twisted.ensureDeferred
async def test_a_change_made_elsewhere_is_in_force(strict: RunningOrigin) -> None:
    """Another process counts its change, and this one looks."""
    elsewhere = Transformation(cloud=CLOUD, name="elsewhere", chain="c_scale,w_17")
    assert await strict.node.catalogue.transformations.add(elsewhere, now=1.0)

    async def is_known() -> bool:
        return await status(strict, "t_elsewhere/plain.png") == 200

    await strict.eventually(is_known, "t_elsewhere is known here")


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        ("if_!x!_in_tags,w_5", 401),
        ("if_ctx:!k!_eq_!v!/w_5/if_end", 401),
        ("$a_ctx:!k!_to_i/w_5", 401),
        ("if_!k!_in_ctx/w_5/if_end", 401),
        ("if_md:!k!_eq_!v!/w_5/if_end", 401),
        ("if_w_gt_5/w_5/if_end", 200),
        ("l_text:Arial_20:tags%20ctx:!x!/fl_layer_apply", 200),
    ],
)
@pytest_twisted.ensureDeferred
async def test_chains_may_be_kept_from_what_people_said(
    strict: RunningOrigin, chain: str, expected: int
) -> None:
    """A cloud's switch (delivery-urls.md §8.2)."""
    answer = await strict.get(f"/discreet/image/upload/{chain}/said.png")
    assert answer.status == expected, answer.headers
