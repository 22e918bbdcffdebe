"""The media library in a real browser, over a real world, and the API beside it."""

import json
from base64 import b64encode
from typing import Any

from attrs import define

from tests.support.browser import Browser, Page
from tests.support.images import as_bytes, quartered
from tests.support.world import World


def picture(width: int = 64) -> bytes:
    """A PNG of four colours."""
    return as_bytes(quartered(width, 48), "PNG")


def through(asset: Any, chain: str) -> str:
    """The URL of an asset, transformed."""
    return str(asset["url"].replace("/upload/", f"/upload/{chain}/"))


@define
class Library:
    """A running world with its library, and the API beside the page, to see what has become of it."""

    world: World
    browser: Browser

    @property
    def url(self) -> str:
        return f"{self.world.ready['page_url']}/library/"

    def call(self, method: str, path: str, body: Any = None) -> Any:
        ready = self.world.ready
        pair = b64encode(f"{ready['api_key']}:{ready['api_secret']}".encode()).decode()
        return self.world.http.request(
            method,
            f"{ready['api_url']}/v1_1/demo/{path}",
            json=body,
            headers={"Authorization": f"Basic {pair}"},
        ).json()

    def put(self, image: bytes, **params: Any) -> Any:
        """Upload something, past the page."""
        file = f"data:image/png;base64,{b64encode(image).decode()}"
        answer = self.call("POST", "auto/upload", {"file": file, **params})
        assert "error" not in answer, answer
        return answer

    def found(self, expression: str) -> list[Any]:
        resources: list[Any] = self.call("POST", "resources/search", {"expression": expression})["resources"]
        return resources

    def open(self, fragment: str = "", **size: int) -> Page:
        """The library signed in, at a place of it."""
        ready = self.world.ready
        page = self.browser.page(
            f"{self.url}#cloud=demo&key={ready['api_key']}&secret={ready['api_secret']}", **size
        )
        page.until("!document.querySelector('#library').hidden")
        if fragment:
            page.run(f"location.hash = {json.dumps(fragment)}")
        page.until("!document.querySelector('#grid').ariaBusy && document.querySelector('#count').innerText")
        return page


def assert_clean(page: Page, *expected: str) -> None:
    """No exception, no breach of the policy, and no refusal but those a test has provoked."""
    assert [each for each in page.complaints if not any(one in each for one in expected)] == []
    assert page.run("window.pwned") is None
    page.close()
