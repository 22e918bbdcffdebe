"""Pages of any other origin may call the APIs, and read why they were refused (upload-api §1)."""

import pytest
import pytest_twisted

from tests.support.origins import CLOUD, RunningOrigin

PAGE = "https://shop.example"
REFUSALS = [
    pytest.param("POST", f"/v1_1/{CLOUD}/image/upload", 400, id="no file, no signature"),
    pytest.param("POST", "/v1_1/nobody/image/upload", 401, id="unknown cloud"),
    pytest.param("POST", f"/v1_1/{CLOUD}/image/destroy", 400, id="no key to sign with"),
    pytest.param("GET", f"/v1_1/{CLOUD}/resources/image", 401, id="no key"),
    pytest.param("GET", f"/v1_1/{CLOUD}/no/such/call", 404, id="no such call"),
    pytest.param("PATCH", f"/v1_1/{CLOUD}/image/upload", 405, id="no such method"),
]


@pytest.mark.parametrize(("method", "path", "status"), REFUSALS)
@pytest_twisted.ensureDeferred
async def test_a_page_may_read_why_it_was_refused(
    origin: RunningOrigin, method: str, path: str, status: int
) -> None:
    answer = await origin.get(path, method, Origin=PAGE)
    assert answer.status == status, answer.json
    assert answer.json["error"]["message"]
    assert answer.headers["access-control-allow-origin"] == "*"
    assert {"X-Request-Id", "X-Cld-Error"} <= set(answer.headers["access-control-expose-headers"].split(", "))


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["image/upload", "auto/upload", "resources/image/upload/a/b", "folders/a"])
@pytest_twisted.ensureDeferred
async def test_a_preflight_is_answered_for_every_call(origin: RunningOrigin, path: str, method: str) -> None:
    """Before anybody is asked who he is: browsers send no credentials with it (Fetch §4.8)."""
    answer = await origin.get(
        f"/v1_1/{CLOUD}/{path}",
        "OPTIONS",
        Origin=PAGE,
        Access_Control_Request_Method=method,
        Access_Control_Request_Headers="authorization, content-range, x-unique-upload-id, x-requested-with",
    )
    assert answer.status in (200, 204)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert method in answer.headers["access-control-allow-methods"].split(", ")
    allowed = {each.strip().lower() for each in answer.headers["access-control-allow-headers"].split(",")}
    assert {"authorization", "content-range", "x-unique-upload-id", "x-requested-with"} <= allowed
