"""Direct uploads from a browser: the Node SDK's tags and forms in a page of another origin (upload-api §1, §3.2)."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import cloudinary.api
import cloudinary.utils
import pytest

from tests.sdks.conftest import BROWSER, MODULES, cloudinary_url, configuration
from tests.sdks.python_sdk import ASSET, PICTURE, holds
from tests.support.browser import Browser, Page, browser
from tests.support.listeners import Listener, listening
from tests.support.world import World, eventually

__all__ = ["browser"]  # a fixture

TAGS = Path(__file__).parent / "node" / "tags.js"
CHUNK_BYTES = 5 * 1024 * 1024
# What the SDK's browser library does with its inputs: the data of the tag and the file, posted where the tag says,
# by XMLHttpRequest, in parts of `data-max-chunk-size`.
SCRIPT = """
function send(id, changes) {
  const input = document.getElementById(id), file = input.files[0];
  const size = Number(input.dataset.maxChunkSize) || file.size;
  const identity = Math.random().toString(36).slice(2);
  const part = (start) => new Promise((resolve) => {
    const slice = file.slice(start, start + size), form = new FormData(), request = new XMLHttpRequest();
    for (const [name, value] of Object.entries({...JSON.parse(input.dataset.formData), ...changes})) {
      form.append(name, value);
    }
    form.append("file", slice, file.name);
    request.open("POST", input.dataset.url);
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    if (size < file.size) {
      request.setRequestHeader("X-Unique-Upload-Id", identity);
      request.setRequestHeader("Content-Range", `bytes ${start}-${start + slice.size - 1}/${file.size}`);
    }
    request.onloadend = () => {
      const answer = {
        status: request.status, id: request.getResponseHeader("X-Request-Id"), text: request.responseText,
      };
      resolve(start + size < file.size && request.status === 200 ? part(start + size) : answer);
    };
    request.send(form);
  });
  return part(0);
}
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    (folder / "picture.png").write_bytes(PICTURE)
    (folder / "large.bin").write_bytes(bytes(CHUNK_BYTES + 1000))
    return folder


@pytest.fixture(scope="module")
def site(world: World, node: str) -> Iterator[Listener]:
    """A user's site with their page."""
    with listening({"/back": ("text/html", b"<p>welcome back</p>")}) as server:
        environment = {
            "PATH": os.environ["PATH"],
            "NODE_PATH": os.environ[MODULES],
            "CLOUDINARY_URL": cloudinary_url(world, BROWSER),
        }
        told = subprocess.run(
            [node, str(TAGS), f"{server.url}/back?from=form"],
            capture_output=True,
            check=True,
            env=environment,
        )
        tags = json.loads(told.stdout)
        page = f"<!doctype html><body>{''.join(tags.values())}<script>{SCRIPT}</script></body>"
        server.files["/"] = ("text/html", page.encode())
        yield server


@pytest.fixture
def page(browser: Browser, site: Listener) -> Page:
    opened = browser.page(f"{site.url}/")
    opened.until("typeof send === 'function' && document.getElementById('file')")
    return opened


def sent(page: Page, name: str, file: Path, changes: str = "{}") -> tuple[dict[str, Any], dict[str, Any]]:
    """(what the page's script saw, the document in it)."""
    page.choose_files(f"#{name}", [file])
    seen = page.run(f"send({json.dumps(name)}, {changes})")
    return seen, json.loads(seen["text"])


def test_a_signed_tag_uploads_from_another_origin(page: Page, files: Path) -> None:
    """After a preflight for `X-Requested-With`, with an answer and a request id that the page may read."""
    seen, answer = sent(page, "signed", files / "picture.png")
    assert seen["status"] == 200
    assert len(seen["id"]) == 32
    holds(answer, ASSET - {"request_id"})
    assert (answer["public_id"], answer["tags"], answer["bytes"]) == ("tag/signed", ["tag"], len(PICTURE))
    page.run(
        f"new Promise((resolve, reject) => {{ const it = new Image(); it.crossOrigin = 'anonymous'; it.id = 'shown';"
        f" it.onload = resolve; it.onerror = reject; it.src = {json.dumps(answer['url'])};"
        " document.body.append(it); }).then(() => true)"
    )
    assert page.run("document.getElementById('shown').naturalWidth") == 64


def test_an_unsigned_tag_uploads_by_its_preset(world: World, page: Page, files: Path) -> None:
    cloudinary.api.create_upload_preset(
        name="open", unsigned=True, folder="free", **configuration(world, BROWSER)
    )
    seen, answer = sent(page, "unsigned", files / "picture.png")
    assert seen["status"] == 200
    assert answer["public_id"].startswith("free/")
    assert answer["tags"] == ["free"]


def test_a_page_reads_why_it_was_refused(page: Page, files: Path) -> None:
    seen, answer = sent(page, "signed", files / "picture.png", '{public_id: "tag/forged"}')
    assert seen["status"] == 401
    assert answer["error"]["message"].startswith("Invalid Signature ")


def test_a_large_file_goes_in_parts(page: Page, files: Path) -> None:
    """A preflight for `Content-Range` and `X-Unique-Upload-Id`."""
    seen, answer = sent(page, "large", files / "large.bin")
    assert seen["status"] == 200
    assert (answer["done"], answer["bytes"], answer["public_id"]) == (
        True,
        CHUNK_BYTES + 1000,
        "tag/large.bin",
    )


def test_a_form_without_a_script_brings_its_user_back(
    world: World, site: Listener, page: Page, files: Path
) -> None:
    page.choose_files("#file", [files / "picture.png"])
    page.run("document.getElementById('direct').submit()")
    eventually(lambda: [path for path in site.shown if path.startswith("/back?")], "the user is back")
    (path,) = [path for path in site.shown if path.startswith("/back?")]
    told = {name: value for name, (value, *_) in parse_qs(urlsplit(path).query).items()}
    assert (told["from"], told["public_id"]) == ("form", "form/direct")
    mine = configuration(world, BROWSER)
    expected = {"public_id": told["public_id"], "version": told["version"]}
    assert told["signature"] == cloudinary.utils.api_sign_request(
        expected, mine["api_secret"], signature_version=1
    )
    assert cloudinary.api.resource("form/direct", **mine)["tags"] == ["form"]
