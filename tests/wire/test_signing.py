"""Every published vector of signing.md §1–§4 and §6, and the laws behind them."""

from urllib.parse import parse_qsl, urlsplit

import cloudinary
import cloudinary.utils
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.delivery import parse
from wire.errors import InvalidRequest, Unauthorized
from wire.signing import (
    Algorithm,
    DownloadExpired,
    StaleRequest,
    Value,
    api_signature,
    check_api,
    check_download_time,
    check_timestamp,
    delivery_signature,
    gathered,
    response_signature,
    string_to_sign,
    verify_api,
    verify_delivery,
    webhook_signature,
)

SECRET = "abcd"
STAMP = "1315060510"
EAGER = "w_400,h_300,c_pad|w_260,h_200,c_crop"

REQUESTS: dict[str, tuple[dict[str, Value], Algorithm, int, str]] = {
    "R1": ({}, "sha1", 2, "a21ad0f63beb4de2e5575204b79ab90bffb02c10"),
    "R2": (
        {"public_id": "sample_image", "eager": EAGER},
        "sha1",
        2,
        "bfd09f95f331f558cbd1320e67aa8d488770583e",
    ),
    "R3": (
        {"public_id": "sample_image", "eager": EAGER},
        "sha256",
        2,
        "cc927e1290f9e3ae4c1a741eda21a4630b4ce80f9ce0bc0296337d25cf40f91e",
    ),
    "R4": (
        {"command": "add", "tag": "t1", "public_ids": ["dog", "cat", "lion"]},
        "sha1",
        2,
        "3956e98ec43e1cb9f5611bb13e525328518f3bce",
    ),
    "R5": (
        {"public_id": "img", "notification_url": "https://e.com/cb?a=1&b=2"},
        "sha1",
        2,
        "18fab8fac2010ee54b6ba3bbebb24ae9a3000f47",
    ),
    "R6": (
        {"public_id": "img", "notification_url": "https://e.com/cb?a=1&b=2"},
        "sha1",
        1,
        "cde6fd6c267f61bcb971f37a4c2de6f38726cc05",
    ),
    "R7": (
        {"public_id": "img", "type": None, "folder": "", "overwrite": "0"},
        "sha1",
        2,
        "17aa5a970c8e235334f434e51067a7f92f2d3176",
    ),
    "R8": (
        {"public_id": "folder/ü x", "context": "k=v\\|x\\=y", "tags": "a,b"},
        "sha1",
        2,
        "f6327d22670b96459424f8ca367083d24f764b3a",
    ),
    "R9": ({"public_ids": ["a&b", "c,d"]}, "sha1", 2, "db6062925ae19b5d80870c56b6649a654bd9ec24"),
    "R10": (
        {"invalidate": "1", "overwrite": "0", "public_id": "x"},
        "sha1",
        2,
        "d46c36aa3f7ff81b93175d539b02616b8f9e7235",
    ),
    "R11": (
        {"invalidate": "true", "overwrite": "false", "public_id": "x"},
        "sha1",
        2,
        "90ae05b3f6ee388f8a1e5ff5bce1a09eb6113127",
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_published_request_signs_as_published(name: str) -> None:
    """signing.md §1.5."""
    params, algorithm, version, signature = REQUESTS[name]
    stamped: dict[str, Value] = {"timestamp": STAMP, **params}
    assert api_signature(stamped, SECRET, algorithm, version) == signature
    assert verify_api(stamped, signature, SECRET)


def test_arrays_join_with_commas_and_ampersands_are_escaped() -> None:
    """R9's string: the comma inside an element is not escaped."""
    params = gathered([("timestamp", STAMP), ("public_ids[]", "a&b"), ("public_ids[1]", "c,d")])
    assert string_to_sign(params) == f"public_ids=a%26b,c,d&timestamp={STAMP}"


def test_version_1_can_be_switched_off() -> None:
    """It lets an attacker regroup params across `&`."""
    params, _, _, signature = REQUESTS["R6"]
    assert not verify_api({"timestamp": STAMP, **params}, signature, SECRET, allow_version_1=False)


def test_an_account_may_insist_on_sha256() -> None:
    """The length of the signature tells its algorithm."""
    params = {"timestamp": STAMP}
    assert not verify_api(params, api_signature(params, SECRET), SECRET, algorithms=["sha256"])
    assert verify_api(params, api_signature(params, SECRET, "sha256"), SECRET, algorithms=["sha256"])


@pytest.mark.parametrize("action", ["tags", "context", "metadata"])
def test_some_actions_leave_the_notification_url_unsigned(action: str) -> None:
    """§1.2, step 3: the Python SDK sends it there without signing it."""
    signed = {"timestamp": STAMP, "command": "add"}
    sent = {**signed, "notification_url": "https://e.com", "batch_id": "b"}
    assert verify_api(sent, api_signature(signed, SECRET), SECRET, action=action)
    assert not verify_api(sent, api_signature(signed, SECRET), SECRET, action="rename")


def test_a_wrong_signature_is_told_what_should_have_been_signed() -> None:
    """§1.4; the secret is not in the sentence."""
    with pytest.raises(Unauthorized) as refusal:
        check_api({"timestamp": STAMP, "public_id": "x"}, "f00", SECRET)
    sentence = f"Invalid Signature f00. String to sign - 'public_id=x&timestamp={STAMP}'."
    assert refusal.value.public == sentence
    assert refusal.value.status == 401


names = st.from_regex(r"[a-z_]{1,12}", fullmatch=True).filter(
    lambda name: name not in {"file", "cloud_name", "resource_type", "api_key", "signature"}
)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
params_of_a_call = st.dictionaries(names, texts | st.lists(texts, min_size=1, max_size=3), max_size=6)


@given(params_of_a_call, st.sampled_from([1, 2]))
def test_what_the_official_sdk_signs_is_verified(params: dict[str, str | list[str]], version: int) -> None:
    """Whoever signs with `cloudinary.utils` is let in, whatever the values hold."""
    for algorithm in ("sha1", "sha256"):
        theirs = cloudinary.utils.api_sign_request(params, SECRET, algorithm, version)
        assert verify_api(params, theirs, SECRET)


@given(params_of_a_call.filter(bool), st.data())
def test_any_changed_character_of_a_request_is_refused(
    params: dict[str, str | list[str]], data: st.DataObject
) -> None:
    """Both in a value and in the signature."""
    signature = api_signature(params, SECRET)
    name = data.draw(st.sampled_from(sorted(params)))
    changed = data.draw(texts.filter(lambda text: text != params[name] and [text] != params[name]))
    if string_to_sign({**params, name: changed}) != string_to_sign(params):
        assert not verify_api({**params, name: changed}, signature, SECRET, allow_version_1=False)
    position = data.draw(st.integers(0, len(signature) - 1))
    other = data.draw(
        st.sampled_from("0123456789abcdefg\xe9").filter(lambda digit: digit != signature[position])
    )
    assert not verify_api(params, signature[:position] + other + signature[position + 1 :], SECRET)
    assert not verify_api(params, signature, SECRET + "x")


def test_a_timestamp_is_good_for_an_hour_on_either_side() -> None:
    """§1.3, with the documented sentence."""
    reported = 1434804000
    check_timestamp(str(reported), reported + 3600)
    check_timestamp(reported, reported - 3600)
    with pytest.raises(StaleRequest) as refusal:
        check_timestamp(str(1434805181), 1434805181 + 3601)
    assert refusal.value.public == (
        "Stale request - reported time is 2015-06-20 12:59:41 +0000 which is more than 1 hour ago"
    )
    with pytest.raises(StaleRequest):
        check_timestamp(str(reported), reported - 3601)


@pytest.mark.parametrize(
    ("timestamp", "sentence"),
    [
        (None, "Missing required parameter - timestamp"),
        ("", "Missing required parameter - timestamp"),
        ("soon", "Invalid timestamp - soon"),
        ("-5", "Invalid timestamp - -5"),
        ("9" * 5000, None),
        ("1\r\nX: y", "Invalid timestamp - 1%0D%0AX: y"),
        ("٣", "Invalid timestamp - ٣"),
    ],
)
def test_a_timestamp_that_is_none_is_refused(timestamp: str | None, sentence: str | None) -> None:
    """Whatever it holds, and without breaking a header."""
    with pytest.raises(InvalidRequest) as refusal:
        check_timestamp(timestamp, 0.0)
    assert sentence is None or refusal.value.public == sentence


@pytest.mark.parametrize(
    ("public_id", "version", "algorithm", "signature"),
    [
        ("sample_image", 1719307544, "sha1", "578b226e673fb2ab598fad25a81d6ed54ee5768d"),
        ("folder/sub/ü x", 1312461204, "sha1", "20de0849d7d189338b33538a394af3d3772afa9c"),
        ("a&b", 1719307544, "sha1", "7810017bfd0335f3523f2e811ab006df47efec22"),
        (
            "sample_image",
            1719307544,
            "sha256",
            "24fe5b66ed9fdce4104f87b3ed24b6d1c3a62e61223042580614e4f6445986f3",
        ),
    ],
)
def test_an_answer_signs_as_published(
    public_id: str, version: int, algorithm: Algorithm, signature: str
) -> None:
    """signing.md §2, and the SDK's own check agrees."""
    assert response_signature(public_id, version, SECRET, algorithm) == signature
    cloudinary.config(cloud_name="demo", api_key="1234", api_secret=SECRET)
    assert cloudinary.utils.verify_api_response_signature(public_id, version, signature, algorithm)


@pytest.mark.parametrize(
    ("body", "algorithm", "signature"),
    [
        (
            '{"notification_type":"upload","public_id":"sample"}',
            "sha1",
            "6739aae925cb229c5a4948b84c1db8a994a4caf1",
        ),
        (
            '{"notification_type":"eager","tags":["ü"],"bytes":0}',
            "sha1",
            "357aebc08367cc6b7a0339013d7c673cb81c846a",
        ),
        (
            '{"notification_type":"upload","public_id":"sample"}',
            "sha256",
            "626b7b3a7e5c74da76ff487dc299ec234779fa5de3012a45cd552a34068218d0",
        ),
    ],
)
def test_a_webhook_signs_as_published(body: str, algorithm: Algorithm, signature: str) -> None:
    """signing.md §3."""
    assert webhook_signature(body.encode(), 1700000000, SECRET, algorithm) == signature


DELIVERIES = {
    "D1": ("/demo/image/upload/s--lGdq5NKO--/sample.jpg", "sample.jpg"),
    "D2": ("/demo/image/upload/s--__qjBcC6--/c_scale,w_100/sample.jpg", "c_scale,w_100/sample.jpg"),
    "D3": ("/demo/image/upload/s--__qjBcC6--/c_scale,w_100/v1234/sample.jpg", "c_scale,w_100/sample.jpg"),
    "D4": ("/demo/image/upload/s--M0m4Cy7---/v1/folder/test.png", "folder/test.png"),
    "D5": (
        "/demo/image/upload/s--X64F-e1B5c_fKcVZ7iJXh4eFyCQVqO26--/c_scale,w_100/sample.jpg",
        "c_scale,w_100/sample.jpg",
    ),
    "D6": ("/demo/image/upload/s--X64F-e1B--/c_scale,w_100/sample.jpg", "c_scale,w_100/sample.jpg"),
    "D7": (
        "/demo/image/upload/s--jXiCPhef--/c_fill,h_150,w_100/e_sepia/sample.jpg",
        "c_fill,h_150,w_100/e_sepia/sample.jpg",
    ),
    "D8": ("/demo/video/authenticated/s--sKdMlzz5--/dog.mp4", "dog.mp4"),
    "D9": ("/demo/image/upload/s--qsvmP6og--/v1/a%20b/%C3%BC.jpg", "a%20b/%C3%BC.jpg"),
    "D10": (
        "/demo/image/fetch/s--g7jJuVLZ--/w_50/http://example.com/i%20m.jpg%3Fx%3D1",
        "w_50/http://example.com/i%20m.jpg%3Fx%3D1",
    ),
    "D11": ("/images/s--lGdq5NKO--/sample/seo-name.jpg", "sample.jpg"),
    "D12": ("/demo/image/upload/s--sXJW_sBC--/t_thumb/sample.jpg", "t_thumb/sample.jpg"),
}


@pytest.mark.parametrize("name", DELIVERIES)
def test_a_published_delivery_url_is_verified(name: str) -> None:
    """signing.md §4."""
    path, signed_text = DELIVERIES[name]
    url = parse(path.encode(), clouds_in_path=name != "D11", cloud="demo")
    assert "/".join(part for part in (url.chain, url.source) if part) == signed_text
    assert verify_delivery(url, [SECRET])
    assert verify_delivery(url, ["another", SECRET])
    assert not verify_delivery(url, ["another"])
    assert not verify_delivery(url, [])


def test_an_unsigned_url_is_not_verified() -> None:
    """Nothing signed, nothing proven."""
    assert not verify_delivery(parse(b"/demo/image/upload/sample.jpg"), [SECRET])


def test_a_url_respelled_on_its_way_is_still_verified() -> None:
    """Node leaves `(` alone where Python escapes it; browsers escape what SDKs do not."""
    signature = delivery_signature("", "a%20%28b%29.jpg", SECRET)
    assert verify_delivery(parse(f"/demo/image/upload/s--{signature}--/a%20(b).jpg".encode()), [SECRET])
    raw = delivery_signature("e_sepia:80|x", "a.jpg", SECRET)
    assert verify_delivery(parse(f"/demo/image/upload/s--{raw}--/e_sepia:80%7Cx/a.jpg".encode()), [SECRET])


def test_a_signature_over_a_chain_opens_no_folder_of_that_name() -> None:
    """Respelling must not turn an escaped slash into a separator."""
    signature = delivery_signature("w_9", "cat.jpg", SECRET)
    assert verify_delivery(parse(f"/demo/image/upload/s--{signature}--/w_9/cat.jpg".encode()), [SECRET])
    assert not verify_delivery(parse(f"/demo/image/upload/s--{signature}--/w_9%2Fcat.jpg".encode()), [SECRET])
    assert not verify_delivery(parse(f"/demo/image/upload/s--{signature}--/v1/w_9/cat.jpg".encode()), ["x"])


@given(st.data())
def test_any_changed_byte_of_a_signed_path_is_refused(data: st.DataObject) -> None:
    """Of the chain, the resource or the signature; version, types and cloud are not signed (§4)."""
    chain, source = "c_fill,h_150,w_100/e_sepia", "folder/sample.jpg"
    signature = delivery_signature(chain, source, SECRET, long=data.draw(st.booleans()))
    path = f"/demo/image/upload/s--{signature}--/{chain}/{source}"
    assert verify_delivery(parse(path.encode()), [SECRET])
    start = path.index("s--")
    position = data.draw(st.integers(start, len(path) - 1))
    other = data.draw(st.sampled_from("abcXYZ019_-.").filter(lambda letter: letter != path[position]))
    changed = path[:position] + other + path[position + 1 :]
    try:
        url = parse(changed.encode())
    except (InvalidRequest, Unauthorized):
        return
    assert not verify_delivery(url, [SECRET])


DOWNLOADS: dict[str, tuple[dict[str, Value], str]] = {
    "F1": (
        {
            "timestamp": "1700000000",
            "public_id": "img",
            "format": "jpg",
            "type": "private",
            "attachment": "1",
            "expires_at": "1700003600",
        },
        (
            "timestamp=1700000000&public_id=img&format=jpg&type=private&attachment=1&expires_at=1700003600"
            "&signature=2fa74539017c5431252eefda2563e16063b97243&api_key=1234"
        ),
    ),
    "F2": (
        {
            "mode": "download",
            "public_ids": ["dog", "cat"],
            "target_format": "zip",
            "timestamp": "1700000000",
        },
        (
            "mode=download&public_ids%5B%5D=dog&public_ids%5B%5D=cat&target_format=zip&timestamp=1700000000"
            "&signature=241d843e05a0c2ed4a0f290f5f73a5ed118c99b0&api_key=1234"
        ),
    ),
    "F3": (
        {
            "expires_at": "1700003600",
            "mode": "download",
            "prefixes": ["folder/"],
            "timestamp": "1700000000",
        },
        (
            "expires_at=1700003600&mode=download&prefixes%5B%5D=folder%2F&timestamp=1700000000"
            "&signature=f1965dc9f0750898860e457fbb3874b0599d899b&api_key=1234"
        ),
    ),
    "F4": (
        {"timestamp": "1700000000", "asset_id": "a" * 32, "version_id": "b" * 32},
        (
            f"timestamp=1700000000&asset_id={'a' * 32}&version_id={'b' * 32}"
            "&signature=f8f0d8f7641c1405fb92dc0c02bfd0cdf913909b&api_key=1234"
        ),
    ),
    "F5": (
        {"mode": "download", "timestamp": "1700000000", "tag": "logo", "transformation": "f_pdf"},
        (
            "mode=download&timestamp=1700000000&tag=logo&transformation=f_pdf"
            "&signature=265872abb573200c944e2a5502ef75f92b1c65e1&api_key=1234"
        ),
    ),
    "F6": (
        {"timestamp": "1700000000", "tag": "t1", "transformation": "c_scale,w_100"},
        (
            "timestamp=1700000000&tag=t1&transformation=c_scale%2Cw_100"
            "&signature=842ab30d2ae384c5b0d7a200287be50df580b6b2&api_key=1234"
        ),
    ),
}


@pytest.mark.parametrize("name", DOWNLOADS)
def test_a_published_download_signs_as_published(name: str) -> None:
    """signing.md §6: what its query string tells, and its signature."""
    params, query = DOWNLOADS[name]
    received = gathered(parse_qsl(urlsplit("/?" + query).query, strict_parsing=True))
    assert received == {**params, "signature": received["signature"], "api_key": "1234"}
    assert verify_api(received, str(received["signature"]), SECRET)


def test_a_download_expires_when_it_says_so() -> None:
    """`expires_at` replaces the hour from the timestamp (§6)."""
    params = {"timestamp": "1000", "expires_at": "90000"}
    check_download_time(params, 90000)
    with pytest.raises(DownloadExpired) as refusal:
        check_download_time(params, 90001)
    assert (refusal.value.status, refusal.value.public) == (401, "Request timestamp expired")
    with pytest.raises(StaleRequest):
        check_download_time({"timestamp": "1000"}, 90000)
