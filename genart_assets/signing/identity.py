"""Defines a signing identity: a certificate chain and its key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from genart_assets.errors import GenartError, InputError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
    from cryptography.x509 import Certificate

Algorithm = Literal["Ed25519", "ES256", "ES384", "ES512"]


class CertificateNotValid(GenartError):
    """By this machine's clock, the certificate has expired or is not valid yet, so it cannot sign anything."""


@dataclass(frozen=True)
class SigningIdentity:
    """A key with its certificates. Equal data gives equal signatures: the algorithms use no random numbers."""

    name: str
    """The common name in the certificate."""
    chain: str
    """The certificates in PEM: the signer's own, then its issuers'."""
    algorithm: Algorithm
    is_test: bool
    """Whether a home made the certificate for itself, so that nobody else can know whose it is."""
    valid_from: datetime
    valid_until: datetime
    """The time in which all certificates of the chain are valid."""
    key: bytes = field(repr=False)
    """The unencrypted private key, PKCS 8 in PEM."""
    sign: Callable[[bytes], bytes] = field(repr=False)
    """Returns the signature of some bytes, in COSE's form."""

    @property
    def description(self) -> str:
        """Its name, marked if it is a test certificate."""
        return f"{self.name} (untrusted test certificate)" if self.is_test else self.name

    def require_valid(self, now: datetime) -> None:
        """Raise CertificateNotValid, with both times, if ``now`` is outside the certificate's validity.

        C2PA requires this: without a time stamp, a signature made outside the validity proves nothing.
        """
        if self.valid_from <= now <= self.valid_until:
            return
        expired = now > self.valid_until
        problem = (
            f"expired on {self.valid_until:%Y-%m-%d}" if expired else f"is not valid before {self.valid_from:%Y-%m-%d}"
        )
        renewal = (
            "move signing/ out of the home to have a new test certificate made, which cannot prove files signed before"
            if self.is_test
            else "ask for a new certificate"
        )
        clock = f"{now.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        raise CertificateNotValid(
            f"the certificate of {self.name} {problem}, and this machine's clock says {clock}",
            remedy=f"set the clock if it is wrong, otherwise {renewal}",
        )


def identity_of(key: PrivateKeyTypes, certificates: list[Certificate], *, is_test: bool) -> SigningIdentity:
    """The identity of a key and its chain; InputError if signatures of this kind of key are random."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.x509.oid import NameOID

    algorithm, sign = _signing_with(key)
    names = certificates[0].subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return SigningIdentity(
        name=str(names[0].value) if names else certificates[0].subject.rfc4514_string(),
        chain="".join(one.public_bytes(serialization.Encoding.PEM).decode() for one in certificates),
        algorithm=algorithm,
        is_test=is_test,
        valid_from=max(one.not_valid_before_utc for one in certificates),
        valid_until=min(one.not_valid_after_utc for one in certificates),
        key=key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        sign=sign,
    )


def _signing_with(key: PrivateKeyTypes) -> tuple[Algorithm, Callable[[bytes], bytes]]:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "Ed25519", key.sign
    curves: dict[str, tuple[Algorithm, hashes.HashAlgorithm]] = {
        "secp256r1": ("ES256", hashes.SHA256()),
        "secp384r1": ("ES384", hashes.SHA384()),
        "secp521r1": ("ES512", hashes.SHA512()),
    }
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name not in curves:
        raise InputError(
            "the signing key is neither Ed25519 nor on the curve P-256, P-384 or P-521",
            remedy="ask for a certificate on one of these keys, since RSA signatures are random and an interrupted "
            "delivery could not resume to the same bytes",
        )
    algorithm, digest = curves[key.curve.name]
    length = (key.key_size + 7) // 8

    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(digest, deterministic_signing=True)))
        return r.to_bytes(length) + s.to_bytes(length)

    return algorithm, sign
