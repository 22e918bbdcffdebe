"""A stored body is what it was, or it is no body."""

from pathlib import Path

import pytest

from edge.cache.digests import DIGEST_BYTES, Digests
from tests.support.caches import pattern


@pytest.mark.parametrize("size", [0, 1, 40_000, DIGEST_BYTES])
def test_one_flipped_bit_is_seen_in_memory_and_in_a_file(tmp_path: Path, size: int) -> None:
    """Whether it was stored from memory or from a file, and whichever it is read from."""
    body, path, digests = pattern(size), tmp_path / "body", Digests()
    path.write_bytes(body)
    digest = digests.of(body, size)
    assert digests.of(path, size) == digest
    assert digests.confirm(body, size, digest)
    with path.open("rb") as file:
        assert digests.confirm(file, size, digest)
        assert not digests.confirm(file, size, None)
        assert not digests.confirm(file, size + 1, digest)
    if size:
        damaged = bytes((body[0] ^ 1,)) + body[1:]
        path.write_bytes(damaged)
        assert not digests.confirm(damaged, size, digest)
        with path.open("rb") as file:
            assert not digests.confirm(file, size, digest)


@pytest.mark.parametrize("verify_all", [False, True])
def test_a_long_body_has_a_digest_where_that_is_wanted(tmp_path: Path, verify_all: bool) -> None:
    """Else its length alone is looked at: to read a film twice costs more than it is worth."""
    size, path, digests = DIGEST_BYTES + 1, tmp_path / "film", Digests(verify_all)
    path.write_bytes(pattern(size))
    digest = digests.of(path, size)
    assert (digest is not None) is verify_all
    with path.open("rb+") as file:
        assert digests.confirm(file, size, digest)
        file.write(b"\xff\xfe")
        file.flush()
        assert digests.confirm(file, size, digest) is not verify_all
