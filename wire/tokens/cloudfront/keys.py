"""The public keys that viewers' signatures are held to (cdn-vendors §1.6, §2)."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_public_key

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

HASHES: dict[str, type[HashAlgorithm]] = {"SHA1": SHA1, "SHA256": SHA256}


def public_key(pem: str) -> PublicKey:
    """The key of a PEM text. ValueError for what is neither RSA of 2048 bits or more nor ECDSA on P-256."""
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError("expected a public key in PEM") from error
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= 2048:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise ValueError("expected a public key of RSA with 2048 bits, or of ECDSA on P-256")


def takes(key: PublicKey, name: str) -> bool:
    """Whether this build of OpenSSL verifies with an algorithm at all: a hardened one takes no SHA-1 (§1.6)."""
    try:
        _verify(key, b"\0" * 256, b"", HASHES[name]())
    except UnsupportedAlgorithm:
        return False
    except InvalidSignature:
        return True
    return True


def is_signed(key: PublicKey, signature: bytes, message: bytes, algorithm: HashAlgorithm) -> bool:
    """Whether the owner of the key signed the message: PKCS #1 v1.5, or ECDSA in DER. Some builds of OpenSSL take
    no SHA-1: then nothing is signed with it."""
    try:
        _verify(key, signature, message, algorithm)
    except (InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _verify(key: PublicKey, signature: bytes, message: bytes, algorithm: HashAlgorithm) -> None:
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, message, padding.PKCS1v15(), algorithm)
    else:
        key.verify(signature, message, ec.ECDSA(algorithm))
