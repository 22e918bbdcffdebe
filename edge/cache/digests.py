"""What a stored body must still amount to when it is read."""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

from attrs import frozen

DIGEST_BYTES = 1024 * 1024


@frozen
class Digests:
    """Bodies up to DIGEST_BYTES have a digest, with `verify_all` longer ones, too; the rest is held to its length."""

    verify_all: bool = False

    def of(self, body: bytes | Path, size: int) -> str | None:
        """The digest of a body of `size` bytes that is to be stored; None if it needs none."""
        if isinstance(body, bytes):
            return digest_of(body)
        if not self._covers(size):
            return None
        with body.open("rb") as file:
            return digest_of_file(file)

    def confirm(self, body: bytes | BinaryIO, size: int, digest: str | None) -> bool:
        """Whether what was read, or is open to be, is what was stored: `size` bytes that amount to the digest."""
        if isinstance(body, bytes):
            return len(body) == size and digest_of(body) == digest
        if os.fstat(body.fileno()).st_size != size:
            return False
        return not self._covers(size) or (digest is not None and digest_of_file(body) == digest)

    def _covers(self, size: int) -> bool:
        return self.verify_all or size <= DIGEST_BYTES


def digest_of(data: bytes) -> str:
    """BLAKE2b, 16 bytes of it, in hex."""
    return blake2b(data, digest_size=16).hexdigest()


def digest_of_file(file: BinaryIO) -> str:
    """The same of all that is in a file."""
    digest, at = blake2b(digest_size=16), 0
    while part := os.pread(file.fileno(), 1 << 20, at):
        digest.update(part)
        at += len(part)
    return digest.hexdigest()
