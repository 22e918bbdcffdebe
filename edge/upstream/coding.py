"""A fetch whose answer is compressed on its way in. To its listener it is the fetch from an upstream that does so."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Protocol

from edge.core.coding import answer_of, question_of
from edge.core.policy import Compression
from edge.upstream.failing import UpstreamFailed
from edge.upstream.fetch import Fetching, Listener
from edge.upstream.upstreams import Upstreams
from wire.http.fields import RequestHead, ResponseHead
from wire.web.body import RequestBody
from wire.web.spool import Source, Spool


class Coder(Protocol):
    """A stream of bytes into another."""

    def code(self, data: bytes) -> bytes:
        """What is ready to go."""

    def flush(self) -> bytes:
        """All that is held back, so that a reader can decode every byte so far."""

    def finish(self) -> bytes:
        """The rest."""


class Gzip:
    """RFC 1952, at zlib's usual level."""

    def __init__(self) -> None:
        self._stream = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        self.code = self._stream.compress

    def flush(self) -> bytes:
        return self._stream.flush(zlib.Z_SYNC_FLUSH)

    def finish(self) -> bytes:
        return self._stream.flush()


class Brotli:
    """RFC 7932, at a quality that keeps up with the wire."""

    def __init__(self) -> None:
        import brotli  # for whom compresses

        self._stream = brotli.Compressor(quality=5)
        self.code: Callable[[bytes], bytes] = self._stream.process
        self.flush: Callable[[], bytes] = self._stream.flush
        self.finish: Callable[[], bytes] = self._stream.finish


class Zstandard:
    """RFC 8878, with a window of at most 8 MB (RFC 9659)."""

    def __init__(self) -> None:
        import zstandard  # as above

        self._stream = zstandard.ZstdCompressor(level=6).compressobj()
        self._flush_block = zstandard.COMPRESSOBJ_FLUSH_BLOCK
        self.code = self._stream.compress

    def flush(self) -> bytes:
        return self._stream.flush(self._flush_block)

    def finish(self) -> bytes:
        return self._stream.flush()


CODERS: dict[str, Callable[[], Coder]] = {"br": Brotli, "zstd": Zstandard, "gzip": Gzip}


class CodedSpool:
    """Takes the upstream's bytes, and writes coded ones to a spool."""

    def __init__(self, spool: Spool, coder: Coder, *, is_streamed: bool) -> None:
        self.received = 0
        self._spool = spool
        self._coder = coder
        self._is_streamed = is_streamed  # its length is not known: who watches it grow must not wait for more

    @property
    def source(self) -> Source | None:
        """Who is asked to pause when readers cannot keep up."""
        return self._spool.source

    @source.setter
    def source(self, source: Source | None) -> None:
        self._spool.source = source

    def write(self, data: bytes) -> None:
        """Some of the upstream's bytes."""
        self._pass_on(self._coder.code(data) + (self._coder.flush() if self._is_streamed else b""))

    def finish(self) -> None:
        """That was all."""
        self._pass_on(self._coder.finish())

    def _pass_on(self, coded: bytes) -> None:
        if coded:
            self.received += len(coded)
            self._spool.write(coded)


class CodedFetching:
    """A `Fetching` with the same face, in front of the compression."""

    def __init__(
        self,
        upstreams: Upstreams,
        head: RequestHead,
        listener: Listener,
        compression: Compression,
        body: RequestBody | None = None,
    ) -> None:
        self._question = question_of(head)
        self._compression = compression
        self._listener = listener
        self._coding = ""
        self._is_streamed = False
        self._coded: CodedSpool | None = None
        self._fetching = Fetching(upstreams, self._question.head, self, body)
        self.start = self._fetching.start
        self.cancel = self._fetching.cancel
        self.gather_at_most = self._fetching.gather_at_most

    @property
    def received(self) -> int:
        """Bytes for the spool so far."""
        return self._coded.received if self._coded is not None else self._fetching.received

    @property
    def awaits_decision(self) -> bool:
        """Whether the head is here, and not settled yet where the body goes."""
        return self._fetching.awaits_decision

    def proceed(self, spool: Spool | None) -> None:
        """The head was considered: the body goes to `spool`, coded if the head said so."""
        if spool is None or not self._coding:
            self._fetching.proceed(spool)
            return
        self._coded = CodedSpool(spool, CODERS[self._coding](), is_streamed=self._is_streamed)
        self._fetching.proceed(self._coded)

    # Listener

    def interim_arrived(self, head: ResponseHead) -> None:
        self._listener.interim_arrived(head)

    def head_arrived(self, head: ResponseHead, requested_at: float) -> None:
        told, coding = answer_of(head, self._question, self._compression)
        if self._question.head.method != "HEAD":
            self._coding = coding
            self._is_streamed = "content-length" not in head.fields
        self._listener.head_arrived(told, requested_at)

    def body_outgrew(self) -> None:
        self._listener.body_outgrew()

    def body_completed(self, size: int) -> None:
        if self._coded is not None:
            self._coded.finish()
        self._listener.body_completed(self.received)

    def fetch_failed(self, failed: UpstreamFailed) -> None:
        self._listener.fetch_failed(failed)
