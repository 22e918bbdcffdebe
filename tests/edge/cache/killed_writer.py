"""Inserts and removes until it is killed, and says what is done after it is done. Run by `test_disk`."""

import sys
from pathlib import Path
from random import Random
from typing import Any

from twisted.internet import task

from tests.edge.cache.test_disk import size_of
from tests.support.caches import disk, entry_of, pattern


async def main(reactor: Any, directory: str, seed: str) -> None:
    rng = Random(int(seed))
    cache = await disk(reactor, Path(directory), 200_000_000)
    for number in range(100_000):
        key = f"/{rng.randrange(40)}"
        if rng.random() < 0.2:
            await cache.remove(key)
            print("removed", key, number)
            continue
        content = pattern(size_of(number), number)
        body: bytes | Path = content
        if rng.random() < 0.5:
            body = cache.spool_directory / str(number)
            body.write_bytes(content)
        assert await cache.insert(key, entry_of(key, tags=("all",)), body) is not None
        print("stored", key, number)


if __name__ == "__main__":
    task.react(main, sys.argv[1:])
