"""A day of mixed traffic in minutes, over two edges and a shield that are real processes.

python -m tests.support.edge_soak [--minutes 10] [--seed 1]

Hits, misses, parts, conditionals, uploads, purges, viewers that read slowly or hang up, an origin that fails at times,
and nodes that are killed. Bodies tell their URL and version, so that each can be checked; at the end nobody may have
had a wrong one, and nothing may be left open.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Literal

import yaml
from attrs import define, field, frozen
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.error import ConnectError

from tests.support.descriptors import counted
from tests.support.edge_node import pause, reactor, until
from tests.support.scripted_origin import Asked, Line, ScriptedOrigin, head
from tests.support.servers import free_port
from tests.support.viewer import Answer, answer_of, ask, connect, request

SIZES = (0, 1, 700, 20_000, 300_000, 2_000_000)
WEIGHTS = (5, 5, 40, 30, 15, 5)
PER_SIZE = 40
POLICIES = (
    "max-age=60",
    "max-age=1",
    "max-age=1, stale-while-revalidate=5",
    "max-age=0",
    "no-store",
    "private",
)
MEBI = 1 << 20


def body_of(path: str, version: int) -> bytes:
    """What the origin has there; no two paths or versions alike."""
    size = int(path.split("/")[1])
    word = f"{path}@{version};".encode()
    return (word * (size // len(word) + 1))[:size]


def version_of(answer: Answer) -> int:
    """The version that an answer says it is."""
    return int(answer.get("ETag").strip('"').partition("-")[2])


class Origin(ScriptedOrigin):
    """Knows every path below a size, and is well most of the time."""

    def __init__(self, rng: Random) -> None:
        super().__init__()
        self.versions: Counter[str] = Counter()
        self._rng = rng

    async def play(self, asked: Asked, line: Line) -> None:
        path, luck = asked.target, self._rng.random()
        if asked.method == "POST":
            self.versions[path] += 1
            line.send(head(200, 2, Cache_Control="no-store") + b"ok")
            return
        version = self.versions[path]
        body, tag = body_of(path, version), f'"{path.count("/")}-{version}"'
        fields: dict[str, Any] = {"ETag": tag, "Cache_Control": POLICIES[hash_of(path) % len(POLICIES)]}
        await pause(luck * 0.02)
        if asked.get("If-None-Match") == tag:
            line.send(head(304, **fields))
        elif luck < 0.02:
            line.send((head(200, len(body), **fields) + body)[: self._rng.randrange(len(body) + 200)])
            line.cut() if luck < 0.01 else line.close()
        elif luck < 0.03:
            line.send(head(503, 0))
        elif luck < 0.2:
            line.send(
                b"HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n"
                + head(200, Transfer_Encoding="chunked", **fields)
            )
            line.send((b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n")
        else:
            line.send(head(200, len(body), **fields) + (b"" if asked.method == "HEAD" else body))


def hash_of(path: str) -> int:
    """The same in every process."""
    return sum(path.encode()) * 31 + int(path.split("/")[2])


@frozen
class Levels:
    """What a process takes at one moment."""

    resident_bytes: int
    threads: int
    sockets: int
    pipes: int
    """And event counters and the like: what a reactor is made of."""
    files: int


Level = Literal["resident_bytes", "threads", "sockets", "pipes", "files"]


@define
class Node:
    """One edge or shield as a process that can be killed and comes back."""

    name: str
    folder: Path
    upstreams: tuple[str, ...]
    port: int = 0
    control: int = 0
    process: subprocess.Popen[bytes] | None = None
    own_sockets: int = 0
    """Those it had when it was ready: where it listens, and what its reactor needs."""

    def start(self) -> None:
        """Run it, on the ports it had."""
        self.port, self.control = self.port or free_port(), self.control or free_port()
        settings = {
            "name": self.name,
            "upstreams": list(self.upstreams),
            "listen": f"127.0.0.1:{self.port}",
            "control": f"127.0.0.1:{self.control}",
            "cache_dir": str(self.folder / self.name),
            "hot_bytes": 8 * MEBI,
            "disk_bytes": 64 * MEBI,
        }
        config = self.folder / f"{self.name}.yaml"
        config.write_text(yaml.safe_dump(settings), "utf-8")
        words = [sys.executable, "-m", "sim", "edge", "--config", str(config)]
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    async def ready(self) -> None:
        """Return when it says so."""
        for _ in range(600):
            with suppress(ConnectError):
                if (await ask(self.control, "/readyz")).status == 200:
                    self.own_sockets = self.levels().sockets
                    return
            await pause(0.05)
        raise AssertionError(f"{self.name} did not come up: {self.told()}")

    def told(self) -> str:
        """The end of its log."""
        return (self.folder / f"{self.name}.log").read_text("utf-8", "replace")[-3000:]

    def end(self, signal_number: int) -> None:
        """Send it a signal, and wait for its end."""
        if self.process is not None:
            self.process.send_signal(signal_number)
            self.process.wait(20)

    def levels(self) -> Levels:
        """What it takes now."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        lines = dict(line.split(":", 1) for line in status.splitlines())
        held = counted(self.process.pid)
        return Levels(
            resident_bytes=int(lines["VmRSS"].split()[0]) * 1024,
            threads=int(lines["Threads"]),
            sockets=held["sockets"],
            pipes=held["pipes"] + held["others"],
            files=held["files"],
        )


@define
class Figures:
    """What a soak found."""

    done: Counter[str] = field(factory=Counter)
    wrong: list[str] = field(factory=list)
    whole: int = 0
    cut: int = 0
    kills: int = 0
    levels: dict[str, list[Levels]] = field(factory=dict)
    left: list[str] = field(factory=list)

    def growth(self, name: str, which: Level) -> int:
        """From the median of the second quarter of the run to that of the last."""
        series: list[int] = [getattr(each, which) for each in self.levels[name]]
        quarter = max(1, len(series) // 4)
        early, late = sorted(series[quarter : 2 * quarter]), sorted(series[-quarter:])
        return late[len(late) // 2] - early[len(early) // 2]


class Soak:
    """The world, and those who use it."""

    def __init__(self, folder: Path, seconds: float, seed: int) -> None:
        self.figures = Figures()
        self.origin = Origin(Random(seed))
        self.origin.listen()
        self.shield = Node("shield", folder, (self.origin.url,))
        self.shield.port = free_port()
        upstreams = (f"http://127.0.0.1:{self.shield.port}", self.origin.url)
        self.edges = (Node("edge-a", folder, upstreams), Node("edge-b", folder, upstreams))
        self._folder = folder
        self._seed = seed
        self._seconds = seconds
        self._ends_at = 0.0
        self._floors: Counter[str] = Counter()
        self._is_purging = 0
        self._is_killing = False

    @property
    def nodes(self) -> tuple[Node, ...]:
        return (self.shield, *self.edges)

    async def run(self, viewers: int) -> Figures:
        """All of it, and a look at what is left."""
        try:
            for node in self.nodes:
                node.start()
                await node.ready()
            self._ends_at = time.monotonic() + self._seconds
            living = [self._live(Random(self._seed * 1000 + number)) for number in range(viewers)]
            living += [self._kill_now_and_then(Random(self._seed)), self._measure()]
            await gatherResults([Deferred.fromCoroutine(each) for each in living], consumeErrors=True)
            await self._settle()
        finally:
            for node in self.nodes:
                node.end(signal.SIGTERM)
            await self.origin.stop()
        self.figures.left += [str(path) for path in self._folder.rglob("spool-*")]
        self.figures.left += [str(failure) for failure in self.origin.failures]
        return self.figures

    @property
    def _is_over(self) -> bool:
        return time.monotonic() >= self._ends_at

    async def _settle(self) -> None:
        """Nothing runs any more, and no node holds more than its cache's files, its doors and its idle upstreams."""
        for node in self.nodes:
            status = Status(node.control)
            await until(status.is_quiet, 40.0)
            try:
                await until(partial(has_shut, node, status), 40.0)
            except AssertionError:
                self.figures.left.append(
                    f"{node.name}: {node.levels().sockets} sockets, {node.own_sockets} of its own and "
                    f"{status.upstream_connections} upstream"
                )
            self.figures.levels[node.name].append(node.levels())
            self.figures.left += [
                f"{node.name}: {path}" for path in (self._folder / node.name).rglob("spool-*")
            ]

    async def _measure(self) -> None:
        while not self._is_over:
            for node in self.nodes:
                if node.process is not None and node.process.poll() is None:
                    self.figures.levels.setdefault(node.name, []).append(node.levels())
            await pause(0.5)

    async def _kill_now_and_then(self, rng: Random) -> None:
        """The first edge lives all the time, so that its memory tells something."""
        while not self._is_over:
            await pause(rng.uniform(3, 9))
            node = rng.choice((self.shield, self.edges[1]))
            self._is_killing = True  # no purge begins any more
            await until(lambda: not self._is_purging, 60.0)
            node.end(signal.SIGKILL)
            self.figures.kills += 1
            await pause(rng.random())
            node.start()
            await node.ready()
            self._is_killing = False

    # Viewers

    async def _live(self, rng: Random) -> None:
        """One thing after the other."""
        deeds = (self._get, self._part, self._confirm, self._head, self._slowly, self._hang_up, self._change)
        while not self._is_over:
            size = rng.choices(SIZES, WEIGHTS)[0]
            path = f"/{size}/{int(PER_SIZE * rng.random() ** 2)}"
            deed = rng.choices(deeds, (60, 10, 8, 5, 2, 5, 4))[0]
            with suppress(ConnectError):
                await deed(rng, rng.choice(self.edges).port, path)
                self.figures.done[deed.__name__.strip("_")] += 1

    def _check(self, path: str, floor: int, answer: Answer, start: int = 0, stop: int | None = None) -> None:
        """Whether a whole answer is what the path had, in a version that it may still be."""
        if not answer.is_whole:
            self.figures.cut += 1
        elif answer.status in (200, 206):
            self.figures.whole += 1
            version = version_of(answer)
            if answer.body != body_of(path, version)[start:stop]:
                self.figures.wrong.append(f"{path}: {len(answer.body)} bytes are not version {version}")
            if not floor <= version <= self.origin.versions[path]:
                self.figures.wrong.append(f"{path}: version {version}, purged at {floor}")
        elif answer.status not in (304, 416, 502, 503, 504):
            self.figures.wrong.append(f"{path}: {answer.status}")

    async def _get(self, rng: Random, port: int, path: str) -> None:
        floor = self._floors[path]
        self._check(path, floor, answer_of(await raw(port, request(path))))

    async def _part(self, rng: Random, port: int, path: str) -> None:
        size, floor = int(path.split("/")[1]), self._floors[path]
        start = rng.randrange(max(1, size))
        stop = min(size, start + rng.randrange(1, 5000))
        answer = answer_of(await raw(port, request(path, Range=f"bytes={start}-{stop - 1}")))
        self._check(path, floor, answer, *((start, stop) if answer.status == 206 else (0, None)))

    async def _confirm(self, rng: Random, port: int, path: str) -> None:
        floor = self._floors[path]
        tag = f'"2-{self.origin.versions[path]}"'
        self._check(path, floor, answer_of(await raw(port, request(path, If_None_Match=tag))))

    async def _head(self, rng: Random, port: int, path: str) -> None:
        answer = answer_of(await raw(port, request(path, "HEAD")), "HEAD")
        length = answer.get("Content-Length")
        if answer.status == 200 and length not in ("", path.split("/")[1]):
            self.figures.wrong.append(f"HEAD {path}: {length}")

    async def _slowly(self, rng: Random, port: int, path: str) -> None:
        floor = self._floors[path]
        self._check(path, floor, answer_of(await raw(port, request(path), pauses=rng.randrange(1, 6))))

    async def _hang_up(self, rng: Random, port: int, path: str) -> None:
        viewer = await connect(port)
        viewer.send(request(path))
        await pause(rng.random() * 0.05)
        viewer.leave()

    async def _change(self, rng: Random, port: int, path: str) -> None:
        """A new version, and a purge of the old one everywhere: the shield first, whom the others ask."""
        if self._is_killing:
            return
        self._is_purging += 1
        try:
            await ask(port, path, "POST", b"new")
            version = self.origin.versions[path]
            url = f"http://cdn.example{path}"
            purged = [await ask(node.control, f"/purge?url={url}", "POST") for node in self.nodes]
            if all(answer.status == 200 for answer in purged):
                self._floors[path] = max(self._floors[path], version)
        finally:
            self._is_purging -= 1


class Status:
    """Asks a node again and again whether anything runs."""

    def __init__(self, control: int) -> None:
        self.upstream_connections = 0
        self._control = control
        self._is_quiet = False
        self._asking: Deferred[Any] | None = None

    def is_quiet(self) -> bool:
        """By its last answer."""
        if self._asking is None:
            self._asking = Deferred.fromCoroutine(ask(self._control, "/status"))
            self._asking.addCallbacks(self._told, lambda _: None)  # it may have been killed a moment ago
        return self._is_quiet

    def _told(self, answer: Answer) -> None:
        self._asking = None
        status = yaml.safe_load(answer.body)
        self._is_quiet = status["in_flight"] == 0 and status["waiting_for_flight"] == 0
        self.upstream_connections = status["upstream_connections"]


def has_shut(node: Node, status: Status) -> bool:
    """Whether all viewers' connections are closed: counted before the node is asked again, which takes one."""
    sockets = node.levels().sockets
    return status.is_quiet() and sockets <= node.own_sockets + status.upstream_connections


async def raw(port: int, question: bytes, pauses: int = 0) -> bytes:
    """All that comes for it; a viewer that pauses reads nothing for a while, so many times."""
    viewer = await connect(port)
    viewer.send(question)
    for _ in range(pauses):
        viewer.transport.pauseProducing()
        await pause(0.2)
        if not viewer.ended.called:
            viewer.transport.resumeProducing()
        await pause(0.02)
    await viewer.ended
    return bytes(viewer.received)


async def soak(folder: Path, seconds: float, seed: int = 1, viewers: int = 8) -> Figures:
    """So many seconds of it."""
    return await Soak(folder, seconds, seed).run(viewers)


def told(figures: Figures) -> str:
    """In lines."""
    lines = [
        f"{sum(figures.done.values())} deeds: "
        + ", ".join(f"{n} {c}" for n, c in figures.done.most_common()),
        f"{figures.whole} whole bodies, {figures.cut} cut, {len(figures.wrong)} wrong; {figures.kills} kills",
    ]
    for name, series in figures.levels.items():
        last, grown = series[-1], figures.growth(name, "resident_bytes") / MEBI
        lines.append(
            f"{name}: {last.resident_bytes / MEBI:.0f} MiB at the end ({grown:+.1f} from the second quarter to the "
            f"last), {last.threads} threads, {last.sockets} sockets, {last.pipes} pipes, {last.files} files"
        )
    return "\n".join([*lines, *figures.wrong[:20], *figures.left[:20]])


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    found: list[Figures] = []

    def ended(result: Any) -> None:
        found.append(result) if isinstance(result, Figures) else print(result)
        reactor.stop()

    with tempfile.TemporaryDirectory() as folder:

        def begin() -> None:
            running = Deferred.fromCoroutine(soak(Path(folder), given.minutes * 60, given.seed))
            running.addBoth(ended)

        reactor.callWhenRunning(begin)
        reactor.run()
    if not found or found[0].wrong or found[0].left:
        print(told(found[0]) if found else "it broke off")
        sys.exit(1)
    print(told(found[0]))


if __name__ == "__main__":
    main()
