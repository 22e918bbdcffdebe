"""Delete tokens and callbacks: what a page without a key may do with its own upload."""

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_twisted
from attrs import asdict
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred, gatherResults

from origin.assets.deletetokens import VALID_SECONDS, InvalidDeleteToken, delete_token, leave_of
from origin.catalogue import Asset, Identity
from tests.support.drafts import draft
from tests.support.images import ASTRONAUT
from tests.support.notified import told
from tests.support.origins import CLOUD, SECRET, Answer, RunningOrigin, running_origin

UPLOAD = "/v1_1/demo/image/upload"
GOOD = ASTRONAUT.read_bytes()
NOW = 1_719_307_544.0
PIXEL = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
INVALID = {"error": {"message": "Invalid or expired delete token"}}


def an_asset(public_id: str = "cat") -> Asset:
    made = asdict(draft(public_id), recurse=False)
    return Asset(**made, asset_id="a" * 32, version=1, created_at=NOW, uploaded_at=NOW)


@pytest_twisted.async_yield_fixture(scope="module")
async def pair(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[RunningOrigin, RunningOrigin]]:
    """Two instances, so that a token used at one is used at the other."""
    folder = tmp_path_factory.mktemp("origins")
    async with running_origin(folder) as first, running_origin(folder, name="origin-2") as second:
        yield first, second


async def redeemed(
    origin: RunningOrigin, token: str, path: str = "delete_by_token", cloud: str = CLOUD
) -> Answer:
    return await origin.ask("POST", f"{origin.url}/v1_1/{cloud}/{path}", data={"token": token})


async def token_of(origin: RunningOrigin, public_id: str) -> str:
    answer = await origin.upload(str(ASTRONAUT), public_id=public_id, return_delete_token=True)
    return str(answer["delete_token"])


async def is_there(origin: RunningOrigin, public_id: str) -> bool:
    found = await origin.node.catalogue.assets.get(Identity(CLOUD, "image", "upload", public_id))
    return found is not None


def test_a_token_allows_its_asset_for_ten_minutes() -> None:
    asset = an_asset()
    token = delete_token(asset, SECRET, NOW)
    leave = leave_of(token, "demo", ["older", SECRET], NOW + VALID_SECONDS - 1)
    assert leave.allows(asset)
    for cloud, secrets, now in (
        ("demo", [SECRET], NOW + VALID_SECONDS),
        ("other", [SECRET], NOW),
        ("demo", ["another"], NOW),
        ("demo", [], NOW),
    ):
        with pytest.raises(InvalidDeleteToken):
            leave_of(token, cloud, secrets, now)


@given(st.data())
def test_a_token_changed_anywhere_is_none(data: st.DataObject) -> None:
    """Nor is any other text."""
    token = delete_token(an_asset(), SECRET, NOW)
    at = data.draw(st.integers(0, len(token) - 2))  # the last character has bits that mean nothing
    other = data.draw(st.characters().filter(lambda each: each != token[at]))
    for text in (token[:at] + other + token[at + 1 :], token[:at], data.draw(st.text())):
        with pytest.raises(InvalidDeleteToken):
            leave_of(text, "demo", [SECRET], NOW)


@pytest_twisted.ensureDeferred
async def test_a_token_is_redeemed_once_without_a_key(pair: tuple[RunningOrigin, RunningOrigin]) -> None:
    """At two instances at once: one of them removes it."""
    first, second = pair
    token = await token_of(first, "fresh")
    answers = await gatherResults([Deferred.fromCoroutine(redeemed(each, token)) for each in pair])
    assert sorted(each.status for each in answers) == [200, 400]
    assert next(each.json for each in answers if each.status == 200) == {"result": "ok"}
    assert not await is_there(first, "fresh")
    again = await redeemed(second, token, "image/delete_by_token")
    assert (again.status, again.json) == (400, INVALID)
    assert (await first.get("/demo/image/upload/fresh.jpg")).status == 404


@pytest_twisted.ensureDeferred
async def test_what_replaced_the_upload_is_not_removed(pair: tuple[RunningOrigin, RunningOrigin]) -> None:
    """A token speaks of one revision: neither of the next, nor of another asset of the name."""
    first, _ = pair
    token = await token_of(first, "kept")
    await first.upload(str(ASTRONAUT), public_id="kept")
    answer = await redeemed(first, token)
    assert (answer.status, answer.json) == (400, INVALID)
    assert await is_there(first, "kept")
    existing = await first.post(
        UPLOAD, {"public_id": "kept", "overwrite": "false", "return_delete_token": "1"}, GOOD
    )
    assert existing.json["existing"] is True
    assert "delete_token" not in existing.json


@pytest.mark.parametrize(
    ("token", "cloud", "status", "message"),
    [
        ("", CLOUD, 400, "Missing required parameter - token"),
        ("x", CLOUD, 400, "Invalid or expired delete token"),
        ("é.é", CLOUD, 400, "Invalid or expired delete token"),
        ("e30.e30", CLOUD, 400, "Invalid or expired delete token"),
        ("x" * 100_000, CLOUD, 400, "Invalid or expired delete token"),
        ("x", "nobody", 401, "Invalid cloud_name nobody"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_bad_token_is_refused(
    pair: tuple[RunningOrigin, RunningOrigin], token: str, cloud: str, status: int, message: str
) -> None:
    answer = await redeemed(pair[0], token, cloud=cloud)
    assert (answer.status, answer.json) == (status, {"error": {"message": message}})


@pytest_twisted.ensureDeferred
async def test_a_form_without_a_script_is_sent_on(pair: tuple[RunningOrigin, RunningOrigin]) -> None:
    """§3.2: 302 with the answer in the query, unless a script asks."""
    first, _ = pair
    page = "https://example.com/cors.html?a=1#top"
    asking = {"X-Requested-With": ["XMLHttpRequest"]}
    plain = await first.post(UPLOAD, {"callback": page, "public_id": "form"}, GOOD, headers=asking)
    assert (plain.status, plain.json["public_id"]) == (200, "form")
    answer = await first.http.post(
        f"{first.url}{UPLOAD}",
        auth=(first.sdk()["api_key"], first.sdk()["api_secret"]),
        data={"callback": page, "public_id": "form", "file": f"data:image/gif;base64,{PIXEL}"},
        allow_redirects=False,
    )
    await answer.content()
    (location,) = answer.headers.getRawHeaders("Location")
    place = urlsplit(location)
    said = parse_qs(place.query)
    assert (answer.code, place.netloc, place.path, place.fragment) == (
        302,
        "example.com",
        "/cors.html",
        "top",
    )
    assert (said["a"], said["public_id"], said["width"]) == (["1"], ["form"], ["1"])
    assert len(said["signature"][0]) == 40
    for bad in ("javascript:alert(1)", "//example.com", "https://", "https://a\r\nSet-Cookie: x", "x"):
        refused = await first.post(UPLOAD, {"callback": bad}, GOOD)
        assert refused.status == 400
        assert refused.json["error"]["message"].startswith("Invalid callback")
    assert first.spooled() == []


@pytest_twisted.ensureDeferred
async def test_whoever_has_a_token_has_no_say_in_who_is_told(
    pair: tuple[RunningOrigin, RunningOrigin],
) -> None:
    """The call has no key: it must not have signed messages sent where it likes."""
    origin, _ = pair
    token = await token_of(origin, "untold")
    answer = await origin.ask(
        "POST",
        f"{origin.url}/v1_1/demo/delete_by_token",
        data={"token": token, "notification_url": "poll://theirs"},
    )
    assert answer.json == {"result": "ok"}
    assert await told(origin, "theirs") == []
