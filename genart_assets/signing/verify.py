"""Verifies the signature in a file and says what it proves."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import Field, ValidationError

from genart_assets.deliverables.read_back import read_recipe
from genart_assets.errors import InputError
from genart_assets.records.base import Record, canonical_json, sha256_hex
from genart_assets.signing.media import media_type_of
from genart_assets.signing.signature import Certificate, NoSignature, Signature, Unreadable, signature_in
from genart_assets.signing.signed_record import RECORD_LABEL, SignedRecord

_UNTRUSTED, _EXPIRED = "signingCredential.untrusted", "signingCredential.expired"
_CONTENT = "its content is not what was signed: it was changed, or the manifest belongs to another file"
_MEANING = {
    "claimSignature.mismatch": "its signature does not match its manifest: it is forged",
    "assertion.hashedURI.mismatch": "its manifest was changed after it was signed",
    "assertion.dataHash.mismatch": _CONTENT,
    "assertion.bmffHash.mismatch": _CONTENT,
    "claimSignature.outsideValidity": "it was signed outside its certificate's validity",
    "signingCredential.invalid": "the certificate that signed it is not a certificate for signing",
}
"""The meaning of each failed check; the first that applies is reported."""


class Verified(Record):
    """What is known about one file."""

    proven: bool = Field(description="whether a trusted signer signed it, it is unchanged, and its recipe matches")
    told: str = Field(description="one sentence: what is proven, or why nothing is proven")
    signer: str | None = Field(default=None, description="name in the certificate")
    record: SignedRecord | None = Field(default=None, description="what was signed; reliable only if it is proven")


def verify(data: bytes, anchors: str, *, test_signers: str = "") -> Verified:
    """Check the signature of a file, the hash of its content, and that its embedded recipe is the signed one.

    ``anchors`` has the trusted certificates, PEM; ``test_signers`` those of this home's own test certificate, which are
    accepted with the remark that nobody else trusts them.

    An expired certificate proves nothing, even if it was valid when the file was signed. The C2PA specification (2.x,
    15.8: without a time stamp, the time of validation must be within the certificate's validity) and c2pa's own reader
    say so: files are signed without a time stamp authority, so an old signature cannot be distinguished from one that
    somebody makes today with a leaked key.
    """
    media_type = media_type_of(data)
    if media_type is None:
        return _unproven("it is not a PNG, JPEG, WebP, AVIF or SVG" if data else "it is empty")
    try:
        signature = signature_in(data, media_type, anchors + test_signers)
    except NoSignature as error:
        return _unproven(f"{error.message}{_what_it_says(data)}")
    except Unreadable as error:
        return _unproven(error.message)
    return _judged(data, signature, test_signers)


def _judged(data: bytes, signature: Signature, test_signers: str) -> Verified:
    certificate, failed = signature.certificate, signature.failed
    signer = certificate.name if certificate else None
    problems = [meaning for code, meaning in _MEANING.items() if code in failed]
    problems += [
        f"its manifest fails the check {code}" for code in failed if code not in {*_MEANING, _UNTRUSTED, _EXPIRED}
    ]
    if problems or certificate is None:
        return _unproven((problems or ["its signature does not name a certificate"])[0], signer)
    try:
        record = SignedRecord.model_validate(signature.assertions.get(RECORD_LABEL))
    except ValidationError:
        return _unproven("its signature does not describe a recipe of genart-assets: it was made elsewhere", signer)
    if _EXPIRED in failed:  # before trust, since c2pa never trusts an expired certificate
        return _unproven(_not_valid_now(certificate, datetime.now(UTC)), signer, record)
    if _UNTRUSTED in failed:
        why = f"it was signed by {signer}, who is not trusted here: anybody may have made it"
        return _unproven(why, signer, record)
    try:
        recipe_id = sha256_hex(canonical_json(read_recipe(data)))
    except InputError as error:
        return _unproven(f"it is signed, but {error.message}", signer, record)
    if recipe_id != record.recipe_id:
        why = f"its recipe is {recipe_id[:12]}, but recipe {record.recipe_id[:12]} was signed"
        return _unproven(why, signer, record)
    own = " (this home's test certificate, which nobody else trusts)" if certificate.is_in(test_signers) else ""
    return Verified(
        proven=True,
        told=f"signed by {signer}{own} and unchanged since: made by a model, {record.model} snapshot "
        f"{record.model_snapshot[:12]}, recipe {record.recipe_id[:12]}"
        + (f", from picture {record.start[:12]}" if record.start else ""),
        signer=signer,
        record=record,
    )


def _not_valid_now(certificate: Certificate, now: datetime) -> str:
    """Why the certificate is not valid now; one code of c2pa covers both reasons."""
    of = f"the certificate of {certificate.name} that signed it"
    if now < certificate.valid_from:
        return (
            f"{of} is not valid before {certificate.valid_from:%Y-%m-%d}, and this machine's clock says {now:%Y-%m-%d}"
        )
    return f"{of} expired on {certificate.valid_until:%Y-%m-%d}, and no time stamp proves that it was signed before"


def _what_it_says(data: bytes) -> str:
    try:
        recipe = read_recipe(data)
    except InputError:
        return ", and does not say how it was made"
    return f"; it says that its prompt is {recipe.get('prompt')!r}, but anybody may have written that"


def _unproven(why: str, signer: str | None = None, record: SignedRecord | None = None) -> Verified:
    return Verified(proven=False, told=why, signer=signer, record=record)
