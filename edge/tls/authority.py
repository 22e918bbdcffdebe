"""A certificate authority of this machine alone: made once, trusted by hand, able to sign nothing but local names.

Its key never leaves its folder. Name constraints (RFC 5280 §4.2.1.10) are in its certificate, so that whoever
trusts it trusts it for these names only.
"""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from attrs import field, frozen
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge.tls.errors import AuthorityError
from edge.tls.names import constraint, general, is_below, normal, subtrees_for

AUTHORITY_DAYS = 3650
CERTIFICATE_DAYS = 90
EARLY = timedelta(hours=1)  # clocks differ
CERTIFICATE, KEY = "ca.pem", "ca-key.pem"
REMEDY = "`pixeledge trust --new` makes another"


@frozen
class Authority:
    """A certificate and the key that signs for it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(eq=False, repr=False)

    @property
    def pem(self) -> str:
        """What others are to trust."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")

    @property
    def fingerprint(self) -> str:
        """SHA-256, as browsers show it."""
        return self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    @property
    def expires(self) -> datetime:
        return self.certificate.not_valid_after_utc

    @property
    def permitted(self) -> tuple[x509.GeneralName, ...]:
        """The subtrees that its own certificate allows it."""
        constraints = self.certificate.extensions.get_extension_for_class(x509.NameConstraints).value
        return tuple(constraints.permitted_subtrees or ())

    def may_sign(self, name: str) -> bool:
        """Whether a certificate for this host or address would be believed."""
        try:
            return is_below(normal(name), self.permitted)
        except ValueError:
            return False

    def issue(
        self, names: Iterable[str], public_key: ec.EllipticCurvePublicKey, now: datetime
    ) -> x509.Certificate:
        """A server's certificate for these names. AuthorityError for one that it may not sign."""
        named = [normal(name) for name in names]
        beyond = [name for name in named if not self.may_sign(name)]
        if beyond:
            raise AuthorityError(f"the local authority may not sign for {', '.join(beyond)}")
        until = min(now + timedelta(days=CERTIFICATE_DAYS), self.expires)
        issuing = x509.SubjectKeyIdentifier.from_public_key(self.key.public_key())
        return (
            _builder(_name("local certificate"), self.certificate.subject, public_key, now, until)
            .add_extension(x509.SubjectAlternativeName(map(general, named)), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuing), critical=False
            )
            .sign(self.key, hashes.SHA256())
        )


def make(names: Iterable[str], now: datetime) -> Authority:
    """A new authority for what is local and these names."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(f"pixeledge local authority on {socket.gethostname()[:30]}, {now:%Y-%m-%d}")
    permitted = [constraint(each) for each in subtrees_for(names)]
    certificate = (
        _builder(subject, subject, key.public_key(), now, now + timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate, key)


def load(folder: Path) -> Authority | None:
    """The authority in a folder; None where there is none. AuthorityError if it is damaged or over."""
    try:
        pem, secret = _read(folder / CERTIFICATE), _read(folder / KEY)
        if pem is None and secret is not None:
            pem = _read(folder / CERTIFICATE)  # if the folder appeared in between, it is there now
        if pem is None and secret is None:
            return None
        if pem is None or secret is None:
            raise AuthorityError(f"{folder}: half of the local authority is missing; {REMEDY}")
        certificate = x509.load_pem_x509_certificate(pem)
        key = serialization.load_pem_private_key(secret, None)
    except (OSError, ValueError, TypeError) as error:
        raise AuthorityError(f"{folder}: the local authority cannot be read: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise AuthorityError(f"{folder}: the local authority's key is not its certificate's; {REMEDY}")
    authority = Authority(certificate, key)
    if authority.expires < datetime.now(UTC):
        raise AuthorityError(f"{folder}: the local authority has expired; {REMEDY}")
    return authority


def _read(file: Path) -> bytes | None:
    """What is in it; None where it is missing."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def load_or_make(folder: Path, names: Iterable[str] = ()) -> Authority:
    """The folder's authority, made now if there is none. Of several who make one at once, the first wins."""
    if (known := load(folder)) is not None:
        return known
    write(make(names, datetime.now(UTC)), folder)
    made = load(folder)
    if made is None:
        raise AuthorityError(f"{folder}: the local authority is gone as soon as it was made")
    return made


def write(authority: Authority, folder: Path, *, replace: bool = False) -> None:
    """Both files or none appear, by the rename of a folder. Without `replace`, what is there stays."""
    secret = authority.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))  # 0700
        try:
            for name, content, mode in ((CERTIFICATE, authority.pem.encode(), 0o644), (KEY, secret, 0o600)):
                with open(os.open(new / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                    file.write(content)
            if replace and folder.exists():
                shutil.rmtree(folder)
            _put(new, folder)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    except OSError as error:
        raise AuthorityError(f"{folder}: the local authority cannot be kept: {error.strerror}") from error


def _put(new: Path, folder: Path) -> None:
    try:
        new.rename(folder)
    except OSError:
        if not (folder / CERTIFICATE).exists():  # else another process was faster
            raise


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "pixeledge"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
    until: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLY)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )
