"""A request body, read while it arrives (multipart, urlencoded, JSON); the file goes straight to disk."""

import re
from pathlib import Path
from typing import Protocol

from attrs import frozen
from multipart import (  # type: ignore[import-untyped,unused-ignore]
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from origin.api.jsonform import JsonForm
from origin.api.params import Params, collect
from origin.api.spooling import FileSpool, FileText, Source, SpooledFile
from origin.api.urlencoded import UrlencodedForm
from wire.errors import InvalidRequest
from wire.web.body import RequestBody, too_large

FILE = "file"
TEXT_BYTES = 2 * 1024 * 1024  # of all parameters together, the file apart
MAX_PARTS = 2000
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@frozen
class Form:
    """A request's parameters and its file, if it carried one."""

    params: Params
    file: Source | None

    def discard(self) -> None:
        """Remove the file if nobody has taken it."""
        if isinstance(self.file, SpooledFile):
            self.file.path.unlink(missing_ok=True)


class FormReader(Protocol):
    """A body parser that is fed and asked once at the end."""

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the body."""

    def finish(self) -> tuple[Params, Source | None]:
        """The body is complete."""

    def discard(self) -> None:
        """The body never completed, or is refused: remove what was written."""


class MultipartForm:
    """RFC 7578, with the file part spooled and hashed as it comes."""

    def __init__(self, boundary: str, folder: Path) -> None:
        # Latin-1 takes any byte; `_text` then prefers UTF-8 (upload-api §1: Python sends that, Node Latin-1).
        self._parser = PushMultipartParser(boundary, max_segment_count=MAX_PARTS, header_charset="latin1")
        self._folder = folder
        self._pairs: list[tuple[str, str]] = []
        self._text_bytes = 0
        self._part: MultipartSegment | None = None
        self._value = bytearray()
        self._spool: FileSpool | FileText | None = None
        self._file: Source | None = None
        self._seen_file = False

    def feed(self, chunk: bytes) -> None:
        """Parse as far as the bytes reach."""
        try:
            for event in self._parser.parse(chunk):
                match event:
                    case None:
                        self._end_part()
                    case bytes() | bytearray():
                        self._take(bytes(event))
                    case _:
                        self._begin_part(event)
        except MultipartError as error:
            raise InvalidRequest(f"Malformed multipart body: {error}") from error

    def finish(self) -> tuple[Params, Source | None]:
        """The parameters in arrival order; a body without its closing boundary is refused."""
        try:
            self._parser.close()
        except MultipartError as error:
            raise InvalidRequest("Malformed multipart body: the closing boundary is missing") from error
        return collect(self._pairs), self._file

    def discard(self) -> None:
        """Remove the file, received or half received."""
        if self._spool is not None:
            self._spool.discard()
        if isinstance(self._file, SpooledFile):
            self._file.path.unlink(missing_ok=True)

    def _begin_part(self, part: MultipartSegment) -> None:
        self._part, self._value = part, bytearray()
        if _text(part.name) == FILE:
            if self._seen_file:
                raise InvalidRequest("Only one file may be sent in one request")
            self._seen_file = True
            self._spool = FileText(self._folder) if part.filename is None else FileSpool(self._folder)

    def _take(self, data: bytes) -> None:
        assert self._part is not None
        if self._spool is not None:
            self._spool.write(data)
        elif self._part.filename is None:
            self._text_bytes += len(data)
            if self._text_bytes > TEXT_BYTES:
                raise InvalidRequest("Parameters are too large")
            self._value += data
        # A file under any other name is not ours to keep.

    def _end_part(self) -> None:
        assert self._part is not None
        if isinstance(self._spool, FileSpool):
            self._file = self._spool.finish(base_name(_text(self._part.filename)))
        elif isinstance(self._spool, FileText):
            self._file = self._spool.finish()
        elif self._part.filename is None:
            name = _text(self._part.name)
            try:
                self._pairs.append((name, self._value.decode()))
            except UnicodeDecodeError as error:
                raise InvalidRequest(f"Parameter {name[:100]!r} is not UTF-8") from error
        self._spool = self._part = None


async def read_form(body: RequestBody, content_type: str, folder: Path, max_bytes: int) -> Form:
    """The whole form of a request, its file under `folder`; nothing is left there when this raises."""
    if body.length == 0:
        return Form({}, None)
    if body.length is not None and body.length > max_bytes:
        raise too_large(max_bytes, body.length)
    reader = _reader(content_type, folder)
    try:
        await body.deliver(reader.feed, limit=max_bytes)
        params, file = reader.finish()
    except BaseException:  # cancellation too: the client has gone, its file must go
        reader.discard()
        raise
    return Form(params, file)


def _reader(content_type: str, folder: Path) -> FormReader:
    kind, options = parse_options_header(content_type)
    match kind.lower():
        case "multipart/form-data":
            boundary = options.get("boundary", "")
            if not boundary or len(boundary) > 200 or "\n" in boundary or "\r" in boundary:
                raise InvalidRequest("Malformed multipart body: no usable boundary")
            return MultipartForm(boundary, folder)
        case "application/x-www-form-urlencoded":
            return UrlencodedForm(folder, TEXT_BYTES)
        case "application/json":
            return JsonForm(folder, TEXT_BYTES)
    raise InvalidRequest(f"Unsupported content type: {_CONTROL.sub(' ', kind)[:100]}")


def _text(value: str | None) -> str:
    """A header value, which the parser read as Latin-1, as its sender meant it."""
    try:
        return (value or "").encode("latin1").decode()
    except UnicodeError:
        return value or ""


def base_name(filename: str) -> str:
    """The last segment of a path in either notation, no control characters: never a place on our disk."""
    return _CONTROL.sub("", re.split(r"[/\\]", filename)[-1]).strip()
