"""What the signature in a file proves, and what it does not."""

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
    """One code of c2pa stands for both sides of the validity."""
    of = f"the certificate of {certificate.name} that it was signed with"
    if now < certificate.valid_from:
        return (
            f"{of} is not valid before {certificate.valid_from:%Y-%m-%d}, and this machine's clock says {now:%Y-%m-%d}"
        )
    return f"{of} expired on {certificate.valid_until:%Y-%m-%d}, and no time stamp proves that it was signed before"


def _what_it_says(data: bytes) -> str:
    try:
        recipe = read_recipe(data)
    except InputError:
        return ", and tells nothing about how it was made"
    return f"; it says that its prompt is {recipe.get('prompt')!r}, which anybody may have written"


def _unproven(why: str, signer: str | None = None, record: SignedRecord | None = None) -> Verified:
    return Verified(proven=False, told=why, signer=signer, record=record)
