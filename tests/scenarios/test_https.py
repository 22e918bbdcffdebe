"""The demo page over HTTPS and HTTP/2, in a browser that trusts the local authority, and in one that does not."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.browser import Browser, Page
from tests.support.world import World, command, eventually, world

SMALL = {
    "origins": {"main": {"region": "na-east", "instances": 1, "workers": 1}},
    "pops": {"ashburn": {"region": "na-east", "upstream": "main", "tls": "tcp:0", "disk": "1GiB"}},
    "balancer": {"mode": "proxy", "tls": "tcp:0"},
    "links": {},
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A small world with its photographs and TLS ports."""
    with world(tmp_path_factory.mktemp("https") / "var", **SMALL) as it:
        yield it
        assert it.stop() == 0


@contextmanager
def edge_before(url: str, authority: Path) -> Iterator[str]:
    """`pixeledge edge` alone in front of a site; its https URL."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    arguments = ["--upstream", url, "--listen", "127.0.0.1:0", "--tls-listen", f"127.0.0.1:{port}"]
    process = subprocess.Popen(
        [*command(), "edge", *arguments, "--authority", str(authority)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=authority.parent,
    )

    def listens() -> bool:
        assert process.poll() is None
        with socket.socket() as trying:
            return trying.connect_ex(("127.0.0.1", port)) == 0

    try:
        eventually(listens, "the edge listens", 60)
        yield f"https://localhost:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def trusting(home: Path, authority: Path) -> Path:
    """A home whose browsers trust the authority, by the commands that `pixeledge trust` prints."""
    certutil = shutil.which("certutil")
    if certutil is None:
        assert not os.environ.get("PIXELEDGE_REQUIRE_SERVERS"), "certutil (libnss3-tools) is not installed"
        pytest.skip("certutil (libnss3-tools) is not installed")
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    for arguments in (
        ["-N", "--empty-password"],
        ["-A", "-t", "C,,", "-n", "pixeledge", "-i", str(authority / "ca.pem")],
    ):
        subprocess.run([certutil, "-d", f"sql:{store}", *arguments], check=True, timeout=30)
    return home


@contextmanager
def browsing(folder: Path, home: Path) -> Iterator[Browser]:
    """A browser of that home's user."""
    browser = Browser.start(folder, home)
    try:
        yield browser
    finally:
        browser.stop()


def opened(browser: Browser, url: str) -> tuple[Page, dict[str, Any]]:
    """A page that is watched from its first byte, and what became of its navigation."""
    page = browser.page("about:blank")
    page.call("Network.enable")
    return page, page.call("Page.navigate", url=url)


def protocols(page: Page) -> dict[str, str]:
    """URL → the protocol its answer came by."""
    page.run("0")
    return {
        event["params"]["response"]["url"]: event["params"]["response"]["protocol"]
        for event in page.browser.events
        if event["method"] == "Network.responseReceived" and event.get("sessionId") == page.session
    }


def test_a_browser_that_trusts_the_authority_loads_the_demo_page_by_http_2(
    running: World, tmp_path: Path
) -> None:
    """Through an edge, without a warning; the photographs come from the front door's TLS port, by h2 too."""
    ready = running.ready
    authority = Path(ready["authority"]).parent
    home = trusting(tmp_path / "home", authority)
    with (
        edge_before(ready["page_url"], authority) as url,
        browsing(tmp_path / "profile", home) as browser,
    ):
        page, navigated = opened(browser, f"{url}/")
        assert "errorText" not in navigated
        page.until("[...document.querySelectorAll('figure img')].some((image) => image.naturalWidth > 0)")
        seen = protocols(page)
        assert {seen[f"{url}/{name}"] for name in ("", "page.js", "page.css", "events")} == {"h2"}
        photographs = [each for each in seen if each.startswith(f"{ready['secure_url']}/demo/image/upload/")]
        assert photographs
        assert {seen[each] for each in photographs} == {"h2"}
        assert page.run("window.isSecureContext") is True
        assert page.complaints == []
        page.screenshot(Path(os.environ.get("PIXELEDGE_SCREENSHOTS", tmp_path)) / "https-page.png")


def test_a_browser_that_does_not_is_warned(running: World, tmp_path: Path) -> None:
    """Or else the trust would prove nothing."""
    home = tmp_path / "home"
    home.mkdir()
    with browsing(tmp_path / "profile", home) as browser:
        _, navigated = opened(browser, f"{running.ready['secure_url']}/demo/image/upload/samples/fig-4mp.jpg")
        assert navigated["errorText"] == "net::ERR_CERT_AUTHORITY_INVALID"


def test_secure_urls_open_with_the_authority_and_only_with_it(running: World) -> None:
    """As the API answers them, at the front door; and an edge's own TLS port."""
    ready = running.ready
    assert ready["secure_url"].startswith("https://127.0.0.1:")
    listed = requests.get(
        f"{ready['api_url']}/v1_1/demo/resources/image",
        auth=(ready["api_key"], ready["api_secret"]),
        timeout=30,
    ).json()
    asset = listed["resources"][0]
    assert asset["url"].startswith(ready["api_url"])
    assert asset["secure_url"].startswith(f"{ready['secure_url']}/demo/")
    got = requests.get(asset["secure_url"], verify=ready["authority"], timeout=30)
    assert (got.status_code, len(got.content)) == (200, asset["bytes"])
    path = asset["url"].removeprefix(ready["api_url"])
    at_edge = requests.get(ready["edges"][0]["secure_url"] + path, verify=ready["authority"], timeout=30)
    assert at_edge.content == got.content
    with pytest.raises(requests.exceptions.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        requests.get(asset["secure_url"], timeout=30)
