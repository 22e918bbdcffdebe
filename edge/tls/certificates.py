"""Which certificate a viewer is shown: by the name it asks for (SNI, RFC 6066 §3)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from attrs import frozen
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL
from twisted.logger import Logger

from edge.tls.authority import Authority
from edge.tls.errors import AuthorityError
from edge.tls.names import normal
from edge.tls.settings import Pair
from wire.web.tls import reason_of

log = Logger()

EVERYBODY = ("localhost", "127.0.0.1", "::1")
"""The names on the certificate of viewers who name no host."""
REMEMBERED = 256  # names are the viewers' to choose: not all of them are kept
RENEW_BEFORE = timedelta(days=30)
LOOK_SECONDS = 60.0  # between two looks at the files

Blank = Callable[[], SSL.Context]
Clock = Callable[[], float]


class Certificates(Protocol):
    """Finds the context for a name."""

    def context_for(self, name: str) -> SSL.Context:
        """The context with this host's certificate; "" and strangers get the one for everybody."""


class IssuedCertificates:
    """Certificates of the local authority, made when a name is first asked for, and again before they end."""

    def __init__(
        self, authority: Authority, blank: Blank, now: Clock, everybody: Sequence[str] = EVERYBODY
    ) -> None:
        self._authority = authority
        self._blank = blank
        self._now = now
        self._everybody = everybody
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._known: OrderedDict[str, tuple[SSL.Context, float]] = OrderedDict()

    def context_for(self, name: str) -> SSL.Context:
        name = name.rstrip(".").lower()
        if name in self._everybody or not self._authority.may_sign(name):
            name = ""
        known = self._known.get(name)
        if known is not None and self._now() < known[1]:
            self._known.move_to_end(name)
            return known[0]
        return self._issued(name)

    def _issued(self, name: str) -> SSL.Context:
        now = datetime.fromtimestamp(self._now(), UTC)
        certificate = self._authority.issue([name] if name else self._everybody, self._key.public_key(), now)
        context = self._blank()
        context.use_certificate(certificate)
        context.use_privatekey(self._key)
        renewal = (certificate.not_valid_after_utc - RENEW_BEFORE).timestamp()
        self._known[name] = context, renewal
        self._known.move_to_end(name)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return context


@frozen
class Loaded:
    """A pair of files, read."""

    context: SSL.Context
    names: frozenset[str]

    def serves(self, name: str) -> bool:
        """Whether its certificate is this host's; a star stands for one label (RFC 9525 §6.3)."""
        return name in self.names or f"*.{name.partition('.')[2]}" in self.names


class GivenCertificates:
    """The operator's certificates, read again when their files have changed."""

    def __init__(self, pairs: Sequence[Pair], blank: Blank, now: Clock) -> None:
        self._pairs = pairs
        self._blank = blank
        self._now = now
        self._marks = marks_of(pairs)
        self._loaded = [loaded(pair, blank) for pair in pairs]
        self._looked_at = now()

    def context_for(self, name: str) -> SSL.Context:
        if self._now() - self._looked_at >= LOOK_SECONDS:
            self._look()
        name = name.rstrip(".").lower()
        found = next((each for each in self._loaded if each.serves(name)), self._loaded[0])
        return found.context

    def _look(self) -> None:
        self._looked_at = self._now()
        marks = marks_of(self._pairs)
        if marks == self._marks:
            return
        try:
            self._loaded = [loaded(pair, self._blank) for pair in self._pairs]
        except AuthorityError as error:  # half written: the old ones serve, and we look again
            log.warn("the changed certificates are not used: {error}", error=error)
            return
        self._marks = marks
        log.info("the certificates were read again")


def loaded(pair: Pair, blank: Blank) -> Loaded:
    """Read both files. AuthorityError says which of them is at fault, and how."""
    context = blank()
    try:
        chain = x509.load_pem_x509_certificates(Path(pair.cert).read_bytes())
        context.use_certificate_chain_file(pair.cert)
    except (OSError, ValueError, SSL.Error) as error:
        raise AuthorityError(f"the certificate {pair.cert} cannot be used: {_told(error)}") from error
    try:
        Path(pair.key).open("rb").close()
        context.use_privatekey_file(pair.key)
        context.check_privatekey()
    except (OSError, SSL.Error) as error:
        told = _told(error)
        raise AuthorityError(
            f"the key {pair.key} cannot be used with the certificate {pair.cert}: {told}"
        ) from error
    return Loaded(context, names_of(chain[0]))


def names_of(certificate: x509.Certificate) -> frozenset[str]:
    """The hosts and addresses it was issued for."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return frozenset()
    hosts = {name.lower() for name in names.get_values_for_type(x509.DNSName)}
    return frozenset(hosts | {normal(str(ip)) for ip in names.get_values_for_type(x509.IPAddress)})


def marks_of(pairs: Sequence[Pair]) -> tuple[tuple[int, int], ...]:
    """What changes when a file does; a missing one has a mark, too."""
    marks = []
    for pair in pairs:
        for name in (pair.cert, pair.key):
            try:
                told = Path(name).stat()
            except OSError:
                marks.append((0, 0))
            else:
                marks.append((told.st_mtime_ns, told.st_ino))
    return tuple(marks)


def _told(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    if isinstance(error, SSL.Error):
        return reason_of(error)
    return str(error)
