"""Every way in which a file proves nothing is told in its own sentence."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import c2pa
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from genart_assets.signing import own_certificate, sign
from genart_assets.signing.identity import SigningIdentity, identity_of
from genart_assets.signing.media import exchanged, media_type_of
from genart_assets.signing.own_certificate import issued_chain, own_chain, own_identity
from genart_assets.signing.verify import Verified, verify
from genart_assets_tests.signing.test_sign_and_verify import FORMATS, RECIPES, signed_file

with_derived_salts = sign.with_derived_salts


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> SigningIdentity:
    return own_identity(tmp_path_factory.mktemp("home"))


@pytest.fixture
def stores(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The manifest stores of the files that a test signs, in order."""
    made: list[bytes] = []

    def kept(*given: object) -> bytes:
        made.append(with_derived_salts(*given))  # pyright: ignore[reportArgumentType]
        return made[-1]

    monkeypatch.setattr(sign, "with_derived_salts", kept)
    return made


def refused(data: bytes, identity: SigningIdentity) -> Verified:
    found = verify(data, identity.chain)
    assert not found.proven
    return found


@pytest.mark.parametrize("form", FORMATS)
def test_a_manifest_that_was_cut_out_of_another_file(form: str, identity: SigningIdentity, stores: list[bytes]) -> None:
    signed_file(form, identity, RECIPES[0], 0)
    other = signed_file(form, identity, RECIPES[1], 1)
    glued = exchanged(other, media_type_of(other) or "", stores[1], stores[0])
    told = "its content is not what was signed: it was changed, or the manifest belongs to another file"
    assert refused(glued, identity).told == told


@pytest.mark.parametrize("form", FORMATS)
def test_a_manifest_of_another_key_under_the_same_name(form: str, identity: SigningIdentity, tmp_path: Path) -> None:
    found = refused(signed_file(form, own_identity(tmp_path)), identity)
    assert found.told == (
        "it was signed by genart-assets test signer, who is not trusted here: anybody may have made it"
    )


@pytest.mark.parametrize("form", ["png", "jpeg", "webp", "avif"])
def test_a_manifest_with_another_signature_or_another_text(
    form: str, identity: SigningIdentity, stores: list[bytes]
) -> None:
    data = signed_file(form, identity)
    (store,) = stores
    forged, changed = bytearray(store), bytearray(store)
    forged[-20] ^= 1
    changed[store.index(b"trainedAlgorithmic")] ^= 1
    for other, told in (
        (forged, "its signature does not match its manifest: it is forged"),
        (changed, "its manifest was changed after it was signed"),
    ):
        assert refused(exchanged(data, media_type_of(data) or "", store, bytes(other)), identity).told == told


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.99])
def test_a_truncated_file(form: str, share: float, identity: SigningIdentity) -> None:
    data = signed_file(form, identity)
    found = refused(data[: int(share * len(data))], identity)
    assert found.told.startswith(
        (f"it is not a complete {form}, or its manifest is damaged: ", "its content is not what was")
    )


@pytest.mark.parametrize("form", ["png", "jpeg", "webp", "avif"])
def test_a_file_whose_metadata_was_stripped(form: str, identity: SigningIdentity) -> None:
    stripped = io.BytesIO()
    Image.open(io.BytesIO(signed_file(form, identity))).convert("RGB").save(stripped, form, exif=b"", xmp=b"")
    told = "it has no signature, and does not say how it was made"
    assert refused(stripped.getvalue(), identity).told == told


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "it is empty"),
        (b"PAR1", "it is not a PNG, JPEG, WebP, AVIF or SVG"),
        (b"\x89PNG\r\n\x1a\n", "it is not a complete png, or its manifest is damaged: PNG out of range"),
    ],
)
def test_a_file_that_is_no_picture(data: bytes, told: str, identity: SigningIdentity) -> None:
    assert refused(data, identity).told == told


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=100, deadline=None)
@given(choices=st.data())
def test_whatever_was_changed_is_answered_and_no_other_picture_is_proven(
    form: str, choices: st.DataObject, identity: SigningIdentity
) -> None:
    """What may change unseen is padding in the manifest, which C2PA signs nowhere."""
    data = signed_file(form, identity)
    start = choices.draw(st.integers(0, len(data) - 1))
    end = choices.draw(st.integers(start, min(start + 40, len(data))))
    changed = data[:start] + choices.draw(st.binary(max_size=4)) + data[end:]
    found = verify(changed, identity.chain)
    assert not found.told.endswith(": ")
    if found.proven and form != "svg":
        before, after = (Image.open(io.BytesIO(one)).convert("RGB").tobytes() for one in (data, changed))
        assert before == after


@pytest.mark.parametrize("form", ["png", "jpeg", "webp", "avif"])
def test_a_manifest_whose_record_is_no_cbor(form: str, identity: SigningIdentity, stores: list[bytes]) -> None:
    data = signed_file(form, identity)
    damaged = bytearray(stores[0])
    damaged[damaged.index(b"gactions\x82gresized") - 1] ^= 1  # says how many fields follow
    told = f"it is not a complete {form}, or its manifest is damaged: an assertion in it cannot be read"
    assert refused(exchanged(data, media_type_of(data) or "", stores[0], bytes(damaged)), identity).told == told


class TestACertificateOutsideOfItsValidity:
    """Nobody can sign with it, so it is put into the signature in the place of one that is valid, of the same key."""

    @pytest.fixture(autouse=True)
    def _equal_lengths(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(x509, "random_serial_number", lambda: 2**157)

    def signed_at(self, form: str, valid_from: datetime, monkeypatch: pytest.MonkeyPatch) -> tuple[bytes, str]:
        """A file that was signed when its certificate was valid, from ``valid_from`` on, and the certificates."""
        key = Ed25519PrivateKey.generate()
        then, now = (
            x509.load_pem_x509_certificates(issued_chain(key, start)) for start in (valid_from, datetime.now(UTC))
        )

        def exchanging(store: bytes, *given: object) -> bytes:
            for old, new in zip(now, then, strict=True):
                store = store.replace(old.public_bytes(Encoding.DER), new.public_bytes(Encoding.DER))
            return with_derived_salts(store, *given)  # pyright: ignore[reportArgumentType]

        monkeypatch.setattr(sign, "with_derived_salts", exchanging)
        data = signed_file(form, identity_of(key, now, is_test=False))
        return data, "".join(one.public_bytes(Encoding.PEM).decode() for one in then)

    @pytest.mark.parametrize("form", FORMATS)
    def test_an_expired_one_proves_nothing_and_is_told_with_its_date(
        self, form: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        data, chain = self.signed_at(form, datetime(2010, 5, 17, tzinfo=UTC), monkeypatch)
        assert verify(data, chain).told == (
            "the certificate of genart-assets test signer that signed it expired on 2020-05-14, and no time "
            "stamp proves that it was signed before"
        )
        assert not verify(data, chain).proven
        assert "expired on 2020-05-14" in verify(data, "", test_signers=chain).told
        assert "expired on 2020-05-14" in verify(data, "").told, "whoever signed it"
        with c2pa.Reader(media_type_of(data), io.BytesIO(data)) as reader:
            codes = [one["code"] for one in json.loads(reader.json())["validation_status"]]
        assert "signingCredential.expired" in codes, "as c2pa's own reader says"

    def test_an_expired_one_does_not_hide_that_the_file_was_changed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        data, chain = self.signed_at("png", datetime(2010, 5, 17, tzinfo=UTC), monkeypatch)
        changed = bytearray(data)
        changed[-20] ^= 1
        assert verify(bytes(changed), chain).told.startswith("its content is not what was signed")

    def test_one_that_is_not_valid_yet_is_told_with_the_clock(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Made by a machine whose clock is ahead, or read by one whose clock is behind."""
        ahead = datetime.now(UTC) + timedelta(days=400)
        data, chain = self.signed_at("png", ahead, monkeypatch)
        found = verify(data, chain)
        assert not found.proven
        assert found.told == (
            "the certificate of genart-assets test signer that signed it is not valid before "
            f"{ahead - timedelta(days=1):%Y-%m-%d}, and this machine's clock says {datetime.now(UTC):%Y-%m-%d}"
        )


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(hours=23)])
def test_a_clock_that_was_set_back_a_little_after_first_use_still_signs(
    back: timedelta, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The certificate is made an hour, or nearly a day, in what is the future after that."""

    class Ahead(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime.now(UTC) + back

    monkeypatch.setattr(own_certificate, "datetime", Ahead)
    data = signed_file("png", own_identity(tmp_path))
    assert verify(data, "", test_signers=own_chain(tmp_path) or "").proven


def test_another_studios_test_certificate_that_is_trusted_is_not_called_this_homes(
    identity: SigningIdentity, tmp_path: Path
) -> None:
    own = own_identity(tmp_path).chain
    assert "this home's" not in verify(signed_file("png", identity), identity.chain, test_signers=own).told
    assert "this home's" in verify(signed_file("png", own_identity(tmp_path)), identity.chain, test_signers=own).told
