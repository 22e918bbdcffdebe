"""A JSON body as it arrives: the text of `file` is led out to disk before the document is parsed."""

import json
import re
from pathlib import Path

from origin.api.params import Params, from_document
from origin.api.spooling import FileText, Source, SpooledFile
from wire import jsontext
from wire.errors import InvalidRequest

DEEPEST = 1000  # no parser of ours goes further
_MARKS = re.compile(rb'["{}\[\]]')
_STRING_END = re.compile(rb'["\\]')
_LONG_ESCAPE = 6  # \u002b
_FILE = re.compile(rb'"file"\s*:\s*\Z')
_NEAR_FILE = re.compile(rb'"file"\s*:?\s*\Z')
_PLAIN = re.compile(
    rb'(?:[^"{}\[\]]++|"(?!file")(?:[^"\\]++|\\.)*+")*+', re.DOTALL
)  # whole strings, at one go


class JsonForm:
    """One JSON object. What memory holds is the document with the value of a top-level `file` cut out."""

    def __init__(self, folder: Path, text_bytes: int) -> None:
        self._folder = folder
        self._limit = text_bytes
        self._kept = bytearray()
        self._held = b""
        self._at = 0  # how much of it is scanned: a slice for each mark would copy the rest each time
        self._depth = 0
        self._in_string = False
        self._text: FileText | None = None
        self._file: Source | None = None

    def feed(self, chunk: bytes) -> None:
        """Scan on; only string ends and brackets matter."""
        self._held, self._at = self._held[self._at :] + chunk, 0
        while self._at < len(self._held) and (
            self._scan_string() if self._in_string else self._scan_structure()
        ):
            pass
        if len(self._kept) > self._limit:
            raise InvalidRequest("Parameters are too large")

    def finish(self) -> tuple[Params, Source | None]:
        """The parameters; a body cut short is no JSON."""
        if self._text is not None:
            raise InvalidRequest("Malformed JSON body")
        try:
            document = jsontext.read(bytes(self._kept + self._held[self._at :]))
        except ValueError as error:
            raise InvalidRequest("Malformed JSON body") from error
        params = from_document(document)
        params.pop("file", None)
        return params, self._file

    def discard(self) -> None:
        """Remove the file, received or half received."""
        if self._text is not None:
            self._text.discard()
        if isinstance(self._file, SpooledFile):
            self._file.path.unlink(missing_ok=True)

    def _scan_structure(self) -> bool:
        if not _NEAR_FILE.search(self._kept, max(0, len(self._kept) - 64)):
            plain = _PLAIN.match(self._held, self._at)
            self._keep(plain.end() if plain else self._at)
        mark = _MARKS.search(self._held, self._at)
        if mark is None:
            self._keep(len(self._held))
            return False
        if mark[0] == b'"':
            self._keep(mark.end())
            self._in_string = True
            if self._depth == 1 and _FILE.search(
                self._kept, max(0, len(self._kept) - 64), len(self._kept) - 1
            ):
                if self._file is not None:
                    raise InvalidRequest("Only one file may be sent in one request")
                self._text = FileText(self._folder)
        else:
            self._depth += 1 if mark[0] in b"{[" else -1
            if self._depth > DEEPEST:
                raise InvalidRequest("Malformed JSON body")
            self._keep(mark.end())
        return True

    def _scan_string(self) -> bool:
        mark = _STRING_END.search(self._held, self._at)
        self._pass(mark.start() if mark else len(self._held), escaped=False)
        if mark is None:
            return False
        if mark[0] == b'"':
            self._in_string = False
            self._keep(mark.end())
            if self._text is not None:
                self._file, self._text = self._text.finish(), None
            return True
        is_long = self._held[mark.end() : mark.end() + 1] == b"u"
        end = mark.start() + (_LONG_ESCAPE if is_long else 2)
        if len(self._held) < end:
            return False
        self._pass(end, escaped=True)
        return True

    def _pass(self, end: int, *, escaped: bool) -> None:
        data, self._at = self._held[self._at : end], end
        if self._text is None:
            self._kept += data
        elif data:
            self._text.write(_unescaped(data) if escaped else data)

    def _keep(self, end: int) -> None:
        self._kept += self._held[self._at : end]
        self._at = end


def _unescaped(data: bytes) -> bytes:
    try:
        return str(json.loads(b'"' + data + b'"')).encode("utf-8", "surrogatepass")
    except ValueError as error:
        raise InvalidRequest("Malformed JSON body") from error
