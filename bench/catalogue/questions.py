"""What the catalogue is asked while it grows, each question with how long its best answer took."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from attrs import frozen

from bench.catalogue.loading import CLOUD, SINCE
from origin.catalogue import AssetDraft, Catalogue, Identity, Query, Term
from origin.catalogue.listing import Place
from origin.catalogue.search.searches import Wanted
from origin.search.parsing import parse

NOW = SINCE + 10_000_000
Question = Callable[[], Awaitable[Any]]


@frozen
class Questions:
    """Of a catalogue with so many assets."""

    catalogue: Catalogue
    count: int

    def all(self) -> dict[str, Question]:
        """By what they are about."""
        middle = Place(SINCE + self.count / 2, self.count // 2).to_cursor()
        own = 4777
        return {
            "list: the first page": self._list(),
            "list: a page in the middle": self._list(cursor=middle),
            "list: a prefix (1 in 1000)": self._list(type="upload", prefix="photos/107/"),
            "list: a prefix (all)": self._list(type="upload", prefix="photos/"),
            "list: a tag (1 in 100)": self._list(term=Term.tag("tag7")),
            "list: a tag (1 in 20,000)": self._list(term=Term.tag("rare107")),
            "list: a folder (1 in 1000)": self._list(resource_type=None, asset_folder="folder 107"),
            "look up: a public id": lambda: self.catalogue.assets.get(
                Identity(CLOUD, "image", "upload", f"photos/{own % 1000}/picture_{own}")
            ),
            "search: two terms (1 in 1000)": self._search("tags=tag7 AND w107"),
            "search: two terms (1 in 20,000)": self._search("rare107 context.alt:w107"),
            "search: a word and a size (1 in 2000)": self._search(f"w107 AND bytes>{1000 + self.count // 2}"),
            "search: a public id": self._search(f"public_id=photos/{own % 1000}/picture_{own}"),
            "search: everything, newest first": self._search(""),
            "search: everything, counted by format": self._search("resource_type:image", limit=0),
        }

    def _list(self, **asked: Any) -> Question:
        query = Query(**{"cloud": CLOUD, "resource_type": "image", "limit": 50, **asked})

        async def ask() -> None:
            assert (await self.catalogue.assets.list(query)).assets

        return ask

    def _search(self, expression: str, limit: int = 50) -> Question:
        wanted = Wanted(cloud=CLOUD, tree=parse(expression), limit=limit)

        async def ask() -> None:
            assert (await self.catalogue.searches.find(wanted, now=NOW)).total

        return ask

    async def inserted(self, rows: int) -> float:
        """Uploads recorded a second, one after the other, each on disk before the next."""
        began = time.perf_counter()
        for number in range(rows):
            await self.catalogue.assets.put(self._draft(number), now=NOW + number)
        return rows / (time.perf_counter() - began)

    def _draft(self, number: int) -> AssetDraft:
        name = f"new/{self.count}/picture_{number}"
        return AssetDraft(
            identity=Identity(CLOUD, "image", "upload", name),
            revision=f"{number:032}",
            store_key=f"new/{number}",
            bytes=1,
            etag="7242724272427242",
            format="jpg",
            width=864,
            height=576,
            display_name=f"picture_{number}",
            tags=("tag7", "rare107"),
            context={"alt": "w107"},
        )


async def cost_of(
    rounds: int, question: Question, server_seconds: Callable[[], float], patience_seconds: float = 5.0
) -> float:
    """CPU milliseconds of our process and the database's: waiting for a busy machine costs nothing.

    The mean of many rounds, after one that warms up; fewer of what takes long.
    """
    await question()
    began, deadline, done = time.process_time() + server_seconds(), time.perf_counter() + patience_seconds, 0
    while done < rounds and (done < 3 or time.perf_counter() < deadline):
        await question()
        done += 1
    return (time.process_time() + server_seconds() - began) / done * 1000
