"""Reads which signers are trusted."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from genart_assets.errors import InputError
from genart_assets.signing.own_certificate import own_chain
from genart_assets.signing.studio import CERTIFICATE_VARIABLE

ANCHORS_VARIABLE = "GENART_TRUST_ANCHORS"


@dataclass(frozen=True)
class Trust:
    """The certificates that are trusted, and those of the home itself."""

    anchors: str
    """Trusted certificates, PEM."""
    test_signers: str
    """The chain of the home's test certificate, PEM; empty if there is none."""


def trust_of(home: Path) -> Trust:
    """GENART_TRUST_ANCHORS, otherwise the studio's own certificate, and the test certificate of ``home``.

    Raises:
        InputError: the named file cannot be read, or does not hold certificates.
        StorageError: the home's test certificate is damaged.
    """
    variable = ANCHORS_VARIABLE if os.environ.get(ANCHORS_VARIABLE) else CERTIFICATE_VARIABLE
    path = os.environ.get(variable, "")
    return Trust(_certificates(variable, path) if path else "", own_chain(home) or "")


def _certificates(variable: str, path: str) -> str:
    from cryptography import x509

    try:
        text = Path(path).read_text(encoding="utf-8")
        x509.load_pem_x509_certificates(text.encode())
    except OSError as error:
        why = f"cannot be read: {error.strerror}"
        raise InputError(f"{variable} names {path}, which {why}", remedy="name a readable PEM file") from error
    except ValueError as error:
        why = "does not hold certificates in PEM"
        raise InputError(f"{variable} names {path}, which {why}", remedy="name a PEM file of certificates") from error
    return text
