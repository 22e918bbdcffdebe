"""The disk tier as it grows: start-up, look-ups, inserts, and the memory it takes, with few entries and with many.

    python -m bench.disk [--sizes 10000,1000000]

Each size runs in a process of its own: it fills a folder with bodies of 1 KB (by rows in bulk, or it would take
hours), opens it anew, and looks up entries and bodies at random as a viewer's request does. CPU and wall
microseconds; the memory is what opening and looking up added to the process.
"""

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bench.measure import table
from edge.cache.digests import digest_of
from edge.cache.shelf import Shelf, as_json, open_shelf
from edge.core.entry import Entry
from wire.http.fields import Fields

BODY = 1_000
ROOM = 1 << 40
BATCH = 5_000
COLUMNS = (
    *("key", "raw", "store_time", "expire_time", "access_time", "access_count"),
    *("tag", "size", "mode", "filename", "value"),
)
LOOKUPS = 5_000
INSERTS = 2_000


def entry(number: int, generation: str = "") -> Entry:
    """One small picture's head."""
    return Entry(
        key=f"http://media.example/demo/image/upload/w_200/{generation}{number}.jpg",
        status=200,
        fields=Fields(
            [("Content-Type", "image/jpeg"), ("ETag", f'"{number}"'), ("Cache-Control", "max-age=600")]
        ),
        request_time=1.0,
        response_time=1.0,
        date=1.0,
        lifetime=600.0,
        initial_age=0.0,
        size=BODY,
        surrogate_keys=(f"asset-{number // 4}", f" /demo/image/upload/w_200/{generation}{number}.jpg"),
        body_id=f"{number:08x}{generation:0>24}",
    )


def fill(folder: Path, count: int) -> None:
    """So many entries, in the rows that `put` would have written one by one; `measure` reads them by its verbs."""
    shelf = open_shelf(folder, ROOM)
    body, store = bytes(BODY), shelf._store
    digest, known = digest_of(body), ("h:" + entry(0).key, "b:" + entry(0).body_id)
    shelf.put(entry(0), body)
    pattern = {name: _row(store, name) for name in known}
    insert = f"INSERT INTO Cache ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
    for start in range(1, count, BATCH):
        with shelf._transaction():
            con = store._con
            entries = [entry(number) for number in range(start, min(start + BATCH, count))]
            heads = [({**pattern[known[0]], "key": "h:" + e.key, "value": as_json((e,))}) for e in entries]
            bodies = [({**pattern[known[1]], "key": "b:" + e.body_id, "tag": digest}) for e in entries]
            rows = (row for pair in zip(bodies, heads, strict=True) for row in pair)  # as they are put
            con.executemany(insert, [tuple(row.values()) for row in rows])
            uses = [(e.body_id, e.key, start + at) for at, e in enumerate(entries)]
            con.executemany("INSERT INTO bodies VALUES (?, ?, ?)", uses)
            con.executemany(
                "INSERT INTO tags VALUES (?, ?)",
                [(tag, e.body_id) for e in entries for tag in e.surrogate_keys],
            )
    shelf.close()


def _row(store: Any, key: str) -> dict[str, Any]:
    query = f"SELECT {', '.join(COLUMNS)} FROM Cache WHERE key = ?"
    ((values),) = store._sql(query, (key,)).fetchall()
    return dict(zip(COLUMNS, values, strict=True))


def timed(step: Callable[[int], object], rounds: int) -> tuple[float, float, float]:
    """Median and 99th percentile by the clock, and CPU, in microseconds a step."""
    walls = []
    cpu = time.process_time()
    for at in range(rounds):
        started = time.perf_counter()
        step(at)
        walls.append(time.perf_counter() - started)
    cpu = time.process_time() - cpu
    walls.sort()
    return walls[rounds // 2] * 1e6, walls[rounds * 99 // 100] * 1e6, cpu / rounds * 1e6


def resident() -> float:
    """MiB of this process now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / (1 << 20)


def one_size(folder: Path, count: int) -> list[str]:
    """A row of the table."""
    started = time.perf_counter()
    fill(folder, count)
    filled = count / (time.perf_counter() - started)
    code = "import sys; from bench.disk import measure; measure(sys.argv[1], int(sys.argv[2]))"
    return [
        f"{count:,}",
        *subprocess.run(
            [sys.executable, "-c", code, str(folder), str(count)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout.split(),
        f"{filled:,.0f}",
    ]


def measure(where: str, count: int) -> None:
    """Print the figures of a filled folder, opened in this fresh process."""
    before, rng = resident(), random.Random(1)
    started, cpu = time.perf_counter(), time.process_time()
    shelf = open_shelf(Path(where), ROOM)
    opening, opening_cpu = time.perf_counter() - started, time.process_time() - cpu
    if len(shelf) != count:
        sys.exit("not filled")
    numbers = [rng.randrange(count) for _ in range(LOOKUPS)]
    for number in numbers[:500]:
        look_up(shelf, number)
    p50, p99, each = timed(lambda at: look_up(shelf, numbers[at]), LOOKUPS)
    added = resident() - before
    body = bytes(BODY)
    insert_p50, _, insert_cpu = timed(lambda at: shelf.put(entry(at, "new"), body), INSERTS)
    print(
        f"{opening * 1e3:.1f} {opening_cpu * 1e3:.1f} {p50:.0f} {p99:.0f} {each:.0f}"
        f" {insert_p50:.0f} {insert_cpu:.0f} {added:.1f}"
    )
    shelf.close()


def look_up(shelf: Shelf, number: int) -> None:
    """What a request that memory cannot answer costs on the reading thread."""
    (found,) = shelf.entries(entry(number).key)
    if shelf.open(found) != bytes(BODY):
        sys.exit("a wrong body")
    shelf.touch(found.body_id)


@click.command()
@click.option("--sizes", default="10000,1000000", show_default=True, help="How many entries, by commas.")
def main(sizes: str) -> None:
    """The disk tier as it grows."""
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    with tempfile.TemporaryDirectory() as folder:
        rows = [one_size(Path(folder, size), int(size)) for size in sizes.split(",")]
    table(
        "The disk tier as it grows",
        [
            "entries",
            "opening, ms",
            "CPU ms",
            "look-up p50 µs",
            "p99",
            "CPU µs",
            "insert p50 µs",
            "CPU µs",
            "MiB added",
            "filled a second",
        ],
        rows,
    )


if __name__ == "__main__":
    main()
