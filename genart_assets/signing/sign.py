"""Signs a delivered file with a C2PA manifest; the same file, record and key give the same bytes."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from uuid import UUID

from genart_assets.deliverables.embedded import TOOL
from genart_assets.errors import GenartError
from genart_assets.records.base import sha256_hex
from genart_assets.signing.identity import SigningIdentity
from genart_assets.signing.manifest_store import with_derived_salts
from genart_assets.signing.media import exchanged
from genart_assets.signing.signed_record import ACTIONS_LABEL, RECORD_LABEL, SignedRecord

_SETTINGS = {
    "builder": {
        "thumbnail": {"enabled": False},
        "created_assertion_labels": [ACTIONS_LABEL, RECORD_LABEL],
        "actions": {"auto_created_action": {"enabled": False}},
    },
    "verify": {"verify_after_sign": False, "remote_manifest_fetch": False, "ocsp_fetch": False},
}


def signed(data: bytes, media_type: str, record: SignedRecord, identity: SigningIdentity) -> bytes:
    """The file with its manifest, which has no date, random id or thumbnail. Safe to call from several threads.

    Raises:
        GenartError: the file cannot hold a manifest. CertificateNotValid: the certificate cannot sign now.
    """
    import c2pa

    identity.require_valid(datetime.now(UTC))
    seed = sha256_hex(record.canonical() + sha256_hex(data))
    unique = UUID(hex=seed[:32], version=4)
    definition = {
        "label": f"urn:c2pa:{unique}",
        "instance_id": f"xmp:iid:{unique}",
        "title": record.file,
        "claim_generator_info": [{"name": TOOL}],
        "assertions": record.assertions(),
    }
    made = io.BytesIO()
    try:
        info = c2pa.C2paSignerInfo(identity.algorithm.lower(), identity.chain.encode(), identity.key, None)
        with (
            c2pa.Settings.from_dict(_SETTINGS) as settings,
            c2pa.Context(settings) as context,
            c2pa.Signer.from_info(info) as signer,
            c2pa.Builder(json.dumps(definition), context=context) as builder,
        ):
            store = builder.sign(signer, media_type, io.BytesIO(data), made)
    except c2pa.C2paError as error:
        raise GenartError(f"{record.file} cannot be signed: {error}") from error
    return exchanged(made.getvalue(), media_type, store, with_derived_salts(store, seed, identity.sign))
