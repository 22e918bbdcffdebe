"""The invalidations that were asked for, and how far each is (cdn-vendors §7.2, §7.7)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from string import ascii_uppercase, digits

from attrs import define, evolve, field, frozen
from attrs.validators import ge

from edge.vendors.cloudfront.batch import Batch
from edge.vendors.cloudfront.errors import AwsError

KEPT = 10_000
LETTERS = ascii_uppercase + digits


@frozen
class Limits:
    """Of what may be in progress at once for one distribution."""

    paths: int = field(default=3000, validator=ge(1))
    wildcards: int = field(default=15, validator=ge(1))


@frozen
class Record:
    """One invalidation."""

    id: str
    distribution: str
    created: float
    batch: Batch
    is_completed: bool = False

    @property
    def status(self) -> str:
        """The word that waiters compare with."""
        return "Completed" if self.is_completed else "InProgress"


@define
class Book:
    """All of them, by distribution, oldest first; the last 10,000 outlive the process if there is a file."""

    rng: Random
    limits: Limits = Limits()
    path: Path | None = None
    _records: dict[str, Record] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        if self.path is not None and self.path.exists():
            for line in self.path.read_text("utf-8").split("\n")[:-1]:  # less one whose writing was cut short
                self._remember(_read(line))
            self._write("w", self._records.values())

    @property
    def in_progress(self) -> Iterator[Record]:
        """Those that not every edge has confirmed."""
        return (each for each in self._records.values() if not each.is_completed)

    def create(self, distribution: str, batch: Batch, now: float) -> tuple[Record, bool]:
        """The record of a batch and whether it is new: the same reference with the same paths is the same batch."""
        earlier = next(
            (each for each in self.of(distribution) if each.batch.reference == batch.reference), None
        )
        if earlier is not None:
            if earlier.batch.is_same(batch.items):
                return earlier, False
            raise AwsError(
                "InvalidationBatchAlreadyExists",
                "You specified the same CallerReference as an earlier batch that had other paths.",
            )
        self._check_limits(distribution, batch)
        name = "I" + "".join(self.rng.choices(LETTERS, k=13))
        record = Record(name, distribution, now, batch)
        self._remember(record)
        self._write("a", [record])
        return record, True

    def _check_limits(self, distribution: str, batch: Batch) -> None:
        wild, plain = batch.wildcards, len(batch.items) - batch.wildcards
        if plain > self.limits.paths:
            raise AwsError("BatchTooLarge", "Your request contains more paths than are allowed.")
        running = [each.batch for each in self.of(distribution) if not each.is_completed]
        wild += sum(each.wildcards for each in running)
        plain += sum(len(each.items) - each.wildcards for each in running)
        if wild > self.limits.wildcards or plain > self.limits.paths:
            raise AwsError(
                "TooManyInvalidationsInProgress",
                f"With this batch more would be in progress than are allowed: {self.limits.paths} paths and"
                f" {self.limits.wildcards} wildcards.",
            )

    def complete(self, record: Record) -> None:
        """Every edge has it."""
        done = evolve(record, is_completed=True)
        self._records[record.id] = done
        self._write("a", [done])

    def of(self, distribution: str) -> tuple[Record, ...]:
        """A distribution's, newest first."""
        return tuple(each for each in reversed(self._records.values()) if each.distribution == distribution)

    def get(self, distribution: str, name: str) -> Record:
        """One of them."""
        record = self._records.get(name)
        if record is None or record.distribution != distribution:
            raise AwsError("NoSuchInvalidation", "The specified invalidation does not exist.")
        return record

    def page(self, distribution: str, marker: str, most: int) -> tuple[tuple[Record, ...], bool]:
        """Those behind a marker, and whether there are more."""
        records = self.of(distribution)
        if marker:
            self.get(distribution, marker)
            names = [each.id for each in records]
            records = records[names.index(marker) + 1 :]
        return records[:most], len(records) > most

    def _remember(self, record: Record) -> None:
        self._records[record.id] = record
        while len(self._records) > KEPT:
            del self._records[next(iter(self._records))]

    def _write(self, mode: str, records: Iterable[Record]) -> None:
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open(mode, encoding="utf-8") as file:
            file.writelines(_written(each) + "\n" for each in records)


def _written(record: Record) -> str:
    return json.dumps(
        {
            "id": record.id,
            "distribution": record.distribution,
            "created": record.created,
            "items": record.batch.items,
            "reference": record.batch.reference,
            "completed": record.is_completed,
        }
    )


def _read(line: str) -> Record:
    told = json.loads(line)
    batch = Batch(tuple(told["items"]), told["reference"])
    return Record(told["id"], told["distribution"], told["created"], batch, told["completed"])
