"""A file on its way in: written to disk and hashed as it arrives, so that its size never shows in memory."""

import hashlib
import os
import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from pathlib import Path
from tempfile import mkstemp

from attrs import frozen

from origin.diskspace import needing_space
from wire.errors import InvalidRequest

DATA_PREFIX = b"data:"
_HEADER_BYTES = 1024  # of a data URI, before its comma
_URL_BYTES = 8192
_REMOTE = re.compile(r"(?:https?|ftp|s3|gs|gcs)://", re.IGNORECASE)
_SPACE = b" \t\r\n"
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_INCOMPLETE_ESCAPE = re.compile(rb"%[0-9A-Fa-f]?\Z")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")


@frozen
class SpooledFile:
    """An uploaded file, whole, on disk. Whoever takes it moves or removes it."""

    path: Path
    size: int
    md5: str
    filename: str | None  # base name as the client gave it; None for a data URI


@frozen
class RemoteFile:
    """A file the client wants us to fetch."""

    url: str


Source = SpooledFile | RemoteFile


class FileSpool:
    """One file being received. Nothing is left of it unless `finish` hands it over."""

    def __init__(self, folder: Path) -> None:
        with needing_space():
            folder.mkdir(parents=True, exist_ok=True)
            descriptor, name = mkstemp(prefix="upload-", dir=folder)
        self._path = Path(name)
        self._file = os.fdopen(descriptor, "wb")
        self._md5 = hashlib.md5(usedforsecurity=False)  # the `etag` of upload-api §3.5, not a secret
        self._size = 0

    def write(self, data: bytes) -> None:
        """Append; the page cache takes it, the store makes it durable."""
        with needing_space():
            self._file.write(data)
        self._md5.update(data)
        self._size += len(data)

    def finish(self, filename: str | None) -> SpooledFile:
        """Close the file and hand it over."""
        with needing_space():
            self._file.close()
        return SpooledFile(self._path, self._size, self._md5.hexdigest(), filename)

    def discard(self) -> None:
        """Close and remove; safe to call twice."""
        try:
            self._file.close()
        except OSError:
            pass  # what did not fit is not wanted any more
        finally:
            self._path.unlink(missing_ok=True)


class DataUri:
    """`data:[<mime>][;key=value]…[;base64],<data>` turned to bytes as it arrives; at most one header held."""

    def __init__(self) -> None:
        self._header: bytes | None = b""
        self._base64 = False
        self._rest = b""
        self._padded = False

    def feed(self, text: bytes) -> bytes:
        """The bytes that this much more text stands for."""
        if self._header is not None:
            self._header += text
            head, comma, text = self._header.partition(b",")
            if len(head) > _HEADER_BYTES:
                raise InvalidRequest("Invalid data URI")
            if not comma:
                return b""
            self._base64 = head.lower().endswith(b";base64")
            self._header = None
        return self._decode64(text) if self._base64 else self._decode_escaped(text)

    def finish(self) -> bytes:
        """The last bytes; a URI that stops half way is refused."""
        if self._header is not None:
            raise InvalidRequest("Invalid data URI")
        if not self._base64:
            return self._rest
        missing = -len(self._rest) % 4
        if missing == 3:  # six bits are no byte
            raise InvalidRequest("Invalid data URI")
        return self._quads(self._rest + b"=" * missing) if self._rest else b""

    def _decode64(self, text: bytes) -> bytes:
        text = self._rest + text.translate(_URL_SAFE, _SPACE)  # RFC 2045 line breaks are no data
        whole = len(text) - len(text) % 4
        self._rest = text[whole:]
        return self._quads(text[:whole])

    def _quads(self, text: bytes) -> bytes:
        if text and self._padded:
            raise InvalidRequest("Invalid data URI")
        self._padded = text.endswith(b"=")
        try:
            return a2b_base64(text, strict_mode=True)
        except Base64Error as error:
            raise InvalidRequest("Invalid data URI", log=f"data URI: {error}") from error

    def _decode_escaped(self, text: bytes) -> bytes:
        text = self._rest + text
        cut = _INCOMPLETE_ESCAPE.search(text)
        whole, self._rest = (text[: cut.start()], text[cut.start() :]) if cut else (text, b"")
        return _ESCAPE.sub(lambda match: bytes.fromhex(match[1].decode()), whole)


class FileText:
    """The value of `file` when it is text: a data URI goes to disk decoded, a URL is remembered."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._start = b""
        self._uri: DataUri | None = None
        self._spool: FileSpool | None = None

    def write(self, text: bytes) -> None:
        """Take more of the value."""
        if self._uri is not None and self._spool is not None:
            self._spool.write(self._uri.feed(text))
            return
        self._start += text
        if self._start[: len(DATA_PREFIX)].lower() == DATA_PREFIX:
            self._uri, self._spool = DataUri(), FileSpool(self._folder)
            self._spool.write(self._uri.feed(self._start))
            self._start = b""
        elif len(self._start) > _URL_BYTES:
            raise InvalidRequest("Unsupported source URL")

    def finish(self) -> Source | None:
        """What the value was; None when it was empty."""
        if self._uri is not None and self._spool is not None:
            self._spool.write(self._uri.finish())
            return self._spool.finish(None)
        text = self._start.decode("utf-8", "replace").strip()
        if not text:
            return None
        if not _REMOTE.match(text):
            raise InvalidRequest(f"Unsupported source URL: {text[:200]}")
        return RemoteFile(text)

    def discard(self) -> None:
        """Remove what was written."""
        if self._spool is not None:
            self._spool.discard()
