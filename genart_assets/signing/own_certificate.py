"""Makes a home's own test certificate at first use, so that every file is signed; nobody else trusts it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from genart_assets.deliverables.embedded import TOOL
from genart_assets.errors import StorageError
from genart_assets.signing.identity import SigningIdentity, identity_of
from genart_assets.storage.local_files import LocalFiles
from genart_assets.storage.remedies import explained

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.x509 import Certificate

FOLDER = "signing"
KEY, CERTIFICATE = "test_key.pem", "test_certificate.pem"
TEST_SIGNER = f"{TOOL} test signer"
VALID = timedelta(days=3650)


def own_identity(home: Path) -> SigningIdentity:
    """The home's own test identity in its folder ``signing/``; made durably at first use, readable only by its owner.

    Simultaneous processes get the same one. StorageError if the home cannot be written, or its identity is damaged.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    folder = home / FOLDER
    files = LocalFiles(folder, mode=0o600)
    with explained(f"make the test certificate in {folder}"):
        if files.size(KEY) is None:
            files.write_once(KEY, _pem(Ed25519PrivateKey.generate()))
        try:
            key = load_pem_private_key(files.read(KEY), None)
            if not isinstance(key, Ed25519PrivateKey):
                raise ValueError
        except (ValueError, TypeError):
            raise _damaged(folder / KEY) from None
        if files.size(CERTIFICATE) is None:
            files.write_once(CERTIFICATE, issued_chain(key, datetime.now(UTC)))
        certificates = files.read(CERTIFICATE)
    try:
        chain = x509.load_pem_x509_certificates(certificates)
    except ValueError as error:
        raise _damaged(folder / CERTIFICATE) from error
    if chain[0].public_key() != key.public_key():
        raise _damaged(folder / CERTIFICATE)
    return identity_of(key, chain, is_test=True)


def own_chain(home: Path) -> str | None:
    """The certificates of the home's test identity, PEM; None if there is none. StorageError if they are damaged."""
    from cryptography import x509

    path = home / FOLDER / CERTIFICATE
    if not path.is_file():
        return None
    with explained(f"read {path}"):
        data = path.read_bytes()
    try:
        x509.load_pem_x509_certificates(data)
    except ValueError as error:
        raise _damaged(path) from error
    return data.decode()


def issued_chain(key: Ed25519PrivateKey, now: datetime) -> bytes:
    """A certificate for ``key`` and its issuer's, PEM. C2PA requires an issuer, whose key is discarded."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding

    issuer_key = Ed25519PrivateKey.generate()
    issuer = _certificate(f"{TOOL} test issuer", issuer_key, f"{TOOL} test issuer", issuer_key, now)
    signer = _certificate(TEST_SIGNER, key, f"{TOOL} test issuer", issuer_key, now)
    return signer.public_bytes(Encoding.PEM) + issuer.public_bytes(Encoding.PEM)


def _certificate(
    name: str, key: Ed25519PrivateKey, issuer: str, issuer_key: Ed25519PrivateKey, now: datetime
) -> Certificate:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    def named(common_name: str) -> x509.Name:
        return x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, TOOL),
                x509.NameAttribute(NameOID.COMMON_NAME, common_name),
            ]
        )

    issues = name == issuer
    unused = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only"), False
    )
    usage = x509.KeyUsage(
        digital_signature=not issues, key_cert_sign=issues, crl_sign=issues, decipher_only=False, **unused
    )
    issuer_id = x509.SubjectKeyIdentifier.from_public_key(issuer_key.public_key())
    built = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # other machines' clocks may be behind
        .not_valid_after(now + VALID)
        .add_extension(x509.BasicConstraints(ca=issues, path_length=0 if issues else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_id), critical=False)
    )
    if not issues:
        built = built.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return built.sign(issuer_key, None)


def _pem(key: Ed25519PrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _damaged(path: Path) -> StorageError:
    return StorageError(
        f"{path} is damaged, or does not match the other file",
        remedy=f"restore {path.parent}, or move it away to have a new test certificate made",
    )
