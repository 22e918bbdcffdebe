"""Delivery URLs taken apart and put together (delivery-urls.md §1–§6)."""

import re
from time import process_time

import cloudinary
import cloudinary.utils
import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from wire.delivery import DELIVERY_TYPES, DeliveryUrl, Form, asset_url, parse
from wire.errors import InvalidRequest, MediaError, NotFound, Unauthorized

WORKED = [
    # path after the cloud name, chain, version, public id, format
    ("image/upload/sample.jpg", "", None, "sample", "jpg"),
    ("image/upload/my_photo.jpg", "", None, "my_photo", "jpg"),
    ("image/upload/w_100/my_photo", "w_100", None, "my_photo", None),
    ("image/upload/c_fill,w_10/v12/a/b.png", "c_fill,w_10", "12", "a/b", "png"),
    ("image/upload/v1/my_path/x.jpg", "", "1", "my_path/x", "jpg"),
    ("image/upload/travel_pics/x.jpg", "", None, "travel_pics/x", "jpg"),
    ("image/upload/t_thumb/f_auto/q_auto/x", "t_thumb/f_auto/q_auto", None, "x", None),
    ("iu/w_100/sample", "w_100", None, "sample", None),
    ("c_crop,h_200,w_300/sample.jpg", "c_crop,h_200,w_300", None, "sample", "jpg"),
    ("raw/upload/v1/doc.pdf", "", "1", "doc.pdf", None),
    ("image/private/c_scale,w_1.0/v123456/img.jpg", "c_scale,w_1.0", "123456", "img", "jpg"),
    # §5, what SDKs emit
    ("images/sample/hello.jpg", "", None, "sample", "jpg"),
    ("images/sample/hello", "", None, "sample", None),
    ("files/f.pdf/doc", "", None, "f.pdf", None),
    ("files/f/doc.pdf", "", None, "f.pdf", None),
    ("images/a_0/test/hello", "a_0", None, "test", None),
    ("sample", "", None, "sample", None),
    ("a_0/test", "a_0", None, "test", None),
    ("image/upload/w_300,h_350,c_fill//x.jpg", "w_300,h_350,c_fill", None, "x", "jpg"),
    # corners of §3
    ("image/upload/v12", "", None, "v12", None),
    ("image/upload/w_100", "", None, "w_100", None),
    ("image/upload/v1/v2/x", "", "1", "v2/x", None),
    ("image/upload/v1x/y", "", None, "v1x/y", None),
    ("image/upload/A_x/y", "", None, "A_x/y", None),
    ("image/upload/01_x/y", "", None, "01_x/y", None),
    ("image/upload/a%2Fb%2Ejpg", "", None, "a/b", "jpg"),
    ("image/upload/%E2%98%83%20x.PNG", "", None, "☃ x", "png"),
    ("image/upload/☃.png", "", None, "☃", "png"),
    ("image/upload/a.b", "", None, "a.b", None),
    ("image/upload/s--abcdefgh--", "", None, "s--abcdefgh--", None),
    ("image", "", None, "image", None),
    ("video/upload/so_3/clip.jpg", "so_3", None, "clip", "jpg"),
    ("image/upload/sample.jpg?_a=DATAiZfkZAA0&w_1/x", "", None, "sample", "jpg"),
    ("image/upload/sample.jpg#top", "", None, "sample", "jpg"),
]


@pytest.mark.parametrize(("path", "chain", "version", "public_id", "extension"), WORKED)
def test_a_worked_split(
    path: str, chain: str, version: str | None, public_id: str, extension: str | None
) -> None:
    """The sheet's tables, on a shared host and on a private one."""
    for url in (
        parse(f"/demo/{path}".encode()),
        parse(f"/{path}".encode(), clouds_in_path=False, cloud="demo"),
    ):
        assert (url.cloud, url.chain, url.version) == ("demo", chain, version)
        assert (url.public_id, url.extension) == (public_id, extension)


def test_a_fetch_url_is_decoded_once_and_escaped_again() -> None:
    """§6: what is illegal in a URL, and nothing else."""
    url = parse(b"/demo/image/fetch/w_10,f_auto/https://ex.com/a%20b%3Fx%3D1")
    assert (url.delivery_type, url.chain) == ("fetch", "w_10,f_auto")
    assert url.public_id == "https://ex.com/a%20b?x=1"
    assert url.extension is None
    assert url.remote_url == "https://ex.com/a%20b?x=1"


@pytest.mark.parametrize(
    ("resource", "remote"),
    [
        ("https://ex.com/%25E2%2598%2583.jpg", "https://ex.com/%E2%98%83.jpg"),
        ("https://ex.com/a%3Fx%3D1&y%3D2", "https://ex.com/a?x=1&y=2"),
        ("https%3A%2F%2Fex.com%2Fa.jpg", "https://ex.com/a.jpg"),
        ("https:/ex.com/a.jpg", "https://ex.com/a.jpg"),
        ("HTTPS:/ex.com/a.jpg", "HTTPS://ex.com/a.jpg"),
        ("https:////ex.com//a.jpg", "https://ex.com/a.jpg"),
        ("ftp://ex.com/w_1/a.jpg", "ftp://ex.com/w_1/a.jpg"),
        ("https://ex.com/100%25", "https://ex.com/100%25"),
        ("https://ex.com/a.jpg?lost=1", "https://ex.com/a.jpg"),
    ],
)
def test_a_remote_url_survives_its_journey(resource: str, remote: str) -> None:
    """Proxies swallow a slash, SDKs escape twice, a bare question mark begins our own query."""
    assert parse(f"/demo/image/fetch/w_50/v3/{resource}".encode()).remote_url == remote


def test_the_first_segment_that_starts_a_url_ends_the_chain_of_a_fetch() -> None:
    """Even where a component could follow."""
    url = parse(b"/demo/image/fetch/w_10/http://ex.com/w_1/x")
    assert (url.chain, url.resource) == ("w_10", "http://ex.com/w_1/x")


def test_a_signature_is_measured_not_searched() -> None:
    """It may itself begin or end with a dash (§3.5)."""
    assert parse(b"/demo/image/upload/s--M0m4Cy7---/v1/folder/test.png").signature == "M0m4Cy7-"
    assert parse(b"/demo/images/s--abcdefgh--/w_1/abc123/red-shoe.jpg") == DeliveryUrl(
        "demo", "abc123", signature="abcdefgh", chain="w_1", suffix="red-shoe.jpg", form=Form.SUFFIX
    )
    assert parse(b"/demo/image/upload/s--" + b"a" * 32 + b"--/x").signature == "a" * 32


@pytest.mark.parametrize("characters", ["", "abc", "abcdefghi", "a" * 31, "a" * 33, "a" * 5000])
def test_a_signature_of_another_length_is_refused(characters: str) -> None:
    """401, not an asset of that name."""
    with pytest.raises(Unauthorized):
        parse(f"/demo/image/upload/s--{characters}--/sample.jpg".encode())


@pytest.mark.parametrize(
    ("path", "error", "sentence"),
    [
        (
            "/demo/image/upload/my_path/x.jpg",
            InvalidRequest,
            "Invalid transformation component - my_path",
        ),
        (
            "/demo/image/upload/w_100,foo/x.jpg",
            InvalidRequest,
            "Invalid transformation component - w_100,foo",
        ),
        (
            "/demo/image/upload/w_%0d%0aX/ab_%0a/x.jpg",
            InvalidRequest,
            "Invalid transformation component - ab_%0a",
        ),
        ("/demo/image/fetch/my_path/https://x", InvalidRequest, "Invalid transformation component - my_path"),
        ("/demo/image/unknown/x.jpg", NotFound, "Resource not found - x"),
        ("/demo/image/upload/", NotFound, "Resource not found - "),
        ("/demo/image/upload", NotFound, "Resource not found - "),
        ("/demo/", NotFound, "Resource not found - "),
        ("/demo", NotFound, "Resource not found - "),
        ("/", NotFound, "Resource not found - "),
        ("", NotFound, "Resource not found - "),
        ("*", NotFound, "Resource not found - "),
        (
            "/demo/image/upload/a%0D%0ASet-Cookie:x",
            InvalidRequest,
            "public_id (a%0D%0ASet-Cookie:x) is invalid",
        ),
        ("/demo/image/upload/a%00", InvalidRequest, "public_id (a%00) is invalid"),
        ("/demo/image/upload/a%FF", InvalidRequest, "Invalid URL encoding - a%FF"),
        (f"/demo/image/upload/{'x' * 256}", InvalidRequest, "public_id is too long"),
    ],
)
def test_a_bad_path_is_refused_in_the_words_of_the_sheet(
    path: str, error: type[MediaError], sentence: str
) -> None:
    """§3, §8.2; always one printable line."""
    with pytest.raises(error) as refusal:
        parse(path.encode())
    assert refusal.value.public == sentence


def test_a_target_in_absolute_form_is_one_too() -> None:
    """RFC 9112 §3.2.2: proxies send it, servers must take it."""
    assert parse(b"http://127.0.0.1:8000/demo/image/upload/x.jpg") == parse(b"/demo/image/upload/x.jpg")


def test_a_dot_is_tried_as_an_extension_then_as_part_of_the_name() -> None:
    """An asset stored as `myname.mp4` is delivered as `myname.mp4.mp4` (§4)."""
    assert parse(b"/demo/image/upload/a.jpg").candidates() == (("a", "jpg"), ("a.jpg", None))
    assert parse(b"/demo/video/upload/myname.mp4.mp4").candidates()[0] == ("myname.mp4", "mp4")
    assert parse(b"/demo/raw/upload/a.jpg").candidates() == (("a.jpg", None),)
    assert parse(b"/demo/image/upload/a.xyz").candidates() == (("a.xyz", None),)
    assert parse(b"/demo/files/a/doc.zip").candidates() == (("a.zip", None), ("a", None))


def test_a_root_path_on_a_private_host_may_hide_a_suffix() -> None:
    """`a_0/test/hello` (§5): tried after the plain name."""
    url = parse(b"/a_0/test/hello.jpg", clouds_in_path=False, cloud="demo")
    first, second = url.readings()
    assert (first.public_id, second.public_id, second.extension) == ("test/hello", "test", "jpg")
    assert first.path() == second.path()
    signed = parse(b"/s--abcdefgh--/test/hello", clouds_in_path=False, cloud="demo")
    assert [each.source for each in signed.readings()] == ["test/hello", "test"]


def test_images_upload_may_mean_images() -> None:
    """§3.4: only if no asset called `upload…` matches."""
    first, second = parse(b"/demo/images/upload/w_10/abc/words.jpg").readings()
    assert (first.public_id, first.chain) == ("upload/w_10/abc", "")
    assert (second.public_id, second.chain, second.extension) == ("abc", "w_10", "jpg")
    broken = parse(b"/demo/images/upload/my_path/abc/words.jpg")
    assert broken.readings() == (broken,)


def outcome(target: bytes, clouds_in_path: bool, cloud: str) -> DeliveryUrl | MediaError:
    try:
        return parse(target, clouds_in_path=clouds_in_path, cloud=cloud)
    except MediaError as refusal:
        return refusal


segments = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            *(
                "demo",
                "image",
                "video",
                "raw",
                "upload",
                "private",
                "fetch",
                "images",
                "files",
                "iu",
                "s----",
            ),
            *("s--abcdefgh--", "s--abc--", "w_100", "c_fill,w_10", "$a_1", "if_end", "my_path", "v1", "v12"),
            *("", ":", "http:", "https:", "ftp%3A", "a.jpg", "b.c.png", "%2F", "%0A", "%FF", "?", "#", "a:"),
        ]
    ),
)
targets = st.one_of(
    st.binary(max_size=120),
    st.lists(segments, max_size=9).map(lambda parts: "/".join(["", *parts]).encode("utf-8", "replace")),
)


@given(targets, st.booleans())
@example(b"/demo/image/fetch/:///http:/x", True)
@example(b"/demo/images/a", True)
@example(b"/demo/image/upload/s------/x", True)
def test_any_bytes_give_a_value_or_a_refusal_and_a_value_gives_back_its_text(
    target: bytes, clouds_in_path: bool
) -> None:
    """Totality and the exact round trip: what we verify is what the viewer sent, slashes collapsed."""
    cloud = "" if clouds_in_path else "demo"
    answer = outcome(target, clouds_in_path, cloud)
    if isinstance(answer, MediaError):
        assert answer.status in (400, 401, 404)
        assert len(answer.public.splitlines()) <= 1
        return
    url = answer
    again = parse(url.path().encode(), clouds_in_path=clouds_in_path, cloud=cloud)
    assert again == url
    assert again.path() == url.path()
    assert url.public_id
    assert url.candidates()[0] == (url.public_id, url.extension)
    for reading in url.readings():
        assert isinstance(reading.source, str)
    if url.delivery_type != "fetch" and not target.lower().startswith((b"http:", b"https:")):
        path = re.split("[?#]", target.decode())[0]
        assert url.path() == re.sub("(:?)/{2,}", lambda run: "://" if run[1] else "/", "/" + path.lstrip("/"))


ids = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(
    lambda text: all(text.split("/")) and "://" not in text and not text.startswith("http:")
)


@given(
    ids,
    st.none() | st.sampled_from(["jpg", "png", "webp"]),
    st.integers(1, 10**10),
    st.sampled_from(["", "c_fill,h_10,w_10", "e_sepia/f_auto"]),
    st.sampled_from(["upload", "private", "authenticated"]),
)
def test_a_built_url_names_the_asset_it_was_built_for(
    public_id: str, extension: str | None, version: int, chain: str, delivery_type: str
) -> None:
    """Whatever characters the name holds."""
    built = DeliveryUrl.of(
        "demo", public_id, format=extension, version=version, chain=chain, delivery_type=delivery_type
    )
    url = parse(built.path().encode())
    assert url == built
    assert (public_id, extension) in url.candidates()


@pytest.mark.parametrize("delivery_type", ["upload", "private", "authenticated"])
@pytest.mark.parametrize(("asset_type", "extension"), [("image", "jpg"), ("video", "mp4"), ("raw", None)])
@pytest.mark.parametrize("version", [None, 1719307544])
@pytest.mark.parametrize(
    "public_id", ["sample", "folder/ü x", "a,b(c)!~*'", "v1x/y", "dots.in.name", "a=b;c@d"]
)
def test_the_url_of_an_answer_is_the_one_the_official_sdk_builds(
    public_id: str, version: int | None, asset_type: str, extension: str | None, delivery_type: str
) -> None:
    """upload-api.md 3.3: against the deployment's own delivery base."""
    theirs, _ = cloudinary.utils.cloudinary_url(
        public_id,
        cloud_name="demo",
        secure=True,
        secure_distribution="cdn.example",
        api_secret="abcd",
        sign_url=delivery_type != "upload",
        resource_type=asset_type,
        type=delivery_type,
        version=version,
        format=extension,
    )
    ours = asset_url(
        "https://cdn.example/",
        "demo",
        public_id,
        version=version,
        format=extension,
        asset_type=asset_type,
        delivery_type=delivery_type,
        secret="abcd",
    )
    assert ours == theirs


def test_parsing_takes_time_in_proportion_to_length() -> None:
    """20 times the text may take 20 times as long, not 400 times: no hostile target is special."""

    def seconds(path: str) -> float:
        start = process_time()
        outcome(path.encode(), True, "")
        return process_time() - start

    for piece in ("/", "a/", "w_1/", "w_1,", ":", "://", "http:/", "%41", "s--", "%", ".", "v1/"):
        short = min(seconds("/demo/image/fetch/" + piece * 5_000) for _ in range(3))
        long = min(seconds("/demo/image/fetch/" + piece * 100_000) for _ in range(3))
        assert long < 100 * max(short, 0.0005), piece


def test_every_delivery_type_of_the_sheet_is_known() -> None:
    """§1.2."""
    for delivery_type in DELIVERY_TYPES:
        url = parse(f"/demo/image/{delivery_type}/x.jpg".encode())
        assert url.delivery_type == delivery_type
        assert evolve(url, version="7").path().endswith("/v7/x.jpg")


@pytest.mark.parametrize(
    ("written", "public_id"),
    [
        # pycloudinary escapes all but A-Za-z0-9_.-/:, js-url-gen leaves what encodeURI leaves (§6)
        ("a%26b%3Dc%2Bd", "a&b=c+d"),
        ("a&b%3Dc+d", "a&b=c+d"),
        ("a%2Cb", "a,b"),
        ("a%20%28b%29", "a (b)"),
        ("a%20(b)", "a (b)"),
        ("a%21%2A%27b", "a!*'b"),
        ("a!*'b", "a!*'b"),
        ("a%25b", "a%b"),
        ("%E2%98%83", "☃"),
        ("folder%2Fx", "folder/x"),
        ("folder/x", "folder/x"),
        ("a%2520b", "a%20b"),
    ],
)
def test_emitters_escape_differently_and_mean_the_same(written: str, public_id: str) -> None:
    """Decoded once, before the look-up."""
    assert parse(f"/demo/image/upload/v1/{written}".encode()).public_id == public_id
    assert parse(f"/demo/image/upload/v1/{written}.jpg".encode()).candidates()[0] == (public_id, "jpg")


@pytest.mark.parametrize("public_id", ["a&b=c+d", "a b", "ü/☃", "a,b", "a(b)!", "v1x/y", "w_1/x"])
def test_what_the_sdk_writes_is_read_back(public_id: str) -> None:
    """Round trip through the official SDK's own URL."""
    url, _ = cloudinary.utils.cloudinary_url(public_id, cloud_name="demo", format="png")
    assert parse(str(url).partition("cloudinary.com")[2].encode()).candidates()[0] == (public_id, "png")
