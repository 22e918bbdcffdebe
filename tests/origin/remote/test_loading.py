"""Loading over real loopback sockets, from servers that mean well, and from those that may not be asked."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from attrs import evolve
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from twisted.internet.defer import Deferred, maybeDeferred, succeed
from twisted.internet.protocol import Factory
from twisted.internet.ssl import PrivateCertificate
from twisted.internet.tcp import Client

from origin.remote.addresses import Guard
from origin.remote.errors import RemoteMissing, RemoteTrouble
from origin.remote.loading import Bounds, Unchanged, Validators
from tests.support.loading import BODY, HERE, loaded, loader, refused
from tests.support.origins import pause
from tests.support.remote import Conversation, RemoteServer, remote_server, response


@pytest_twisted.async_yield_fixture
async def server() -> AsyncIterator[RemoteServer]:
    async with remote_server() as running:
        yield running


@pytest_twisted.ensureDeferred
async def test_a_file_comes_with_what_its_server_says_of_it(server: RemoteServer, tmp_path: Path) -> None:
    url = server.serves(
        "/a%20b.jpg?x=1", BODY, 'ETag: "one"', "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT",
        "Cache-Control: public, max-age=60",
    )  # fmt: skip
    found = await loaded(tmp_path, url)
    assert found.file.path.read_bytes() == BODY
    assert (found.file.size, found.file.filename, found.max_age) == (len(BODY), "a b.jpg", 60)
    assert found.validators == Validators('"one"', "Mon, 01 Jan 2024 00:00:00 GMT")
    asked = server.asked[0].fields
    assert (asked["host"], asked["accept-encoding"]) == (f"127.0.0.1:{server.port}", "identity")


@pytest.mark.parametrize("framing", ["chunked", "until the end"])
@pytest_twisted.ensureDeferred
async def test_a_body_of_unknown_length_is_taken_whole(
    server: RemoteServer, tmp_path: Path, framing: str
) -> None:
    if framing == "chunked":
        chunks = (
            b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in (BODY[:10], BODY[10:])) + b"0\r\n\r\n"
        )
        head = response(b"", "200 OK", "Transfer-Encoding: chunked", length=False)
    else:
        chunks, head = BODY, response(b"", length=False)
    server.scripts["/x"] = lambda conversation: conversation.say(head + chunks)
    assert (await loaded(tmp_path, server.url("/x"))).file.path.read_bytes() == BODY


@pytest_twisted.ensureDeferred
async def test_what_has_not_changed_is_not_sent_again(server: RemoteServer, tmp_path: Path) -> None:
    url = server.serves("/x", b"", "Cache-Control: max-age=9", status="304 Not Modified")
    known = Validators('"one"', "Mon, 01 Jan 2024 00:00:00 GMT")
    assert await loader(tmp_path).load(url, HERE, known) == Unchanged(9)
    asked = server.asked[0].fields
    assert (asked["if-none-match"], asked["if-modified-since"]) == (known.etag, known.last_modified)
    assert isinstance(await refused(tmp_path, url), RemoteTrouble)  # a 304 that nobody asked for


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]
)
@pytest_twisted.ensureDeferred
async def test_a_redirect_is_followed(server: RemoteServer, tmp_path: Path, status: str) -> None:
    server.serves("/end.png", BODY)
    found = await loaded(tmp_path, server.redirects("/start", "/end.png", status))
    assert (found.file.size, found.file.filename) == (len(BODY), "end.png")
    assert server.paths() == ["/start", "/end.png"]


@pytest_twisted.ensureDeferred
async def test_redirects_come_to_an_end(server: RemoteServer, tmp_path: Path) -> None:
    url = server.redirects("/round", "/round")
    error = await refused(tmp_path, url)
    assert str(error).endswith("more than 5 redirects")
    assert len(server.asked) == 6
    assert isinstance(await refused(tmp_path, server.serves("/lost", b"", status="302 Found")), RemoteTrouble)


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.2:{port}/secret",
        "http://2130706434:{port}/secret",
        "http://[::ffff:127.0.0.2]:{port}/secret",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://[::1]:{port}/secret",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_redirect_to_a_closed_address_is_not_followed(
    server: RemoteServer, tmp_path: Path, location: str
) -> None:
    """Every hop is looked up and judged for itself."""
    server.serves("/secret", b"for our own eyes")
    error = await refused(tmp_path, server.redirects("/start", location.format(port=server.port)))
    assert isinstance(error, RemoteTrouble)
    assert server.paths() == ["/start"]


@pytest_twisted.ensureDeferred
async def test_without_leave_loopback_is_closed(server: RemoteServer, tmp_path: Path) -> None:
    error = await refused(tmp_path, server.serves("/x", BODY), Bounds())
    assert isinstance(error, RemoteTrouble)
    assert error.public == f"Error in loading - {server.url('/x')}"
    assert error.reason == "its address is not on the public internet, and not allowed"
    assert server.open == server.asked == []


@pytest_twisted.ensureDeferred
async def test_a_name_is_judged_by_its_addresses_at_each_connection(
    server: RemoteServer, tmp_path: Path
) -> None:
    """DNS rebinding: the second look-up says something else, and it is that which is judged and connected to."""
    answers = [["127.0.0.1"], ["127.0.0.9"], ["127.0.0.1"]]
    asked: list[str] = []

    def resolve(name: str) -> "Deferred[list[str]]":
        asked.append(name)
        return succeed(answers.pop(0))

    server.redirects("/start", "/end")
    server.serves("/end", BODY)
    url = f"http://pictures.example:{server.port}/start"
    assert isinstance(await refused(tmp_path, url, resolve=resolve), RemoteTrouble)
    assert server.paths() == ["/start"]
    assert asked == ["pictures.example"] * 2
    assert server.asked[0].fields["host"] == f"pictures.example:{server.port}"


@pytest_twisted.ensureDeferred
async def test_of_several_addresses_only_the_admitted_are_tried(server: RemoteServer, tmp_path: Path) -> None:
    """One that does not take the connection is passed over for the next."""
    server.serves("/x", BODY)
    found = await loaded(
        tmp_path,
        f"http://pictures.example:{server.port}/x",
        evolve(HERE, guard=Guard.allowing(["127.0.0.1/32", "127.0.0.3/32"])),
        resolve=lambda _: succeed(["10.0.0.1", "127.0.0.3", "127.0.0.1"]),
    )
    assert found.file.size == len(BODY)


@pytest_twisted.ensureDeferred
async def test_the_system_knows_localhost(server: RemoteServer, tmp_path: Path) -> None:
    server.serves("/x", BODY)
    assert (await loaded(tmp_path, f"http://localhost:{server.port}/x")).file.size == len(BODY)


@pytest_twisted.ensureDeferred
async def test_a_certificate_must_be_the_hosts_and_trusted(tmp_path: Path) -> None:
    """TLS to the checked address, for the name that was asked for."""
    from twisted.internet import reactor as installed

    reactor: Any = installed
    authority = self_signed("pictures.example")
    factory = Factory.forProtocol(lambda: Conversation(secure))
    secure = RemoteServer()
    listening = reactor.listenSSL(0, factory, authority.options(), interface="127.0.0.1")
    secure.port = listening.getHost().port
    try:
        secure.serves("/x", BODY)
        here: dict[str, Any] = {"resolve": lambda _: succeed(["127.0.0.1"])}
        url = f"https://pictures.example:{secure.port}/x"
        (tmp_path / "spool").mkdir()
        found = await loaded(tmp_path / "spool", url, trust=authority, **here)
        found.file.path.unlink()
        for trust in (None, self_signed("pictures.example")):
            assert isinstance(await refused(tmp_path / "spool", url, trust=trust, **here), RemoteTrouble)
        other = url.replace("pictures", "others")
        assert isinstance(await refused(tmp_path / "spool", other, trust=authority, **here), RemoteTrouble)
        assert len(secure.asked) == 1
    finally:
        for each in tuple(secure.open):
            each.transport.abortConnection()
        await maybeDeferred(listening.stopListening)


@pytest_twisted.ensureDeferred
async def test_a_server_that_does_not_end_tls_keeps_no_socket_of_ours(tmp_path: Path) -> None:
    """It says its all, and then neither closes nor reads that we would."""
    from twisted.internet import reactor as installed

    reactor: Any = installed
    authority = self_signed("pictures.example")
    factory = Factory.forProtocol(lambda: Conversation(secure))
    secure = RemoteServer()
    listening = reactor.listenSSL(0, factory, authority.options(), interface="127.0.0.1")
    port = secure.port = listening.getHost().port

    def deaf(conversation: Conversation) -> None:
        conversation.transport.write(response(BODY))
        conversation.transport.transport.pauseProducing()  # of TCP, so that TLS does not hear either

    secure.scripts["/x"] = deaf

    def ours() -> list[Any]:
        clients = [each for each in reactor.getReaders() if isinstance(each, Client)]
        return [each for each in clients if each.getPeer().port == port]

    try:
        url = f"https://pictures.example:{port}/x"
        found = await loaded(tmp_path, url, trust=authority, resolve=lambda _: succeed(["127.0.0.1"]))
        assert found.file.size == len(BODY)
        for _ in range(5):
            await pause(0)
        assert len(secure.open) == 1
        assert ours() == []
    finally:
        for each in tuple(secure.open):
            each.transport.abortConnection()
        await maybeDeferred(listening.stopListening)


def self_signed(name: str) -> PrivateCertificate:
    """A certificate that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoded = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    loaded_key: PrivateCertificate = PrivateCertificate.loadPEM(
        encoded + certificate.public_bytes(Encoding.PEM)
    )
    return loaded_key


@pytest.mark.parametrize("addresses", [[], ["10.0.0.1"], ["127.0.0.2", "::1"]])
@pytest_twisted.ensureDeferred
async def test_a_name_without_an_admitted_address_is_trouble(tmp_path: Path, addresses: list[str]) -> None:
    error = await refused(tmp_path, "http://pictures.example/x", resolve=lambda _: succeed(addresses))
    assert isinstance(error, RemoteTrouble)


@pytest.mark.parametrize("host", ["a_b.example", "-a.example", "xn--a.example", "xn--"])
@pytest_twisted.ensureDeferred
async def test_a_host_that_can_have_no_certificate_is_trouble(
    server: RemoteServer, tmp_path: Path, host: str
) -> None:
    """Whether asked for or redirected to."""
    for url in (f"https://{host}/x", server.redirects("/x", f"https://{host}/x")):
        error = await refused(tmp_path, url, resolve=lambda _: succeed(["127.0.0.1"]))
        assert isinstance(error, RemoteTrouble)
        assert error.reason == "its host is invalid"


@pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden", "410 Gone", "500 Oops"])
@pytest_twisted.ensureDeferred
async def test_a_remote_error_is_no_such_resource(server: RemoteServer, tmp_path: Path, status: str) -> None:
    url = server.serves("/x", b"sorry", status=status)
    error = await refused(tmp_path, url)
    assert isinstance(error, RemoteMissing)
    assert error.public == f"Resource not found - {url}"
