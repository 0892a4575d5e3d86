"""What the signature in a file proves, and what it does not."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

from pydantic import AwareDatetime, Field, ValidationError

from genart_assets.deliverables.read_back import read_recipe
from genart_assets.errors import InputError
from genart_assets.records import Record, canonical_json, sha256_hex
from genart_assets.signing.media import media_type_of
from genart_assets.signing.signed_record import RECORD_LABEL, SignedRecord

_SETTINGS: dict[str, Any] = {"verify": {"verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False}}
_UNTRUSTED, _EXPIRED = "signingCredential.untrusted", "signingCredential.expired"
_CONTENT = "its content is not what was signed: it was changed, or the manifest is another's"
_MEANING = {
    "claimSignature.mismatch": "its signature does not fit its manifest: it is forged",
    "assertion.hashedURI.mismatch": "its manifest was changed after it was signed",
    "assertion.dataHash.mismatch": _CONTENT,
    "assertion.bmffHash.mismatch": _CONTENT,
    "claimSignature.outsideValidity": "it was signed outside of its certificate's validity",
    "signingCredential.invalid": "the certificate that signed it is no certificate for signing",
}
"""What the checks of a manifest mean that can fail; the first of them that failed is told."""


class Verified(Record):
    """The answer about one file."""

    proven: bool = Field(description="signed by somebody who is trusted here, unchanged since, and what it says fits")
    told: str = Field(description="one sentence: what is proven, or why nothing is")
    signer: str | None = Field(default=None, description="name in the certificate")
    record: SignedRecord | None = Field(default=None, description="what was signed; to be believed if it is proven")


class _Certificate(Record):
    name: str
    serial: str = Field(description="hex")
    valid_from: AwareDatetime
    valid_until: AwareDatetime


class _Signature(Record):
    """The active manifest of a file, as c2pa found it."""

    failed: tuple[str, ...] = Field(description="codes of the checks that failed, as the C2PA specification names them")
    assertions: dict[str, Any]
    certificate: _Certificate | None = Field(description="of the signer; None where the signature cannot be read")


def verify(data: bytes, anchors: str, *, test_signers: str = "") -> Verified:
    """Check the signature of a file, its content's hash, and that its embedded recipe is the one that was signed.

    ``anchors`` are the certificates that are trusted, PEM; ``test_signers`` those of this home's own test certificate,
    which are taken for what they are and said to be untrusted by anybody else.

    A certificate that has expired proves nothing, even if it was valid when the file was signed. That is what the C2PA
    specification says (2.x, 15.8: without a time stamp, the time of validation must lie in the certificate's validity),
    and c2pa's own reader: files are signed without a time stamp authority, so nothing tells the signature of then from
    one that somebody makes today with a key that its owner guards no more.
    """
    media_type = media_type_of(data)
    if media_type is None:
        return _unproven("it is no PNG, JPEG, WebP, AVIF or SVG" if data else "it is empty")
    found = _signature(data, media_type, anchors + test_signers)
    return _unproven(found) if isinstance(found, str) else _judged(data, found, test_signers)


def _signature(data: bytes, media_type: str, trusted: str) -> _Signature | str:
    """The signature, or why there is none."""
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
            return f"it carries no signature{_what_it_says(data)}"
        return _damaged(media_type, str(error).splitlines()[0].rstrip(": ").rpartition(": ")[2])
    active = store["active_manifest"]
    if active not in store["manifests"]:
        return _damaged(media_type, "an assertion in it cannot be read")
    signature = next(one["signature"] for one in described["manifests"] if one["label"] == active)
    return _Signature(
        failed=tuple(one["code"] for one in store.get("validation_status", [])),
        assertions={one["label"]: one["data"] for one in store["manifests"][active]["assertions"]},
        certificate=_certificate(signature.get("certificateInfo")),
    )


def _damaged(media_type: str, why: str) -> str:
    return f"it is no whole {media_type.removeprefix('image/').partition('+')[0]}, or its manifest is damaged: {why}"


def _certificate(told: dict[str, Any] | None) -> _Certificate | None:
    if told is None:
        return None
    return _Certificate(
        name=str(told["subject"].get("CN", "somebody without a name")),
        serial=told["serialNumber"],
        valid_from=told["validity"]["notBefore"],
        valid_until=told["validity"]["notAfter"],
    )


def _judged(data: bytes, signature: _Signature, test_signers: str) -> Verified:
    certificate, failed = signature.certificate, signature.failed
    signer = certificate.name if certificate else None
    problems = [meaning for code, meaning in _MEANING.items() if code in failed]
    problems += [
        f"its manifest fails the check {code}" for code in failed if code not in {*_MEANING, _UNTRUSTED, _EXPIRED}
    ]
    if problems or certificate is None:
        return _unproven((problems or ["its signature names no certificate"])[0], signer)
    try:
        record = SignedRecord.model_validate(signature.assertions.get(RECORD_LABEL))
    except ValidationError:
        return _unproven("its signature speaks of no recipe of genart-assets: it is not ours", signer)
    if _EXPIRED in failed:  # before trust, which c2pa gives to no expired certificate
        return _unproven(_not_valid_now(certificate, datetime.now(UTC)), signer, record)
    if _UNTRUSTED in failed:
        why = f"it was signed by one who is called {signer} and whom nobody here trusts: anybody may have made it"
        return _unproven(why, signer, record)
    try:
        recipe_id = sha256_hex(canonical_json(read_recipe(data)))
    except InputError as error:
        return _unproven(f"it is signed, but {error.message}", signer, record)
    if recipe_id != record.recipe_id:
        why = f"its recipe is {recipe_id[:12]}, the one that was signed {record.recipe_id[:12]}"
        return _unproven(why, signer, record)
    own = " (this home's test certificate, which nobody else trusts)" if _is_of(certificate, test_signers) else ""
    return Verified(
        proven=True,
        told=f"signed by {signer}{own} and unchanged since: made by a model, {record.model} snapshot "
        f"{record.model_snapshot[:12]}, recipe {record.recipe_id[:12]}",
        signer=signer,
        record=record,
    )


def _not_valid_now(certificate: _Certificate, now: datetime) -> str:
    """One code of c2pa stands for both sides of the validity."""
    of = f"the certificate of {certificate.name} that it was signed with"
    if now < certificate.valid_from:
        return (
            f"{of} is not valid before {certificate.valid_from:%Y-%m-%d}, and this machine's clock says {now:%Y-%m-%d}"
        )
    return f"{of} expired on {certificate.valid_until:%Y-%m-%d}, and no time stamp proves that it was signed before"


def _is_of(certificate: _Certificate, chain: str) -> bool:
    from cryptography import x509

    known = x509.load_pem_x509_certificates(chain.encode()) if chain else []
    return any(one.serial_number == int(certificate.serial, 16) for one in known)


def _what_it_says(data: bytes) -> str:
    try:
        recipe = read_recipe(data)
    except InputError:
        return ", and tells nothing about how it was made"
    return f"; it says that its prompt is {recipe.get('prompt')!r}, which anybody may have written"


def _unproven(why: str, signer: str | None = None, record: SignedRecord | None = None) -> Verified:
    return Verified(proven=False, told=why, signer=signer, record=record)
