"""A real browser, told what to do through the DevTools protocol over its two pipes (`--remote-debugging-pipe`).

`browser` (session): the headless Chromium of this machine; without one, tests are skipped with that reason, or fail
with PIXELEDGE_REQUIRE_SERVERS=1.
"""

import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from base64 import b64decode
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_SECONDS = 60.0
_ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"),
    *("--disable-dev-shm-usage", "--disable-component-update", "--remote-debugging-pipe"),
    "--force-prefers-reduced-motion",  # what moves is painted anew all the time, and without a GPU
)
_UNTIL = """new Promise((resolve, reject) => {
  setTimeout(() => reject("late"), %d);
  const held = () => { try { return %s; } catch { return null; } };  // what is not there yet has no properties
  const look = () => { const seen = held(); if (seen) resolve(seen); else setTimeout(look, 25); };
  look();
})"""


def installed() -> str:
    """The browser's path; skips or fails where there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        assert not os.environ.get("PIXELEDGE_REQUIRE_SERVERS"), f"none of {NAMES} is installed"
        pytest.skip(f"none of {', '.join(NAMES)} is installed")
    return found


@define
class Browser:
    """A running browser and the messages between us."""

    process: "subprocess.Popen[bytes]"
    to: int
    back: int
    events: list[dict[str, Any]] = field(factory=list)
    _unread: deque[dict[str, Any]] = field(factory=deque)
    _partial: bytes = b""
    _count: int = 0

    @classmethod
    def start(cls, profile: Path, home: Path | None = None) -> "Browser":
        """With a profile of its own; `home`: where it looks for authorities that its user trusts (`.pki/nssdb`)."""
        theirs, ours = os.pipe()
        mine, yours = os.pipe()
        high = [fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, 100) for each in (theirs, yours)]

        def place() -> None:  # the protocol's descriptors are 3 and 4
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        process = subprocess.Popen(
            [installed(), *_ARGUMENTS, f"--user-data-dir={profile}", "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(3, 4),
            preexec_fn=place,
            start_new_session=True,
            env={**os.environ, "HOME": str(home)} if home is not None else None,
        )
        for each in (theirs, yours, *high):
            os.close(each)
        return cls(process, ours, mine)

    def stop(self) -> None:
        """End it; kills it if it does not listen."""
        try:
            self.call("Browser.close")
            self.process.wait(timeout=10)
        except (OSError, AssertionError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait(timeout=10)
        os.close(self.to)
        os.close(self.back)

    def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """One command and its result; events that come meanwhile are kept."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            got = self._read(method)
            if got.get("id") == self._count:
                assert "error" not in got, f"{method}: {got['error']}"
                result: dict[str, Any] = got["result"]
                return result
            self.events.append(got)

    def _read(self, what: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._unread:
            left = deadline - time.monotonic()
            ready, _, _ = select.select([self.back], [], [], max(0.0, left))
            assert ready, f"{what}: no answer of the browser"
            got = os.read(self.back, 1 << 20)
            assert got, f"{what}: the browser has ended"
            *whole, self._partial = (self._partial + got).split(b"\0")
            self._unread.extend(map(json.loads, whole))
        return self._unread.popleft()

    def page(self, url: str, *, width: int = 1280, height: int = 900) -> "Page":
        """A new tab, of that size, on its way to a URL."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session)
        for domain in ("Page", "Runtime", "Log", "DOM"):
            page.call(f"{domain}.enable")
        page.call("Emulation.setFocusEmulationEnabled", enabled=True)
        page.resize(width, height)
        page.call("Page.navigate", url=url)
        return page


@define
class Page:
    """A tab. What it logs as an error is in `complaints`."""

    browser: Browser
    session: str

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        return self.browser.call(method, self.session, **params)

    def close(self) -> None:
        self.call("Page.close")

    def prefers_motion(self, *, reduced: bool) -> None:
        """As its user has it set; here it is reduced unless a test says otherwise."""
        value = "reduce" if reduced else "no-preference"
        wish = {"name": "prefers-reduced-motion", "value": value}
        self.call("Emulation.setEmulatedMedia", features=[wish])

    def resize(self, width: int, height: int) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip

    def run(self, expression: str) -> Any:
        """The value of an expression (or of the promise it is), as if a person had caused it."""
        got = self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, userGesture=True
        )
        assert "exceptionDetails" not in got, got["exceptionDetails"]
        return got["result"].get("value")

    def until(self, condition: str, within_seconds: float = 30.0) -> Any:
        """Wait for an expression to be true; its value."""
        got = self.call(
            "Runtime.evaluate",
            expression=_UNTIL % (within_seconds * 1000, condition),
            awaitPromise=True,
            returnByValue=True,
        )
        assert "exceptionDetails" not in got, f"never: {condition}\nseen: {self.text('body')[-3000:]}"
        return got["result"].get("value")

    def text(self, selector: str) -> str:
        """What a person reads there."""
        return str(self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"))

    def click(self, selector: str) -> None:
        """Press what a selector finds."""
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def press(self, label: str, within: str = "body") -> None:
        """Press the button that is called so."""
        wanted = f"(each) => each.innerText.trim() === {json.dumps(label)}"
        self.run(f"[...document.querySelectorAll({json.dumps(within + ' button')})].find({wanted}).click()")

    def type(self, selector: str, text: str) -> None:
        """Put the text in place of what is there, as the keyboard would."""
        self.run(
            f"(() => {{ const it = document.querySelector({json.dumps(selector)}); it.focus(); it.select(); }})()"
        )
        if text:
            self.call("Input.insertText", text=text)
        else:
            self.key("Delete")

    def key(self, name: str, *, control: bool = False, shift: bool = False) -> None:
        """Press a key that has a name, like Tab, Enter or Space, or a letter's key (`KeyA`)."""
        codes = {"Enter": 13, "Tab": 9, "Escape": 27, "Delete": 46, "Space": 32, "KeyA": 65}
        typed = {"Enter": "\r", "Space": " "}.get(name)
        text = {"text": typed} if typed else {}
        key = {"Space": " ", "KeyA": "a"}.get(name, name)
        held = 2 * control + 8 * shift
        common = {"key": key, "code": name, "windowsVirtualKeyCode": codes[name], "modifiers": held}
        self.call("Input.dispatchKeyEvent", type="keyDown", **common, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def choose_files(self, selector: str, files: list[Path]) -> None:
        """Give an input its files."""
        node = self.call("Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)})")
        self.call("DOM.setFileInputFiles", files=[*map(str, files)], objectId=node["result"]["objectId"])

    def drop(self, x: int, y: int, files: list[Path]) -> None:
        """Drag files over a place and let them fall."""
        data = {"items": [], "files": [*map(str, files)], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.call("Input.dispatchDragEvent", type=kind, x=x, y=y, data=data)

    def screenshot(self, path: Path) -> None:
        path.write_bytes(b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    @property
    def complaints(self) -> list[str]:
        """Exceptions, and errors that the browser itself reports (a policy that was broken, say)."""
        self.run("0")
        told = []
        for event in self.browser.events:
            params = event.get("params", {})
            if event.get("sessionId") != self.session:
                continue
            if event["method"] == "Runtime.exceptionThrown":
                told.append(str(params["exceptionDetails"].get("exception", params["exceptionDetails"])))
            elif event["method"] == "Log.entryAdded" and params["entry"]["level"] == "error":
                told.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
        return told


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    running = Browser.start(tmp_path_factory.mktemp("profile"))
    try:
        yield running
    finally:
        running.stop()
