"""TLS on an edge: real sockets, real verification, and what comes of those who do it wrong."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from edge.service import EdgeNode
from edge.tls.authority import Authority, load, load_or_make
from edge.tls.certificates import GivenCertificates, IssuedCertificates, names_of
from edge.tls.context import make_context
from edge.tls.errors import AuthorityError
from edge.tls.settings import Pair, Tls
from tests.support.caches import pattern
from tests.support.edge_node import get, running_edge, until
from tests.support.scripted_origin import ScriptedOrigin, reply
from tests.support.tls import client_context, in_thread, shake
from tests.support.viewer import answer_of, connect, request

ASK = request("/a", Host="localhost")


@asynccontextmanager
async def secured(
    folder: Path, edge_settings: Mapping[str, Any] | None = None, **tls: Any
) -> AsyncIterator[tuple[EdgeNode, ScriptedOrigin, Authority]]:
    """An edge with both ports, and the authority that vouches for it."""
    origin = ScriptedOrigin().listen()
    origin.on("/a", reply(b"hello", 200, Cache_Control="max-age=60"))
    settings = Tls(listen="127.0.0.1:0", authority=str(folder / "authority"), **tls)
    async with running_edge(origin.url, tls=settings, **(edge_settings or {})) as edge:
        authority = load(folder / "authority")
        assert authority is not None
        yield edge, origin, authority
    await origin.stop()


def pair_for(authority: Authority, folder: Path, *names: str, stem: str = "given") -> Pair:
    """Files as an operator has them."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = authority.issue(names, key.public_key(), datetime.now(UTC))
    pair = Pair(str(folder / f"{stem}.pem"), str(folder / f"{stem}.key"))
    Path(pair.cert).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    Path(pair.key).write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return pair


@pytest_twisted.ensureDeferred
async def test_an_answer_over_tls_is_that_of_https(tmp_path: Path) -> None:
    """The scheme is part of the key (sheet 2.3) and goes upstream; http beside it is another request."""
    async with secured(tmp_path) as (edge, origin, authority):
        context = client_context(authority, "http/1.1")
        told, raw, _ = await in_thread(shake, edge.tls_port, context, data=ASK)
        answer = answer_of(raw)
        assert (answer.status, answer.body, answer.cache) == (200, b"hello", "MISS")
        assert (told.version, told.protocol) == ("TLSv1.3", "http/1.1")
        assert (await get(edge, "/a")).cache == "MISS"
        _, raw, _ = await in_thread(shake, edge.tls_port, context, data=ASK)
        assert answer_of(raw).cache == "HIT"
        schemes = [asked.get("x-forwarded-proto") for asked in origin.requests]
        assert schemes == ["https", "http"]


@pytest.mark.parametrize("size", [40_000, 300_000, 3_000_000])
@pytest_twisted.ensureDeferred
async def test_a_body_on_disk_is_encrypted_as_any_other(size: int, tmp_path: Path) -> None:
    """What the kernel would send from a file goes past no layer of TLS."""
    cache = {"cache_dir": str(tmp_path / "cache"), "hot_bytes": 2_000}
    async with secured(tmp_path, cache) as (edge, origin, authority):
        origin.on("/a", reply(pattern(size), 200, Cache_Control="max-age=60"))
        context = client_context(authority, "http/1.1")
        for _ in range(4):  # fetched, opened, lies open, travels express
            _, raw, _ = await in_thread(shake, edge.tls_port, context, data=ASK)
            assert answer_of(raw).body == pattern(size)
            await until(lambda: edge.status()["cache"]["entries"] == 1)
        assert len(origin.requests) == 1


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("host", "names"),
    [
        ("shop.localhost", {"shop.localhost"}),
        ("a.b.localhost", {"a.b.localhost"}),
        ("img.example.test", {"img.example.test"}),
        ("localhost", {"localhost", "127.0.0.1", "0:0:0:0:0:0:0:1"}),
        ("127.0.0.1", {"localhost", "127.0.0.1", "0:0:0:0:0:0:0:1"}),
    ],
)
async def test_each_host_gets_a_certificate_of_its_own(host: str, names: set[str], tmp_path: Path) -> None:
    """SNI (RFC 6066 §3); who names no host, as for an address, gets the one for everybody."""
    async with secured(tmp_path, hosts=("img.example.test",)) as (edge, _, authority):
        told, _, _ = await in_thread(shake, edge.tls_port, client_context(authority), host, b"")
        assert told.names == names


@pytest_twisted.ensureDeferred
async def test_a_host_that_is_not_ours_gets_no_certificate(tmp_path: Path) -> None:
    """The authority does not sign for strangers: the client sees that we are not they."""
    async with secured(tmp_path) as (edge, _, authority):
        with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
            await in_thread(shake, edge.tls_port, client_context(authority), "www.example.com")


@pytest_twisted.ensureDeferred
async def test_without_trust_there_is_no_connection(tmp_path: Path) -> None:
    """A client that knows another authority refuses ours."""
    async with secured(tmp_path) as (edge, _, _authority):
        other = load_or_make(tmp_path / "other")
        with pytest.raises(ssl.SSLCertVerificationError, match=r"unable to get local issuer|self-signed"):
            await in_thread(shake, edge.tls_port, client_context(other))


@pytest_twisted.ensureDeferred
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
async def test_tls_before_1_2_is_refused(tmp_path: Path) -> None:
    """RFC 8996. TLS 1.2 itself works, with forward secrecy."""
    async with secured(tmp_path) as (edge, _, authority):
        old = client_context(authority)
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(ssl.SSLError, match=r"alert protocol version|unsupported protocol|no protocols"):
            await in_thread(shake, edge.tls_port, old)
        twelve = client_context(authority)
        twelve.maximum_version = ssl.TLSVersion.TLSv1_2
        told, raw, _ = await in_thread(shake, edge.tls_port, twelve, data=ASK)
        assert (told.version, answer_of(raw).status) == ("TLSv1.2", 200)
        twelve.set_ciphers("AES128-SHA:@SECLEVEL=0")
        with pytest.raises(ssl.SSLError, match="handshake failure"):
            await in_thread(shake, edge.tls_port, twelve)


@pytest_twisted.ensureDeferred
async def test_a_session_is_resumed_by_its_ticket(tmp_path: Path) -> None:
    """RFC 5077 and RFC 8446 §2.2, whatever the host."""
    async with secured(tmp_path) as (edge, _, authority):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = client_context(authority)
            context.maximum_version = version
            first, _, session = await in_thread(shake, edge.tls_port, context, "shop.localhost", ASK)
            again, _, _ = await in_thread(shake, edge.tls_port, context, "shop.localhost", ASK, session)
            assert (first.reused, again.reused) == (False, True)


@pytest_twisted.ensureDeferred
async def test_plain_http_on_the_tls_port_is_told_so(tmp_path: Path) -> None:
    """A sentence that says what to fix; whatever else is no TLS is hung up on."""
    async with secured(tmp_path) as (edge, _, _authority):
        plain = await connect(edge.tls_port)
        plain.send(ASK)
        await plain.ended
        answer = answer_of(bytes(plain.received))
        assert (answer.status, answer.is_whole) == (400, True)
        assert b"https://" in answer.body
        other = await connect(edge.tls_port)
        other.send(b"\x00\x01\x02")
        await other.ended
        assert not other.received


@pytest_twisted.ensureDeferred
async def test_a_handshake_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    """Slowloris in front of the first request: half a record, then silence."""
    async with secured(tmp_path, handshake_seconds=0.2) as (edge, _, _authority):
        slow = await connect(edge.tls_port)
        slow.send(b"\x16\x03\x01\x02\x00")
        await slow.ended
        assert not slow.received


@pytest_twisted.ensureDeferred
async def test_an_edge_that_stops_lets_go_of_half_done_handshakes(tmp_path: Path) -> None:
    """They have asked for nothing yet."""
    async with secured(tmp_path, handshake_seconds=60.0) as (edge, _, authority):
        half = await connect(edge.tls_port)
        half.send(b"\x16\x03\x01")
        await in_thread(shake, edge.tls_port, client_context(authority), data=ASK)
    await half.ended


@pytest_twisted.ensureDeferred
async def test_curl_is_satisfied(tmp_path: Path) -> None:
    """The command that `pixeledge trust` prints."""
    async with secured(tmp_path) as (edge, _, _authority):
        pem = tmp_path / "authority" / "ca.pem"
        told = await in_thread(
            subprocess.run,
            [shutil.which("curl") or "curl", "-sS", "--cacert", pem, f"https://localhost:{edge.tls_port}/a"],
            capture_output=True,
            timeout=20,
        )
        assert (told.stdout, told.stderr) == (b"hello", b"")


@pytest_twisted.ensureDeferred
async def test_given_certificates_are_shown_by_name(tmp_path: Path) -> None:
    """The first for strangers; the local authority is not asked, nor made."""
    authority = load_or_make(tmp_path / "their-own", ("cdn.example.test",))
    pairs = (
        pair_for(authority, tmp_path, "cdn.example.test", stem="one"),
        pair_for(authority, tmp_path, "shop.localhost", stem="two"),
    )
    origin = ScriptedOrigin().listen()
    async with running_edge(origin.url, tls=Tls(listen="127.0.0.1:0", certificates=pairs)) as edge:
        context = client_context(authority)
        for host in ("cdn.example.test", "shop.localhost"):
            told, _, _ = await in_thread(shake, edge.tls_port, context, host)
            assert told.names == {host}
        with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
            await in_thread(shake, edge.tls_port, context, "other.localhost")
    await origin.stop()


def blank_context() -> Any:
    """A context without a certificate."""
    return make_context((b"http/1.1",), lambda _: None)


def test_changed_files_are_read_again_and_broken_ones_are_not_used(tmp_path: Path) -> None:
    """A renewal by an ACME client needs no restart; half a renewal does no harm."""
    authority = load_or_make(tmp_path / "authority")
    pair = pair_for(authority, tmp_path, "one.localhost")
    now = 1000.0
    given = GivenCertificates((pair,), blank_context, lambda: now)
    first = given.context_for("one.localhost")
    pair_for(authority, tmp_path, "two.localhost")
    assert given.context_for("two.localhost") is first  # looked at lately
    now += 60
    second = given.context_for("two.localhost")
    assert second is not first
    Path(pair.cert).write_text("half")
    now += 60
    assert given.context_for("two.localhost") is second
    pair_for(authority, tmp_path, "three.localhost")
    now += 60
    assert given.context_for("three.localhost") is not second


def test_what_is_wrong_with_given_files_is_told(tmp_path: Path) -> None:
    """Which file, and what is the matter with it."""
    authority = load_or_make(tmp_path / "authority")
    pair = pair_for(authority, tmp_path, "one.localhost")
    other = pair_for(authority, tmp_path, "two.localhost", stem="other")
    for cert, key, sentence in (
        (str(tmp_path / "none.pem"), pair.key, "none.pem cannot be used: No such file"),
        (
            pair.cert,
            str(tmp_path / "none.key"),
            "none.key cannot be used with the certificate .*No such file",
        ),
        (pair.key, pair.key, "given.key cannot be used: "),
        (pair.cert, pair.cert, "given.pem cannot be used with the certificate"),
        (pair.cert, other.key, "other.key cannot be used with the certificate .*key values mismatch"),
    ):
        with pytest.raises(AuthorityError, match=sentence):
            GivenCertificates((Pair(cert, key),), blank_context, lambda: 0.0)


def test_a_star_stands_for_one_label(tmp_path: Path) -> None:
    """RFC 9525 §6.3."""
    from edge.tls.certificates import Loaded

    loaded = Loaded(blank_context(), frozenset({"*.example.com", "example.com"}))
    assert [
        loaded.serves(name)
        for name in ("a.example.com", "example.com", "a.b.example.com", "aexample.com", "")
    ] == [True, True, False, False, False]


def test_issued_certificates_are_kept_and_renewed_in_time(tmp_path: Path) -> None:
    """One a name, new when thirty days are left; strangers' names take no room."""
    authority = load_or_make(tmp_path)
    now = datetime.now(UTC).timestamp()
    issued = IssuedCertificates(authority, blank_context, lambda: now)
    first = issued.context_for("a.localhost")
    assert issued.context_for("A.localhost.") is first
    assert issued.context_for("www.example.com") is issued.context_for("")
    assert issued.context_for("b.localhost") is not first
    now += 59 * 86400
    assert issued.context_for("a.localhost") is first
    now += 2 * 86400
    assert issued.context_for("a.localhost") is not first
    for number in range(300):
        issued.context_for(f"h{number}.localhost")
    assert len(issued._known) == 256


def test_a_certificate_without_names_is_nobodys() -> None:
    """Its common name does not count (RFC 9525 §2)."""
    from edge.tls.authority import make

    assert names_of(make((), datetime.now(UTC)).certificate) == frozenset()
