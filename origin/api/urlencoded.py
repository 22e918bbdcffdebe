"""`application/x-www-form-urlencoded` as it arrives; a data URI in `file` is decoded on the way to disk."""

from pathlib import Path
from urllib.parse import unquote_to_bytes

from origin.api.params import Params, collect
from origin.api.spooling import FileText, Source, SpooledFile
from wire.errors import InvalidRequest


class UrlencodedForm:
    """A form body: `name=value&name=value`."""

    def __init__(self, folder: Path, text_bytes: int) -> None:
        self._folder = folder
        self._left = text_bytes
        self._held = b""  # of the pair that is not complete yet
        self._pairs: list[tuple[str, str]] = []
        self._text: FileText | None = None
        self._file: Source | None = None

    def feed(self, chunk: bytes) -> None:
        """Take complete pairs; of `file`, take whatever is there."""
        self._held += chunk
        while True:
            if self._text is not None:
                if not self._feed_file():
                    return
            elif self._held.startswith(b"file="):
                if self._file is not None:
                    raise InvalidRequest("Only one file may be sent in one request")
                self._held = self._held[len(b"file=") :]
                self._text = FileText(self._folder)
            elif b"&" in self._held:
                pair, _, self._held = self._held.partition(b"&")
                self._add(pair)
            else:
                if len(self._held) > self._left:
                    raise InvalidRequest("Parameters are too large")
                return

    def finish(self) -> tuple[Params, Source | None]:
        """The parameters; the end of the body ends the last pair."""
        self.feed(b"&")
        if self._held:
            self._add(self._held)
        return collect(self._pairs), self._file

    def discard(self) -> None:
        """Remove the file, received or half received."""
        if self._text is not None:
            self._text.discard()
        if isinstance(self._file, SpooledFile):
            self._file.path.unlink(missing_ok=True)

    def _feed_file(self) -> bool:
        assert self._text is not None
        value, end, rest = self._held.partition(b"&")
        # A percent escape may be cut in two by the chunk: its head waits for its tail.
        cut = value.rfind(b"%", max(0, len(value) - 2)) if not end else -1
        whole, self._held = (value, rest) if cut < 0 else (value[:cut], value[cut:])
        self._text.write(_unquoted(whole))
        if not end:
            return False
        self._file, self._text = self._text.finish(), None
        return True

    def _add(self, pair: bytes) -> None:
        self._left -= len(pair)
        if self._left < 0:
            raise InvalidRequest("Parameters are too large")
        if not pair:
            return
        name, _, value = pair.partition(b"=")
        try:
            self._pairs.append((_unquoted(name).decode(), _unquoted(value).decode()))
        except UnicodeDecodeError as error:
            raise InvalidRequest("Parameters are not UTF-8") from error


def _unquoted(text: bytes) -> bytes:
    return unquote_to_bytes(text.replace(b"+", b" "))
