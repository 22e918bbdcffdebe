"""Two machines on one: network namespaces joined by a cable, which share nothing but the file system.

A namespace lives as long as its keeper, a process that ends with its standard input: so nothing is left of it, however
the tests end. Making one takes rights that many machines do not give; then tests are skipped with what the system said.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import pytest
from attrs import define, frozen

from tests.support.world import ROOT

CABLE = "cable"  # what each end of it is called
NEEDED = ("ip", "nsenter", "setpriv", "unshare")


@frozen
class Namespace:
    """A network of its own, with one address on the cable."""

    keeper: "subprocess.Popen[bytes]"
    address: str

    def inside(self, *command: str, account: str = "") -> tuple[str, ...]:
        """The command, run in here; as another user, if one is named: who is not root may not enter."""
        enter = ("nsenter", f"--net=/proc/{self.keeper.pid}/ns/net", "--")
        be = ("setpriv", f"--reuid={account}", f"--regid={account}", "--init-groups", "--") if account else ()
        return (*enter, *be, *command)

    def say(self, *command: str) -> None:
        """Run a command in here that must come out well."""
        subprocess.run(self.inside(*command), check=True, capture_output=True, text=True)


@contextmanager
def joined(one: str, two: str) -> Iterator[tuple[Namespace, Namespace]]:
    """Two of them, each at its address on the cable between them; skips where the system makes none."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        pytest.skip(f"no network namespaces: there is no {' and no '.join(missing)} on PATH")
    with ExitStack() as kept:
        first, second = (Namespace(kept.enter_context(_keeper()), address) for address in (one, two))
        try:
            other_end = ("peer", "name", CABLE, "netns", str(second.keeper.pid))
            first.say("ip", "link", "add", CABLE, "type", "veth", *other_end)
            for each in (first, second):
                each.say("ip", "address", "add", f"{each.address}/24", "dev", CABLE)
                each.say("ip", "link", "set", "lo", "up")
                each.say("ip", "link", "set", CABLE, "up")
        except subprocess.CalledProcessError as refused:
            pytest.skip(f"no network namespaces: {' '.join(refused.cmd)}: {refused.stderr.strip()}")
        yield first, second


@contextmanager
def _keeper() -> Iterator["subprocess.Popen[bytes]"]:
    keeper = subprocess.Popen(
        ["unshare", "--net", "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with keeper:
        assert keeper.stdin is not None
        assert keeper.stdout is not None
        assert keeper.stderr is not None
        with suppress(BrokenPipeError):  # then it says why
            keeper.stdin.write(b"\n")
            keeper.stdin.flush()
        if not keeper.stdout.readline():  # what comes back comes from inside
            pytest.skip(f"no network namespaces: {keeper.stderr.read().decode().strip()}")
        yield keeper
        keeper.stdin.close()


@frozen
class Seen:
    """What came of a viewer's question; status 0: nothing, and why stands in `body`."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@define
class Viewer:
    """Who asks from inside a namespace, one question after the other."""

    process: "subprocess.Popen[str]"

    def get(self, url: str, *, within_seconds: float = 60.0, **headers: str) -> Seen:
        """GET; header names with `_` for `-`."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        question = {"url": url, "headers": told, "seconds": within_seconds}
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return Seen(answer["status"], answer["headers"], bytes.fromhex(answer["body"]))


@contextmanager
def viewer(namespace: Namespace) -> Iterator[Viewer]:
    """One in there."""
    process = subprocess.Popen(
        namespace.inside(sys.executable, "-m", "tests.support.asking"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    with process:
        yield Viewer(process)
        assert process.stdin is not None
        process.stdin.close()
