"""What the signature in a file proves, and what it does not."""

from __future__ import annotations

import io
import json
from typing import Any, cast

from pydantic import Field, ValidationError

from genart_assets.deliverables.read_back import read_recipe
from genart_assets.errors import InputError
from genart_assets.records import Record, canonical_json, sha256_hex
from genart_assets.signing.media import media_type_of
from genart_assets.signing.own_certificate import TEST_SIGNER
from genart_assets.signing.signed_record import RECORD_LABEL, SignedRecord

_SETTINGS: dict[str, Any] = {"verify": {"verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False}}
_UNTRUSTED = "signingCredential.untrusted"
_MEANING = {
    "assertion.dataHash.mismatch": "its content is not what was signed: it was changed, or the manifest is another's",
    "assertion.bmffHash.mismatch": "its content is not what was signed: it was changed, or the manifest is another's",
    "assertion.hashedURI.mismatch": "its manifest was changed after it was signed",
    "claimSignature.mismatch": "its signature does not fit its manifest: it is forged",
    "claimSignature.outsideValidity": "it was signed outside of its certificate's validity",
    "signingCredential.expired": "the certificate that signed it has expired",
    "signingCredential.invalid": "the certificate that signed it is no certificate for signing",
}


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
    """
    import c2pa

    media_type = media_type_of(data)
    if media_type is None:
        return _unproven("it is no PNG, JPEG, WebP, AVIF or SVG")
    trusted = anchors + test_signers
    settings = {**_SETTINGS, "trust": {"user_anchors": trusted}} if trusted else _SETTINGS
    try:
        with (
            c2pa.Settings.from_dict(settings) as chosen,
            c2pa.Context(chosen) as context,
            c2pa.Reader(media_type, io.BytesIO(data), context=context) as reader,
        ):
            store = cast("dict[str, Any]", json.loads(reader.json()))
    except (c2pa.C2paError, ValueError) as error:
        if type(error).__name__.endswith("ManifestNotFound"):
            return _unproven(f"it carries no signature{_what_it_says(data)}")
        return _unproven(f"its manifest cannot be read: {str(error).splitlines()[0]}")
    return _judged(data, store, test_signers)


def _judged(data: bytes, store: dict[str, Any], test_signers: str) -> Verified:
    manifest = store["manifests"][store["active_manifest"]]
    signer = str(manifest.get("signature_info", {}).get("common_name", "somebody without a name"))
    codes = [str(found["code"]) for found in store.get("validation_status", [])]
    problems = [_MEANING.get(code, f"its manifest fails the check {code}") for code in codes if code != _UNTRUSTED]
    if problems:
        return _unproven(problems[0], signer)
    try:
        told = next(found["data"] for found in manifest["assertions"] if found["label"] == RECORD_LABEL)
        record = SignedRecord.model_validate(told)
    except (StopIteration, ValidationError):
        return _unproven("its signature speaks of no recipe of genart-assets: it is not ours", signer)
    if _UNTRUSTED in codes:
        why = f"it was signed by {signer}, whom nobody here trusts: anybody may have made it"
        return _unproven(why, signer, record)
    try:
        recipe_id = sha256_hex(canonical_json(read_recipe(data)))
    except InputError as error:
        return _unproven(f"it is signed, but {error.message}", signer, record)
    if recipe_id != record.recipe_id:
        why = f"its recipe is {recipe_id[:12]}, the one that was signed {record.recipe_id[:12]}"
        return _unproven(why, signer, record)
    is_test = signer == TEST_SIGNER and bool(test_signers)
    own = " (this home's test certificate, which nobody else trusts)" if is_test else ""
    return Verified(
        proven=True,
        told=f"signed by {signer}{own} and unchanged since: made by a model, {record.model} snapshot "
        f"{record.model_snapshot[:12]}, recipe {record.recipe_id[:12]}",
        signer=signer,
        record=record,
    )


def _what_it_says(data: bytes) -> str:
    try:
        recipe = read_recipe(data)
    except InputError:
        return ", and tells nothing about how it was made"
    return f"; it says that its prompt is {recipe.get('prompt')!r}, which anybody may have written"


def _unproven(why: str, signer: str | None = None, record: SignedRecord | None = None) -> Verified:
    return Verified(proven=False, told=why, signer=signer, record=record)
