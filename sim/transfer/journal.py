"""What was transferred already, so that a transfer that was broken off goes on where it was."""

import json
from pathlib import Path
from types import TracebackType
from typing import TextIO

from attrs import define, field, frozen

from wire import jsontext


@frozen
class Stamp:
    """A file as it was when it was transferred: another size or time is another file."""

    size: int
    modified_ns: int

    @classmethod
    def of(cls, path: Path) -> "Stamp":
        """The file as it is."""
        found = path.stat()
        return cls(found.st_size, found.st_mtime_ns)


@define
class Journal:
    """A line for each file that arrived, written as it does. A line cut short is no line."""

    path: Path
    _done: dict[str, Stamp] = field(factory=dict, init=False)
    _file: TextIO = field(init=False, repr=False)

    def __enter__(self) -> "Journal":
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists():
            for line in self.path.read_text("utf-8", "replace").splitlines():
                self._read(line)
        self._file = self.path.open("a", encoding="utf-8")
        self._file.write("\n")  # whatever was cut short ends here
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def has(self, file: str, stamp: Stamp) -> bool:
        """Whether this very file arrived."""
        return self._done.get(file) == stamp

    def done(self, file: str, stamp: Stamp) -> None:
        """It arrived."""
        self._done[file] = stamp
        self._file.write(json.dumps([file, stamp.size, stamp.modified_ns]) + "\n")
        self._file.flush()

    def _read(self, line: str) -> None:
        try:
            file, size, modified_ns = jsontext.read(line)
        except (ValueError, TypeError):
            return
        self._done[str(file)] = Stamp(size, modified_ns)
