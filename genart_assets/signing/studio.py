"""Who signs here: the studio's own certificate where the environment names one, else the home's test certificate."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from genart_assets.errors import InputError
from genart_assets.instance.home import HOME_VARIABLE
from genart_assets.signing.identity import SigningIdentity, identity_of
from genart_assets.signing.own_certificate import own_identity

CERTIFICATE_VARIABLE, KEY_VARIABLE = "GENART_SIGNING_CERTIFICATE", "GENART_SIGNING_KEY"


def signs_here() -> bool:
    """Whether deliveries are signed: the environment names an identity, or a home to make one in."""
    return any(os.environ.get(variable) for variable in (HOME_VARIABLE, CERTIFICATE_VARIABLE, KEY_VARIABLE))


def studio_identity() -> SigningIdentity | None:
    """The identity that deliveries are signed with; None where no home is named to keep one in.

    Raises:
        InputError: as `studios_identity`. StorageError: the home cannot keep a test certificate.
    """
    home = os.environ.get(HOME_VARIABLE, "")
    return studios_identity() or (_homes(home) if home else None)


def studios_identity() -> SigningIdentity | None:
    """The studio's own identity; None where the environment names none.

    ``GENART_SIGNING_CERTIFICATE`` and ``GENART_SIGNING_KEY`` are paths of PEM files, the chain with the signer first
    and its unencrypted key.

    Raises:
        InputError: one of the two is missing, cannot be read, or does not fit the other.
    """
    certificate, key = os.environ.get(CERTIFICATE_VARIABLE, ""), os.environ.get(KEY_VARIABLE, "")
    if bool(certificate) != bool(key):
        lacking = KEY_VARIABLE if certificate else CERTIFICATE_VARIABLE
        raise InputError(f"{lacking} is not set", remedy=f"set {CERTIFICATE_VARIABLE} and {KEY_VARIABLE}, or neither")
    return _studios(certificate, key) if certificate else None


@cache
def _homes(home: str) -> SigningIdentity:
    return own_identity(Path(home))


@cache
def _studios(certificate: str, key: str) -> SigningIdentity:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        chain = x509.load_pem_x509_certificates(_read(CERTIFICATE_VARIABLE, certificate))
    except ValueError as error:
        raise InputError(f"{certificate} holds no certificates", remedy="give a chain in PEM") from error
    try:
        private = load_pem_private_key(_read(KEY_VARIABLE, key), None)
    except (ValueError, TypeError):  # without the cause: it may tell of the key
        raise InputError(f"{key} holds no unencrypted private key", remedy="give one in PEM") from None
    if chain[0].public_key() != private.public_key():
        raise InputError(
            f"the key in {key} is not that of the first certificate in {certificate}",
            remedy="put the signer's certificate first, and give its key",
        )
    return identity_of(private, chain, is_test=False)


def _read(variable: str, path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InputError(
            f"{variable} names {path}, which cannot be read: {error.strerror}", remedy="name a readable PEM file"
        ) from error
