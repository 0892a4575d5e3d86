"""Chooses who signs: the studio's certificate if the environment names one, otherwise the home's test certificate."""

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
    """The identity that signs deliveries; None if the environment names neither a certificate nor a home.

    Raises:
        InputError: as `studios_identity`. StorageError: the home cannot store a test certificate.
    """
    home = os.environ.get(HOME_VARIABLE, "")
    return studios_identity() or (_homes(home) if home else None)


def studios_identity() -> SigningIdentity | None:
    """The studio's own identity; None if the environment does not name one.

    ``GENART_SIGNING_CERTIFICATE`` and ``GENART_SIGNING_KEY`` are paths of PEM files, the chain with the signer first
    and its unencrypted key.

    Raises:
        InputError: one of the two is missing, cannot be read, or does not match the other.
    """
    certificate, key = os.environ.get(CERTIFICATE_VARIABLE, ""), os.environ.get(KEY_VARIABLE, "")
    if bool(certificate) != bool(key):
        missing = KEY_VARIABLE if certificate else CERTIFICATE_VARIABLE
        raise InputError(f"{missing} is not set", remedy=f"set {CERTIFICATE_VARIABLE} and {KEY_VARIABLE}, or neither")
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
        raise InputError(f"{certificate} does not hold certificates", remedy="give a chain in PEM") from error
    try:
        private = load_pem_private_key(_read(KEY_VARIABLE, key), None)
    except (ValueError, TypeError):  # without the cause, which may reveal the key
        raise InputError(f"{key} does not hold an unencrypted private key", remedy="give a key in PEM") from None
    if chain[0].public_key() != private.public_key():
        raise InputError(
            f"the key in {key} does not belong to the first certificate in {certificate}",
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
