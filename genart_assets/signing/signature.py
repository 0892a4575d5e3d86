"""Reads the signature in a file with c2pa: which checks failed, what it says, whose it is."""

from __future__ import annotations

import io
import json
from typing import Any

from pydantic import AwareDatetime, Field

from genart_assets.errors import InputError
from genart_assets.records.base import Record

_SETTINGS: dict[str, Any] = {"verify": {"verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False}}


class NoSignature(InputError):
    """The file does not have a signature."""


class Unreadable(InputError):
    """The file or its manifest is cut off or damaged."""


class Certificate(Record):
    """What a signature says about the signer's certificate."""

    name: str = Field(description="common name")
    serial: int
    valid_from: AwareDatetime
    valid_until: AwareDatetime

    def is_in(self, chain: str) -> bool:
        """Whether the certificate is one of a chain in PEM."""
        from cryptography import x509

        known = x509.load_pem_x509_certificates(chain.encode()) if chain else []
        return any(one.serial_number == self.serial for one in known)


class Signature(Record):
    """The signature of a file's active manifest."""

    failed: tuple[str, ...] = Field(description="codes of the failed checks, as the C2PA specification names them")
    assertions: dict[str, Any] = Field(description="assertions of the active manifest, by label")
    certificate: Certificate | None = Field(description="the signer's certificate; None if the signature is unreadable")


def signature_in(data: bytes, media_type: str, trusted: str) -> Signature:
    """The signature of a file's active manifest; ``trusted`` has certificates in PEM.

    Raises:
        NoSignature: there is none. Unreadable: the file or the manifest is damaged.
    """
    import c2pa

    settings = {**_SETTINGS, "trust": {"user_anchors": trusted}} if trusted else _SETTINGS
    try:
        with (
            c2pa.Settings.from_dict(settings) as chosen,
            c2pa.Context(chosen) as context,
            c2pa.Reader(media_type, io.BytesIO(data), context=context) as reader,
        ):
            store, described = json.loads(reader.json()), json.loads(reader.crjson())
    except (c2pa.C2paError, ValueError) as error:
        if type(error).__name__.endswith("ManifestNotFound"):
            raise NoSignature("it has no signature") from error
        raise _unreadable(media_type, str(error).splitlines()[0].rstrip(": ").rpartition(": ")[2]) from error
    active = store["active_manifest"]
    if active not in store["manifests"]:
        raise _unreadable(media_type, "an assertion in it cannot be read")
    signature = next(one["signature"] for one in described["manifests"] if one["label"] == active)
    return Signature(
        failed=tuple(one["code"] for one in store.get("validation_status", [])),
        assertions={one["label"]: one["data"] for one in store["manifests"][active]["assertions"]},
        certificate=_certificate(signature.get("certificateInfo")),
    )


def _certificate(described: dict[str, Any] | None) -> Certificate | None:
    if described is None:
        return None
    return Certificate(
        name=str(described["subject"].get("CN", "somebody without a name")),
        serial=int(described["serialNumber"], 16),
        valid_from=described["validity"]["notBefore"],
        valid_until=described["validity"]["notAfter"],
    )


def _unreadable(media_type: str, why: str) -> Unreadable:
    kind = media_type.removeprefix("image/").partition("+")[0]
    return Unreadable(f"it is not a complete {kind}, or its manifest is damaged: {why}")
