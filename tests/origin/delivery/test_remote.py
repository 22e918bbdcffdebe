"""Remote files delivered: loaded once, kept as assets, looked after; and laid on others (delivery-urls.md §12)."""

import hashlib
import sys
from base64 import b64encode, urlsafe_b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import cloudinary.uploader
import cloudinary.utils
import pytest
import pytest_twisted
from attrs import evolve
from PIL import Image
from twisted.internet.defer import Deferred, gatherResults

from origin.catalogue import Asset, Identity
from origin.delivery.remote import FRESH_SECONDS, Standing, fresh_until
from origin.settings import Provider
from tests.support.images import ASTRONAUT, as_bytes, quartered
from tests.support.origins import SECRET, RunningOrigin, pause, running_origin, settings_in
from tests.support.remote import Conversation, RemoteServer, remote_server, response

PHOTO = ASTRONAUT.read_bytes()
OTHER = as_bytes(quartered(), "PNG")


@pytest_twisted.async_yield_fixture
async def remote() -> AsyncIterator[RemoteServer]:
    async with remote_server() as running:
        yield running


def fetch(url: str, chain: str = "", cloud: str = "demo", kind: str = "image") -> str:
    """The URL as the Python SDK writes it: all but `:` and `/` escaped once more."""
    return f"/{cloud}/{kind}/fetch/" + (f"{chain}/" if chain else "") + quote(url, safe=":/")


async def asset_of(origin: RunningOrigin, url: str, kind: str = "image") -> Asset:
    found = await origin.node.catalogue.assets.get(Identity("demo", kind, "fetch", url))
    assert found is not None
    return found


async def grown_old(origin: RunningOrigin, url: str) -> Asset:
    """The copy, as if its time were over."""
    asset = await asset_of(origin, url)
    standing = Standing.of(asset.details)
    assert standing is not None
    await origin.node.catalogue.assets.annotate(asset, evolve(standing, fresh_until=1.0).details())
    return asset


@pytest_twisted.ensureDeferred
async def test_a_remote_file_is_delivered_and_kept(origin: RunningOrigin, remote: RemoteServer) -> None:
    """Asked for once; every transformation after that is made from the copy."""
    url = remote.serves("/a/photo.jpg", PHOTO, 'ETag: "one"')
    original = await origin.get(fetch(url))
    small = await origin.get(fetch(url, "c_fill,h_40,w_60/f_png"))
    assert (original.status, original.body) == (200, PHOTO)
    assert original.headers["etag"] == f'"{hashlib.md5(PHOTO).hexdigest()}"'
    assert (small.picture().size, small.picture().format) == ((60, 40), "PNG")
    assert remote.paths() == ["/a/photo.jpg"]
    asset = await asset_of(origin, url)
    assert (asset.format, asset.width, asset.height, asset.original_filename) == ("jpg", 512, 512, "photo")
    until = fresh_until(asset)
    assert until == pytest.approx(asset.uploaded_at + FRESH_SECONDS, abs=5)
    assert int(original.headers["cdn-cache-control"].partition("=")[2]) <= FRESH_SECONDS
    (key, _) = original.headers["surrogate-key"].split()
    assert key.startswith("demo/image/fetch/")


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("/q.png?x=1&y=a,b", None),
        ("/%E2%98%83.png", None),
        ("/s p.png", "/s%20p.png"),
        ("/raw&amp.png?y=2", None),
    ],
)
@pytest_twisted.ensureDeferred
async def test_the_remote_gets_the_url_that_was_meant(
    origin: RunningOrigin, remote: RemoteServer, path: str, written: str | None
) -> None:
    """Decoded once, then only what is illegal is escaped again (§6)."""
    remote.serves(written or path, OTHER)
    assert (await origin.get(fetch(remote.url(path)))).picture().format == "PNG"
    assert remote.paths() == [written or path]


@pytest_twisted.ensureDeferred
async def test_an_unescaped_query_is_lost(origin: RunningOrigin, remote: RemoteServer) -> None:
    """It begins our own query string: a well-known support case, told by its URL (§6)."""
    remote.serves("/lost.png?x=1", OTHER)
    answer = await origin.get(f"/demo/image/fetch/{remote.url('/lost.png?x=1')}")
    assert answer.status == 404
    assert answer.headers["x-cld-error"] == f"Resource not found - {remote.url('/lost.png')}"


@pytest_twisted.ensureDeferred
async def test_viewers_of_one_cold_url_cost_one_load(origin: RunningOrigin, remote: RemoteServer) -> None:
    held: list[Conversation] = []
    remote.scripts["/slow.png"] = held.append
    path = fetch(remote.url("/slow.png"))
    asking = [Deferred.fromCoroutine(origin.get(path)) for _ in range(8)]
    while not held or origin.node._in_flight.count < 8:
        await pause(0.01)
    held[0].say(response(OTHER))
    answers = await gatherResults(asking)
    assert {(each.status, each.body) for each in answers} == {(200, OTHER)}
    assert len(remote.asked) == 1


@pytest.mark.parametrize(
    ("body", "status", "code", "sentence"),
    [
        (b"gone", "404 Not Found", 404, "Resource not found - {url}"),
        (b"oops", "500 Oops", 404, "Resource not found - {url}"),
        (b"", "204 No Content", 404, "Error in loading - {url}"),
        (b"<html>no picture</html>", "200 OK", 400, "Invalid image file"),
        (PHOTO[:2000], "200 OK", 400, "Invalid image file"),
        (b"", "200 OK", 400, "Empty file"),
        (bytes(1_000_001), "200 OK", 400, "File size too large. Maximum is 1000000."),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_gives_no_picture_is_told_and_not_kept(
    origin: RunningOrigin, remote: RemoteServer, body: bytes, status: str, code: int, sentence: str
) -> None:
    url = remote.serves("/bad.jpg", body, status=status)
    answer = await origin.get(fetch(url, "w_50"))
    assert (answer.status, answer.body) == (code, b"")
    assert answer.headers["x-cld-error"] == sentence.format(url=url)
    reason = "answered with 204" if sentence.startswith("Error in loading") else None
    assert answer.headers.get("x-cld-error-reason") == reason
    assert await origin.node.catalogue.assets.get(Identity("demo", "image", "fetch", url)) is None
    assert origin.spooled() == []


@pytest_twisted.ensureDeferred
async def test_a_file_that_cannot_be_had_is_not_asked_for_by_every_viewer(
    tmp_path: Path, remote: RemoteServer
) -> None:
    """Nor by every chain; of other files that says nothing."""
    url = remote.url("/soon.png")
    async with running_origin(tmp_path) as origin:
        answers = [await origin.get(fetch(url, chain)) for chain in ("", "w_10", "w_20")]
        assert {(each.status, each.headers["x-cld-error"]) for each in answers} == {
            (404, f"Resource not found - {url}")
        }
        assert remote.paths() == ["/soon.png"]
        assert (await origin.get(fetch(remote.serves("/other.png", OTHER)))).status == 200
        assert remote.paths() == ["/soon.png", "/other.png"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.2/x.jpg",
        "http://2130706434/x.jpg",
        "http://[::1]/x.jpg",
        "http://[::ffff:10.0.0.1]/x.jpg",
        "http://169.254.169.254/latest/meta-data/",
        "http://user@127.0.0.1/x.jpg",
        "ftp://example.com/x.jpg",
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_closed_address_is_trouble(origin: RunningOrigin, url: str) -> None:
    answer = await origin.get(fetch(url))
    assert answer.status == 404
    assert answer.headers["x-cld-error"].startswith("Error in loading - ")
    assert not answer.headers["x-cld-error"].endswith(")")
    assert answer.headers["x-cld-error-reason"]


@pytest_twisted.ensureDeferred
async def test_another_cloud_has_its_own_leave(origin: RunningOrigin, remote: RemoteServer) -> None:
    """Loopback is allowed to `demo` alone."""
    url = remote.serves("/x.png", OTHER)
    assert (await origin.get(fetch(url))).status == 200
    assert (await origin.get(fetch(url, cloud="other"))).status == 404
    assert len(remote.asked) == 1


@pytest_twisted.ensureDeferred
async def test_an_old_copy_is_asked_after_and_stays_when_unchanged(
    origin: RunningOrigin, remote: RemoteServer
) -> None:
    url = remote.serves("/kept.png", OTHER, 'ETag: "one"', "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT")
    await origin.get(fetch(url, "w_10"))
    before, renders = await grown_old(origin, url), origin.node.counters.renders
    remote.serves("/kept.png", b"", "Cache-Control: max-age=9999999", status="304 Not Modified")
    again = await origin.get(fetch(url, "w_10"))
    assert again.status == 200
    asked = remote.asked[1].fields
    assert (asked["if-none-match"], asked["if-modified-since"]) == ('"one"', "Mon, 01 Jan 2024 00:00:00 GMT")
    after = await asset_of(origin, url)
    assert (after.revision, origin.node.counters.renders) == (before.revision, renders)
    until = fresh_until(after)
    assert until == pytest.approx(after.uploaded_at + 9_999_999, abs=5)  # the remote's longer word counts
    await origin.get(fetch(url, "w_10"))
    assert len(remote.asked) == 2


@pytest_twisted.ensureDeferred
async def test_a_changed_file_replaces_the_copy(origin: RunningOrigin, remote: RemoteServer) -> None:
    """New bytes, new revision: derived files are made anew. The same bytes sent again change nothing."""
    url = remote.serves("/moves.png", OTHER)
    await origin.get(fetch(url))
    first = await grown_old(origin, url)
    assert (await origin.get(fetch(url))).body == OTHER
    assert (await asset_of(origin, url)).revision == first.revision
    await grown_old(origin, url)
    remote.serves("/moves.png", PHOTO)
    assert (await origin.get(fetch(url))).body == PHOTO
    assert (await asset_of(origin, url)).revision != first.revision
    assert len(remote.asked) == 3


@pytest.mark.parametrize("now", ["404 Not Found", "500 Oops", "200 OK"])
@pytest_twisted.ensureDeferred
async def test_an_old_copy_stays_while_its_server_is_in_trouble(
    origin: RunningOrigin, remote: RemoteServer, now: str
) -> None:
    """Stale, but a picture (§12); and its server is left in peace for a while."""
    url = remote.serves("/shaky.png", OTHER)
    await origin.get(fetch(url))
    await grown_old(origin, url)
    remote.serves("/shaky.png", b"no picture", status=now)
    answer = await origin.get(fetch(url))
    assert (answer.status, answer.body) == (200, OTHER)
    assert (await origin.get(fetch(url))).status == 200
    assert len(remote.asked) == 2
    assert int(answer.headers["cdn-cache-control"].partition("=")[2]) <= 60


@pytest_twisted.ensureDeferred
async def test_a_signature_is_checked_and_none_is_needed(origin: RunningOrigin, remote: RemoteServer) -> None:
    url = remote.serves("/signed.png", OTHER)
    full, _ = cloudinary.utils.cloudinary_url(
        url, cloud_name="demo", api_secret=SECRET, sign_url=True, type="fetch", width=20, crop="scale"
    )
    path = str(full).partition("cloudinary.com")[2]
    assert (await origin.get(path)).picture().width == 20
    wrong = await origin.get(path.replace("w_20", "w_21"))
    assert (wrong.status, wrong.headers["x-cld-error"]) == (401, "deny or ACL failure")


@pytest_twisted.ensureDeferred
async def test_a_raw_file_is_passed_on_and_a_video_refused(
    origin: RunningOrigin, remote: RemoteServer
) -> None:
    url = remote.serves("/page.html", b"<script>")
    answer = await origin.get(fetch(url, kind="raw"))
    assert (answer.status, answer.body) == (200, b"<script>")
    assert "sandbox" in answer.headers["content-security-policy"]
    video = await origin.get(fetch(url, kind="video"))
    assert (video.status, video.headers["x-cld-error"]) == (400, "Unsupported video format or file")


@pytest_twisted.ensureDeferred
async def test_a_copy_can_be_removed(origin: RunningOrigin, remote: RemoteServer) -> None:
    url = remote.serves("/away.png", OTHER)
    await origin.get(fetch(url))
    gone = await origin.called(cloudinary.uploader.destroy, url, type="fetch", invalidate=True)
    assert gone["result"] == "ok"
    await origin.get(fetch(url))
    assert len(remote.asked) == 2


@pytest_twisted.ensureDeferred
async def test_copies_beyond_the_quota_go_in_the_sweep(tmp_path: Path, remote: RemoteServer) -> None:
    """The one delivered last stays; whoever asks for another has it loaded again."""
    cloud = settings_in(tmp_path).clouds["demo"]
    bounded = evolve(cloud, fetch=evolve(cloud.fetch, quota_bytes=len(OTHER)))
    async with running_origin(tmp_path, clouds={"demo": bounded}) as origin:
        first, last = (remote.serves(path, OTHER) for path in ("/first.png", "/last.png"))
        for url in (first, last):
            assert (await origin.get(fetch(url))).status == 200
        await origin.node.sweep.once()
        assert await origin.node.catalogue.assets.get(Identity("demo", "image", "fetch", first)) is None
        await asset_of(origin, last)
        for url in (last, first):
            assert (await origin.get(fetch(url))).status == 200
        assert remote.paths() == ["/first.png", "/last.png", "/first.png"]


@pytest_twisted.ensureDeferred
async def test_a_host_that_takes_no_connection_is_left_alone_for_a_while(tmp_path: Path) -> None:
    """Whatever file of it is asked for; each refusal names the file that was asked for."""
    async with remote_server() as gone:
        urls = [gone.url(path) for path in ("/a.png", "/b.png")]
    async with running_origin(tmp_path) as origin:
        first = await origin.get(fetch(urls[0]))
        assert first.headers["x-cld-error-reason"] == "its host does not take the connection"
        async with remote_server(port=int(urls[0].split(":")[2].partition("/")[0])) as back:
            back.serves("/b.png", OTHER)
            second = await origin.get(fetch(urls[1]))
            assert (second.status, second.headers["x-cld-error"]) == (404, f"Error in loading - {urls[1]}")
            assert back.asked == []


@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
@pytest_twisted.ensureDeferred
async def test_a_remote_file_is_laid_on_a_picture(
    origin: RunningOrigin, remote: RemoteServer, encode: Any
) -> None:
    """The same copy as `fetch` makes of it; any spelling of the layer shares the derived file."""
    url = remote.serves("/logo.png?x=~~~~~", as_bytes(Image.new("RGB", (8, 8), (255, 0, 0)), "PNG"))
    await origin.upload(PHOTO, public_id="beneath")
    name = quote(encode(url.encode()).decode(), safe="")
    answer = await origin.get(f"/demo/image/upload/w_64/l_fetch:{name},g_north_west/beneath.png")
    assert answer.picture().convert("RGB").getpixel((3, 3)) == (255, 0, 0)
    assert (await origin.get(fetch(url))).picture().size == (8, 8)
    assert len(remote.asked) == 1
    assert any(key.startswith("demo/image/fetch/") for key in answer.headers["surrogate-key"].split())
    assert int(answer.headers["cdn-cache-control"].partition("=")[2]) <= FRESH_SECONDS


@pytest_twisted.ensureDeferred
async def test_a_remote_layer_that_cannot_be_had_is_refused(
    origin: RunningOrigin, remote: RemoteServer
) -> None:
    await origin.upload(PHOTO, public_id="beneath")
    url = remote.url("/none.png")
    answer = await origin.get(
        f"/demo/image/upload/l_fetch:{urlsafe_b64encode(url.encode()).decode()}/fl_layer_apply/beneath.png"
    )
    assert answer.status == 400
    assert answer.headers["x-cld-error"] == f"Unknown or invalid referenced image {url} of type fetch"


@pytest_twisted.ensureDeferred
async def test_a_social_picture_is_loaded_where_its_network_keeps_it(
    tmp_path: Path, remote: RemoteServer
) -> None:
    """With a resolver; and a default image may stand in for who has none there (§8.3)."""
    told = settings_in(tmp_path).clouds["demo"]
    cloud = evolve(told, resolvers={"gravatar": remote.url("/avatar/{id}?d=404")})
    remote.serves("/avatar/0a%20b?d=404", OTHER)
    async with running_origin(tmp_path, clouds={"demo": cloud}) as origin:
        await origin.upload(PHOTO, public_id="nobody")
        assert (await origin.get("/demo/image/gravatar/w_12/0a%20b.jpg")).picture().format == "JPEG"
        missing = await origin.get("/demo/image/gravatar/w_12/none.jpg")
        assert (missing.status, missing.headers["x-cld-error"]) == (404, "Resource not found - none")
        assert (await origin.get("/demo/image/gravatar/d_nobody,w_12/none.jpg")).picture().size == (12, 12)
        assert (await origin.get("/demo/image/facebook/none.jpg")).status == 404


def named(url: str) -> str:
    """A remote file as a layer names it."""
    return urlsafe_b64encode(url.encode()).decode()


@pytest_twisted.ensureDeferred
async def test_what_is_fetched_is_given_to_no_provider(tmp_path: Path, remote: RemoteServer) -> None:
    """Whichever way it came into the picture (transformations.md §12.4)."""
    laid = f"l_fetch:{named(remote.serves('/logo.png', OTHER))}"
    cloud = evolve(
        settings_in(tmp_path).clouds["demo"],
        resolvers={"gravatar": remote.url("/avatar/{id}")},
        transformations={"laid": f"{laid}/fl_layer_apply/f_png"},
    )
    remote.serves("/avatar/somebody", OTHER)
    breaker = Provider((sys.executable, "-c", "pass"), signed_only=False)
    providers = {"gen_restore": breaker}
    async with running_origin(tmp_path, clouds={"demo": cloud}, providers=providers) as origin:
        await origin.upload(PHOTO, public_id="beneath")
        for path in (
            fetch(remote.url("/logo.png"), "e_gen_restore"),
            fetch(remote.url("/logo.png"), "e_gen_restore/c_limit,w_auto:breakpoints:json"),
            "/demo/image/gravatar/e_gen_restore/somebody.png",
            f"/demo/image/upload/{laid}/e_gen_restore/fl_layer_apply/beneath.jpg",
            f"/demo/image/upload/{laid}/fl_layer_apply/e_gen_restore/e_trim/beneath.jpg",
            "/demo/image/upload/bl_laid/e_gen_restore/beneath.png",
        ):
            answer = await origin.get(path)
            assert answer.headers["x-cld-error"] == "e_gen_restore for fetched images is not supported", path
            assert answer.status == 400
        refused = await origin.get("/demo/image/upload/e_gen_restore/beneath.jpg")
        assert refused.status == 502  # a stored one is given to it


@pytest_twisted.ensureDeferred
async def test_edges_look_after_what_holds_a_layer_that_may_change(
    tmp_path: Path, remote: RemoteServer
) -> None:
    """A layer of the picture, of its baseline, or of those whose widths are listed."""
    laid = f"l_fetch:{named(remote.serves('/logo.png', OTHER))},w_8"
    cloud = evolve(
        settings_in(tmp_path).clouds["demo"], transformations={"laid": f"{laid}/fl_layer_apply/f_png"}
    )
    async with running_origin(tmp_path, clouds={"demo": cloud}) as origin:
        await origin.upload(OTHER, public_id="beneath")
        for chain in (
            f"{laid}/fl_layer_apply",
            "bl_laid",
            "bl_laid/w_20",
            "bl_laid/w_auto:breakpoints_20_40_1_3:json",
            f"{laid}/fl_layer_apply/w_auto:breakpoints_20_40_1_3:json",
        ):
            answer = await origin.get(f"/demo/image/upload/{chain}/beneath.png")
            assert answer.status == 200, answer.headers
            assert int(answer.headers["cdn-cache-control"].partition("=")[2]) <= FRESH_SECONDS, chain


@pytest_twisted.ensureDeferred
async def test_a_load_does_not_come_back_to_load_again(origin: RunningOrigin, remote: RemoteServer) -> None:
    """Each turn of such a ring would hold a place among the loads until its time is over."""
    inner = fetch(remote.serves("/deep.png", OTHER))
    outer = await origin.get(fetch(origin.url + inner))
    assert (outer.status, remote.asked) == (404, [])
    own = await origin.get(inner, cdn_loop="pixeledge-load, other")
    assert own.headers["x-cld-error"].endswith("/deep.png")
    assert own.headers["x-cld-error-reason"] == "it would load itself"
    await origin.upload(PHOTO, public_id="own")
    assert (await origin.get(fetch(f"{origin.url}/demo/image/upload/own.jpg"))).body == PHOTO
