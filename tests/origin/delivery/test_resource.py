"""Delivery over real sockets: what is sent, to whom, and under which terms."""

import hashlib
from typing import Any

import cloudinary.utils
import pytest
import pytest_twisted
from twisted.internet.defer import Deferred, gatherResults

from origin.catalogue import Identity
from tests.support.images import ASTRONAUT, as_bytes, logo, quartered
from tests.support.origins import SECRET, RunningOrigin

GOOD = ASTRONAUT.read_bytes()
MD5 = hashlib.md5(GOOD).hexdigest()
ORIGINAL = "/demo/image/upload/delivered.jpg"


@pytest_twisted.async_yield_fixture(scope="module", autouse=True)
async def _assets(origin: RunningOrigin) -> Any:
    for kind in ("upload", "private", "authenticated"):
        await origin.upload(GOOD, public_id="delivered", type=kind, filename_override="Ünser Bild.jpg")
    await origin.upload(as_bytes(quartered(), "PNG"), public_id="stand/in")
    await origin.upload(("manual.txt", b"read me"), public_id="docs/manual.txt", resource_type="raw")
    yield


def signed(path: str, **parts: Any) -> str:
    """The SDK's signed URL path of `delivered.jpg`."""
    url, _ = cloudinary.utils.cloudinary_url(
        "delivered.jpg", cloud_name="demo", api_secret=SECRET, sign_url=True, type=path, **parts
    )
    return str(url).partition("cloudinary.com")[2]


@pytest_twisted.ensureDeferred
async def test_an_original_is_sent_byte_for_byte_with_the_sheets_fields(origin: RunningOrigin) -> None:
    answer = await origin.get(ORIGINAL)
    assert answer.body == GOOD
    assert answer.headers["etag"] == f'"{MD5}"'
    assert answer.headers["cache-control"] == "public, no-transform, immutable, max-age=2592000"
    assert answer.headers["cdn-cache-control"] == "max-age=2592000"
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "vary" not in answer.headers
    assert len(answer.headers["x-request-id"]) == 32
    assert "demo/image/upload/delivered" in answer.headers["surrogate-key"].split()
    info = r'content-info;desc="width=512,height=512,bytes=68052,format=\"jpg\",owidth=512,oheight=512,obytes=68052'
    assert answer.headers["server-timing"].startswith(info)


@pytest.mark.parametrize(
    ("chain", "extension", "size", "kind"),
    [
        ("w_100", "jpg", (100, 100), "JPEG"),
        ("c_fill,h_60,w_90", "png", (90, 60), "PNG"),
        ("c_scale,w_0.5/e_grayscale", "webp", (256, 256), "WEBP"),
        ("c_pad,b_red,h_50,w_100", "jpg", (100, 50), "JPEG"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_chain_is_painted_in_the_format_asked_for(
    origin: RunningOrigin, chain: str, extension: str, size: tuple[int, int], kind: str
) -> None:
    image = (await origin.get(f"/demo/image/upload/{chain}/delivered.{extension}")).picture()
    assert (image.size, image.format) == (size, kind)


@pytest_twisted.ensureDeferred
async def test_f_auto_follows_accept_and_says_so(origin: RunningOrigin) -> None:
    """Private for browsers, since they would mix the variants up; edges hold it by CDN-Cache-Control."""
    path = "/demo/image/upload/f_auto,w_120/delivered"
    webp = await origin.get(path, Accept="image/webp,*/*")
    plain = await origin.get(path, Accept="*/*")
    assert (webp.picture().format, plain.picture().format) == ("WEBP", "JPEG")
    for answer in (webp, plain):
        assert answer.headers["vary"] == "Accept"
        assert answer.headers["cache-control"].startswith("private, no-transform")
        assert answer.headers["cdn-cache-control"] == "max-age=2592000"


@pytest_twisted.ensureDeferred
async def test_the_time_a_render_took_is_told_to_whom_waited_for_it(origin: RunningOrigin) -> None:
    path = "/demo/image/upload/w_91/delivered.png"
    first, again = await origin.get(path), await origin.get(path)
    info, whole, painted = first.headers["server-timing"].rsplit(", ", 2)
    assert whole.startswith("origin;dur=")
    assert painted.startswith("transformation;dur=")
    assert float(whole.partition("=")[2]) >= float(painted.partition("=")[2]) > 0
    assert again.headers["server-timing"].rpartition(", ")[0] == info
    assert "transformation" not in (await origin.get(ORIGINAL)).headers["server-timing"]


@pytest_twisted.ensureDeferred
async def test_f_auto_hands_the_stored_bytes_back_where_they_are_the_smallest(origin: RunningOrigin) -> None:
    """But never those of a private original to whom they are not shown."""
    small = as_bytes(logo(120).quantize(16), "PNG", optimize=True)
    for kind in ("upload", "private"):
        await origin.upload(small, public_id="small", type=kind)
    assert (await origin.get("/demo/image/upload/f_auto/small")).body == small
    hidden = await origin.get("/demo/image/private/f_auto/small")
    assert hidden.picture().format == "PNG"
    assert hidden.body != small


@pytest_twisted.ensureDeferred
async def test_fifty_viewers_of_one_cold_picture_cost_one_render(origin: RunningOrigin) -> None:
    before = origin.node.counters.renders
    asked = [Deferred.fromCoroutine(origin.get("/demo/image/upload/w_333/delivered.png")) for _ in range(50)]
    answers = await gatherResults(asked, consumeErrors=True)
    assert {each.status for each in answers} == {200}
    assert len({each.body for each in answers}) == 1
    assert origin.node.counters.renders == before + 1


@pytest_twisted.ensureDeferred
async def test_a_derived_asset_whose_bytes_are_lost_is_made_again(origin: RunningOrigin) -> None:
    """A store that lost a file that can be made anew costs one render, not the picture."""
    path = "/demo/image/upload/w_77/delivered.png"
    first = await origin.get(path)
    before = origin.node.counters.renders
    asset = await origin.node.catalogue.assets.get(Identity("demo", "image", "upload", "delivered"))
    assert asset is not None
    rows = [each for each in await origin.node.catalogue.derived.of(asset.asset_id) if each.width == 77]
    assert len(rows) == 1
    await origin.node.store.delete(rows[0].store_key)
    again = await origin.get(path)
    assert (again.status, again.body) == (200, first.body)
    assert origin.node.counters.renders == before + 1


@pytest_twisted.ensureDeferred
async def test_spellings_of_one_picture_share_one_file(origin: RunningOrigin) -> None:
    """Order of params, defaults written out, version, a name to save it under: none changes a byte."""
    before = origin.node.counters.renders
    paths = ("c_fill,h_70,w_70", "w_70,h_70,c_fill", "c_fill,h_70,w_70/v1", "c_fill,fl_attachment,h_70,w_70")
    bodies = {(await origin.get(f"/demo/image/upload/{path}/delivered.jpg")).body for path in paths}
    assert len(bodies) == 1
    assert origin.node.counters.renders == before + 1


@pytest_twisted.ensureDeferred
async def test_head_answers_gets_fields_without_its_body(origin: RunningOrigin) -> None:
    path = "/demo/image/upload/w_77/delivered.jpg"
    await origin.get(path)  # only the first is told how long it was painted
    head, got = await origin.get(path, method="HEAD"), await origin.get(path)
    assert head.body == b""
    ignored = {
        "x-request-id",
        "date",
        "content-encoding",
        "server-timing",  # how long each took
        "content-length",
    }  # the client hides the last on GET
    assert {n: v for n, v in head.headers.items() if n not in ignored} == {
        n: v for n, v in got.headers.items() if n not in ignored
    }
    assert int(head.headers["content-length"]) == len(got.body)


@pytest_twisted.ensureDeferred
async def test_validators_spare_the_body(origin: RunningOrigin) -> None:
    first = await origin.get(ORIGINAL)
    for condition in (
        {"If_None_Match": first.headers["etag"]},
        {"If_None_Match": f'"x", W/{first.headers["etag"]}'},
        {"If_Modified_Since": first.headers["last-modified"]},
    ):
        again = await origin.get(ORIGINAL, **condition)
        assert (again.status, again.body) == (304, b"")
        for name in (
            "etag",
            "cache-control",
            "last-modified",
            "access-control-allow-origin",
            "surrogate-key",
        ):
            assert again.headers[name] == first.headers[name]
    stale = await origin.get(ORIGINAL, If_None_Match='"x"', If_Modified_Since=first.headers["last-modified"])
    assert stale.status == 200


@pytest.mark.parametrize(
    ("asked", "condition", "status", "told", "body"),
    [
        ("bytes=0-9", None, 206, "bytes 0-9/68052", GOOD[:10]),
        ("bytes=-5", None, 206, "bytes 68047-68051/68052", GOOD[-5:]),
        ("bytes=68000-", None, 206, "bytes 68000-68051/68052", GOOD[68000:]),
        ("bytes=68052-", None, 416, "bytes */68052", b""),
        ("bytes=0-1,60000-60001", None, 200, None, GOOD),
        ("bytes=x", None, 200, None, GOOD),
        ("bytes=0-9", f'"{MD5}"', 206, "bytes 0-9/68052", GOOD[:10]),
        ("bytes=0-9", '"other"', 200, None, GOOD),
        ("bytes=0-9", f'W/"{MD5}"', 200, None, GOOD),
    ],
)
@pytest_twisted.ensureDeferred
async def test_one_range_is_served_as_a_range(
    origin: RunningOrigin, asked: str, condition: str | None, status: int, told: str | None, body: bytes
) -> None:
    named = {"Range": asked} | ({"If_Range": condition} if condition else {})
    answer = await origin.get(ORIGINAL, **named)
    assert (answer.status, answer.headers.get("content-range"), answer.body) == (status, told, body)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (signed("upload"), 200),
        (signed("upload", transformation={"width": 20}), 200),
        (signed("upload", long_url_signature=True), 200),
        (signed("authenticated"), 200),
        (signed("authenticated", transformation={"width": 20}), 200),
        (signed("private"), 200),
        ("/demo/image/private/w_20/delivered.jpg", 200),
        ("/demo/image/private/delivered.jpg", 401),
        ("/demo/image/private/fl_attachment/delivered.jpg", 401),
        ("/demo/image/private/f_jpg/delivered", 401),
        ("/demo/image/private/c_limit,w_5000/delivered.jpg", 401),
        ("/demo/image/authenticated/delivered.jpg", 401),
        ("/demo/image/authenticated/w_20/delivered.jpg", 401),
        ("/demo/image/upload/s--AAAAAAAA--/delivered.jpg", 401),
        ("/demo/image/upload/s--AAA--/delivered.jpg", 401),
        (signed("upload").replace("/delivered", "/w_10/delivered"), 401),
        ("/strict/image/fetch/https://example.com/a.jpg", 401),
        ("/strict/image/upload/w_10/delivered.jpg", 401),
        ("/closed/image/upload/delivered.jpg", 401),
        ("/demo/image/authenticated/nothing.jpg", 401),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_signature_opens_what_it_covers_and_no_more(
    origin: RunningOrigin, path: str, status: int
) -> None:
    answer = await origin.get(path)
    assert answer.status == status, answer.headers
    if status == 401:
        reasons = {
            "/strict/image/fetch": "Images of type fetch are restricted in this account",
            "/strict/image/upload": "Images of type upload are restricted in this account",
            "/closed/image/upload": "cloud_name closed is disabled",
        }
        reason = reasons.get("/".join(path.split("/")[:4]), "deny or ACL failure")
        assert answer.headers["x-cld-error"] == reason


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        ("/demo/image/upload/nothing.jpg", 404, "Resource not found - nothing"),
        ("/demo/image/upload/w_abc/nothing.jpg", 404, "Resource not found - nothing"),
        ("/demo/image/upload/zz_1/nothing.jpg", 400, "Invalid transformation component - zz_1"),
        ("/demo/image/upload/w_abc/delivered.jpg", 400, "Invalid width in transformation: abc"),
        ("/demo/image/upload/w_0/delivered.jpg", 400, "Invalid width in transformation: 0"),
        ("/demo/image/upload/fl_pdf/delivered.jpg", 400, "Invalid flag in transformation: pdf"),
        ("/demo/image/upload/c_scale,h_30000,w_30000/delivered.jpg", 400, "30000"),
        ("/demo/image/upload/delivered.svg", 400, "Unsupported output format svg"),
        ("/demo/image/upload/w_10/delivered.zzz", 400, "Unsupported output format zzz"),
        ("/demo/image/upload/nothing.zzz", 404, "Resource not found - nothing.zzz"),
        ("/demo/image/upload/d_stand:in/delivered.zzz", 400, "Unsupported output format zzz"),
        ("/demo/raw/upload/w_10/docs/manual.txt", 400, "Transformations are not supported for raw files"),
        ("/demo/video/upload/delivered.mp4", 404, "Resource not found - delivered"),
        ("/demo/image/nonsense/delivered.jpg", 404, "Resource not found - delivered"),
        ("/nobody/image/upload/delivered.jpg", 404, "Invalid cloud_name nobody"),
        ("/nobody/image/upload/zz_1/delivered.jpg", 404, "Invalid cloud_name nobody"),
        ("/", 404, "Invalid cloud_name"),
        ("/favicon.ico", 404, "Invalid cloud_name favicon.ico"),
        ("/demo/image/upload/%ff%fe.jpg", 400, "Invalid URL encoding"),
        ("/demo/image/upload/..%2f..%2fetc/passwd", 404, "Resource not found"),
        ("/demo/image/upload/%E9%9B%AA.jpg", 404, "Resource not found - %E9%9B%AA"),
        ("/demo/image/upload/a%0D%0AX-Evil:1.jpg", 400, "is invalid"),
        (
            "/demo/image/upload/fl_attachment:a%0D%0AX-Evil:1/delivered.jpg",
            400,
            "Invalid flag in transformation",
        ),
        ("/demo/image/upload/" + "x" * 300 + ".jpg", 400, "public_id is too long"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_refusal_has_no_body_and_says_why_in_one_field(
    origin: RunningOrigin, path: str, status: int, reason: str
) -> None:
    answer = await origin.get(path)
    assert (answer.status, answer.body) == (status, b""), answer.headers
    assert reason in answer.headers["x-cld-error"]
    assert "x-evil" not in answer.headers
    assert answer.headers["content-type"] == "image/gif"
    assert answer.headers["cache-control"] == "private, no-transform, max-age=0, no-cache"
    assert "etag" not in answer.headers
    assert (await origin.get(ORIGINAL)).status == 200


@pytest_twisted.ensureDeferred
async def test_a_404_can_be_purged_by_the_upload_that_ends_it(origin: RunningOrigin) -> None:
    """Edges keep 40x for a while: the keys of every asset the URL may mean travel with it."""
    answer = await origin.get("/demo/image/upload/w_10/later.jpg")
    keys = set(answer.headers["surrogate-key"].split())
    assert {"demo/image/upload/later", "demo/image/upload/later.jpg"} <= keys


@pytest_twisted.ensureDeferred
async def test_other_methods_are_told_which_ones_there_are(origin: RunningOrigin) -> None:
    answer = await origin.get(ORIGINAL, method="DELETE")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    preflight = await origin.get(ORIGINAL, method="OPTIONS")
    assert preflight.status == 204
    assert preflight.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("version", "seconds"), [("v1", 2592000), ("v99999999999", 60), ("v" + "9" * 5000, 60)]
)
@pytest_twisted.ensureDeferred
async def test_a_version_not_seen_yet_is_not_kept_long(
    origin: RunningOrigin, version: str, seconds: int
) -> None:
    """It may be the old bytes of a file about to be replaced."""
    answer = await origin.get(f"/demo/image/upload/{version}/delivered.jpg")
    assert answer.status == 200
    assert answer.headers["cdn-cache-control"] == f"max-age={seconds}"
    assert f"max-age={seconds}" in answer.headers["cache-control"]


@pytest_twisted.ensureDeferred
async def test_a_stand_in_is_shown_briefly_and_says_what_is_missing(origin: RunningOrigin) -> None:
    answer = await origin.get("/demo/image/upload/c_scale,d_stand:in.png,w_32/nothing.png")
    assert answer.picture().size == (32, 24)
    assert answer.headers["x-cld-error"] == "Resource not found - nothing"
    assert answer.headers["cache-control"] == "private, no-transform, max-age=60"
    keys = answer.headers["surrogate-key"].split()
    assert {"demo/image/upload/nothing", "demo/image/upload/stand/in"} <= set(keys)
    missing = await origin.get("/demo/image/upload/d_none.png,w_32/nothing.png")
    assert (missing.status, missing.headers["x-cld-error"]) == (404, "Resource not found - nothing")


@pytest_twisted.ensureDeferred
async def test_a_stand_in_of_a_named_transformation_is_kept(origin: RunningOrigin) -> None:
    """Whoever named it there means it to stay (§8.3)."""
    answer = await origin.get("/demo/image/upload/t_held/nothing.png")
    assert answer.picture().size == (32, 24)
    assert answer.headers["x-cld-error"] == "Resource not found - nothing"
    assert answer.headers["cache-control"] == "public, no-transform, immutable, max-age=2592000"


@pytest_twisted.ensureDeferred
async def test_only_uploads_have_stand_ins(origin: RunningOrigin) -> None:
    """§8.3: nothing is shown in place of what needs leave to be seen."""
    answer = await origin.get("/demo/image/private/d_stand:in.png,w_32/nothing.png")
    assert (answer.status, answer.headers["x-cld-error"]) == (404, "Resource not found - nothing")


@pytest_twisted.ensureDeferred
async def test_what_a_picture_was_made_from_is_told_with_it(origin: RunningOrigin) -> None:
    answer = await origin.get("/demo/image/upload/c_fill,h_20,w_30/delivered.png")
    told = answer.headers["server-timing"]
    assert told.startswith('content-info;desc="width=30,height=20,bytes=')
    assert r"format=\"png\",owidth=512,oheight=512,obytes=68052,oformat=\"jpg\",crt=" in told


@pytest.mark.parametrize("query", ["?_a=DATAiZfkZAA0", "?w_10/x", "?__cld_token__=exp=1~hmac=00", "?"])
@pytest_twisted.ensureDeferred
async def test_a_query_never_changes_the_picture(origin: RunningOrigin, query: str) -> None:
    """§10."""
    answer = await origin.get(ORIGINAL + query)
    assert (answer.status, answer.body) == (200, GOOD)


@pytest.mark.parametrize(
    ("path", "plain", "extended"),
    [
        ("image/upload/fl_attachment/delivered.jpg", 'filename="_nser Bild.jpg"', "%C3%9Cnser%20Bild.jpg"),
        (
            "image/upload/f_webp,fl_attachment:caf%C3%A9,w_9/delivered",
            'filename="caf_.webp"',
            "caf%C3%A9.webp",
        ),
        ("raw/upload/fl_attachment/docs/manual.txt", 'filename="manual.txt"', "manual.txt"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_an_attachment_is_named_in_both_spellings(
    origin: RunningOrigin, path: str, plain: str, extended: str
) -> None:
    answer = await origin.get(f"/demo/{path}")
    assert answer.status == 200
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith("attachment; ")
    assert plain in disposition
    assert disposition.endswith(extended)


@pytest.mark.parametrize(
    "path",
    [
        "images/delivered/words-for-engines.jpg",
        "iu/w_33/delivered.jpg",
        "w_33/delivered.jpg",
        "image/upload//w_33//delivered.jpg",
    ],
)
@pytest_twisted.ensureDeferred
async def test_every_spelling_of_the_path_finds_the_asset(origin: RunningOrigin, path: str) -> None:
    assert (await origin.get(f"/demo/{path}")).status == 200


@pytest.mark.parametrize(
    ("chain", "size"),
    [
        ("t_thumb", (60, 40)),
        ("t_thumb/w_mul_2", (120, 80)),
        ("$own_30/t_own", (30, 30)),
        ("if_w_gt_500/c_fill,h_10,w_20/if_else/w_5/if_end", (20, 10)),
        ("if_!portrait!_in_tags,w_33", (33, 33)),
        ("$n_ctx:!breadth!_to_i/w_$n", (44, 44)),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_chain_may_ask_for_the_asset_and_name_others(
    origin: RunningOrigin, chain: str, size: tuple[int, int]
) -> None:
    """Conditions, variables and named transformations, with what was said of the asset."""
    await origin.upload(GOOD, public_id="told", tags="portrait,person", context="breadth=44")
    assert (await origin.get(f"/demo/image/upload/{chain}/told.jpg")).picture().size == size


@pytest_twisted.ensureDeferred
async def test_a_names_definition_decides_what_the_answer_varies_on(origin: RunningOrigin) -> None:
    """`f_auto` in it has no effect, `q_auto` has (transformations.md §10)."""
    answer = await origin.get("/demo/image/upload/$own_31/t_own/delivered")
    assert answer.headers["vary"] == "Save-Data"


@pytest_twisted.ensureDeferred
async def test_w_auto_follows_the_viewers_width_and_says_so(origin: RunningOrigin) -> None:
    path = "/demo/image/upload/c_limit,w_auto/delivered.jpg"
    assert (await origin.get(path, sec_ch_width="150")).picture().size == (200, 200)
    plain = await origin.get(path)
    assert plain.picture().size == (512, 512)
    assert "Sec-CH-Width" in plain.headers["vary"]


@pytest.mark.parametrize(
    ("chain", "reason"),
    [
        ("t_nobody", "Unknown transformation nobody"),
        ("$foo_bar", "Invalid assignment to $foo: bar"),
        ("w_$x", "Undefined variable in transformation: $x"),
        ("w_1_div_0", "Division by zero in transformation"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_chain_that_means_nothing_is_refused(origin: RunningOrigin, chain: str, reason: str) -> None:
    answer = await origin.get(f"/demo/image/upload/{chain}/delivered.jpg")
    assert (answer.status, answer.headers["x-cld-error"]) == (400, reason)


@pytest_twisted.ensureDeferred
async def test_chains_that_come_to_the_same_are_rendered_once(origin: RunningOrigin) -> None:
    """Whatever branches, names and sums stand in their URLs."""
    chains = ["w_83", "w_iw_sub_429", "$x_83,w_$x", "if_w_gt_1,w_83"]
    before = origin.node.counters.renders
    bodies = {(await origin.get(f"/demo/image/upload/{chain}/delivered.jpg")).body for chain in chains}
    assert len(bodies) == 1
    assert origin.node.counters.renders == before + 1
