"""Signed files of every format prove what they say; what was changed, glued on, forged or stripped proves nothing."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image

from genart_assets.deliverables.embedded import Embedded, text_chunks
from genart_assets.deliverables.formats import find_format
from genart_assets.deliverables.xmp import packet_of
from genart_assets.errors import InputError
from genart_assets.records.recipe import Recipe
from genart_assets.signing.identity import CertificateNotValid, SigningIdentity, identity_of
from genart_assets.signing.own_certificate import CERTIFICATE, FOLDER, KEY, issued_chain, own_chain, own_identity
from genart_assets.signing.sign import signed
from genart_assets.signing.signed_record import SignedRecord
from genart_assets.signing.studio import CERTIFICATE_VARIABLE, KEY_VARIABLE, studio_identity
from genart_assets.signing.verify import Verified, verify
from genart_assets_tests.critics.drawn import brief_of, plan_of
from genart_assets_tests.deliverables.samples import icon

FORMATS = ("png", "jpeg", "webp", "avif", "svg")
RECIPES = [planned.recipe for planned in plan_of(brief_of())[:2]]


def record_of(recipe: Recipe, name: str) -> SignedRecord:
    return SignedRecord(
        brief="fruit",
        brief_hash="b" * 64,
        batch="fruit.0123456789.r0.0000",
        slot=3,
        round=0,
        model="starter",
        model_snapshot=recipe.model_snapshot,
        recipe_id=recipe.recipe_id,
        pixel_sha256="c" * 64,
        file=name,
        format=name.partition(".")[2],
        width=64,
        height=64,
        actions=("resized", "converted"),
    )


def unsigned(form: str, recipe: Recipe, picture: Image.Image) -> tuple[bytes, str, str]:
    """The delivered file before it is signed, its name and media type."""
    embedded = Embedded(
        **record_of(recipe, "x.y").model_dump(include={"brief", "brief_hash", "batch", "slot", "round", "model"}),
        model_snapshot=recipe.model_snapshot,
        prompt=recipe.prompt,
        recipe_id=recipe.recipe_id,
        recipe=recipe.canonical(),
    )
    found = find_format(form)
    made = found.encode(picture, packet_of(embedded), text_chunks(embedded, recipe))
    return made.data, f"icon.{made.suffix}", found.declared.media_type


def signed_file(form: str, identity: SigningIdentity, recipe: Recipe = RECIPES[0], number: int = 1) -> bytes:
    data, name, media_type = unsigned(form, recipe, icon(number))
    return signed(data, media_type, record_of(recipe, name), identity)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def identity(home: Path) -> SigningIdentity:
    return own_identity(home)


def checked(data: bytes, home: Path) -> Verified:
    return verify(data, "", test_signers=own_chain(home) or "")


def test_a_file_made_of_another_picture_is_signed_as_a_composite(identity: SigningIdentity, home: Path) -> None:
    data, name, media_type = unsigned("png", RECIPES[0], icon(1))
    record = record_of(RECIPES[0], name).model_copy(update={"start": "ef" * 32})
    made = signed(data, media_type, record, identity)
    assert checked(made, home).record == record
    assert checked(made, home).told.endswith(", from picture efefefefefef")
    assert b"compositeWithTrainedAlgorithmicMedia" in made
    assert b"from a picture with pixels " + b"ef" * 32 in made
    assert b"compositeWithTrainedAlgorithmicMedia" not in signed_file("png", identity)


@pytest.mark.parametrize("form", FORMATS)
def test_a_signed_file_proves_its_recipe_and_says_that_the_certificate_is_a_test(
    form: str, identity: SigningIdentity, home: Path
) -> None:
    data = signed_file(form, identity)
    found = checked(data, home)
    assert found.proven, found.told
    assert "this home's test certificate, which nobody else trusts" in found.told
    assert found.record is not None
    assert found.record.recipe_id == RECIPES[0].recipe_id
    assert signed_file(form, identity) == data, "the same file, record and key give the same bytes"
    if form != "svg":
        before, after = (Image.open(io.BytesIO(one)) for one in (unsigned(form, RECIPES[0], icon(1))[0], data))
        assert before.tobytes() == after.tobytes()


@pytest.mark.parametrize("form", FORMATS)
def test_changed_content_is_not_believed(form: str, identity: SigningIdentity, home: Path) -> None:
    data = bytearray(signed_file(form, identity))
    data[-40 if form != "svg" else data.rindex(b"</svg>") - 5] ^= 1
    found = checked(bytes(data), home)
    assert not found.proven


@pytest.mark.parametrize("form", FORMATS)
def test_a_manifest_of_another_image_is_not_believed(form: str, identity: SigningIdentity, home: Path) -> None:
    """Signed as one image, then the other image's content is put around the same manifest."""
    one, other = (unsigned(form, recipe, icon(number)) for number, recipe in enumerate(RECIPES))
    of_one = signed(one[0], one[2], record_of(RECIPES[0], one[1]), identity)
    glued = signed(other[0], other[2], record_of(RECIPES[0], one[1]), identity)
    found = checked(glued, home)
    assert not found.proven
    assert f"but recipe {RECIPES[0].recipe_id[:12]} was signed" in found.told
    assert checked(of_one, home).proven


def test_a_strangers_signature_is_named_and_not_believed(tmp_path: Path, home: Path, identity: SigningIdentity) -> None:
    forged = signed_file("png", own_identity(tmp_path))
    found = checked(forged, home)
    assert (found.proven, found.signer) == (False, "genart-assets test signer")
    assert "who is not trusted here" in found.told
    assert "who is not trusted here" in verify(forged, "").told


@pytest.mark.parametrize(
    ("shift", "told"), [(-5000, r"expired on 20\d\d-\d\d-\d\d"), (1000, r"is not valid before 20\d\d-\d\d-\d\d")]
)
def test_a_certificate_that_is_not_valid_now_signs_nothing(shift: int, told: str) -> None:
    key = Ed25519PrivateKey.generate()
    chain = issued_chain(key, datetime.now(UTC) + timedelta(days=shift))
    outside = identity_of(key, x509.load_pem_x509_certificates(chain), is_test=False)
    clock = r"and this machine's clock says 20\d\d-\d\d-\d\d \d\d:\d\d UTC"
    with pytest.raises(CertificateNotValid, match=f"{told}, {clock}") as refused:
        signed_file("png", outside)
    assert refused.value.remedy == "set the clock if it is wrong, otherwise ask for a new certificate"


def test_stripped_foreign_and_truncated_files_are_told(identity: SigningIdentity, home: Path) -> None:
    data = signed_file("png", identity)
    stripped = io.BytesIO()
    Image.open(io.BytesIO(data)).save(stripped, "PNG")
    told = {
        "stripped": checked(stripped.getvalue(), home),
        "unsigned": checked(unsigned("png", RECIPES[0], icon(1))[0], home),
        "text": checked(b"hello", home),
        "cut": checked(data[: len(data) // 2], home),
        "empty": checked(b"", home),
    }
    assert not any(found.proven for found in told.values())
    assert told["stripped"].told == "it has no signature, and does not say how it was made"
    assert "but anybody may have written that" in told["unsigned"].told
    assert told["text"].told == "it is not a PNG, JPEG, WebP, AVIF or SVG"


def test_keys_are_for_their_owner_and_told_to_nobody(home: Path, identity: SigningIdentity) -> None:
    for name in (KEY, CERTIFICATE):
        assert (home / FOLDER / name).stat().st_mode & 0o077 == 0
    assert "PRIVATE KEY" not in repr(identity)
    assert own_identity(home).chain == identity.chain


def test_a_studios_own_certificate_signs_and_half_of_one_is_refused(
    home: Path, identity: SigningIdentity, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(CERTIFICATE_VARIABLE, str(home / FOLDER / CERTIFICATE))
    monkeypatch.setenv(KEY_VARIABLE, str(home / FOLDER / KEY))
    found = studio_identity()
    assert found is not None
    assert (found.chain, found.is_test) == (identity.chain, False)
    own_identity(tmp_path)
    monkeypatch.setenv(KEY_VARIABLE, str(tmp_path / FOLDER / KEY))
    with pytest.raises(InputError, match="does not belong to the first certificate"):
        studio_identity()
    monkeypatch.setenv(KEY_VARIABLE, str(home / FOLDER / CERTIFICATE))
    with pytest.raises(InputError, match="does not hold an unencrypted private key"):
        studio_identity()
    monkeypatch.delenv(KEY_VARIABLE)
    with pytest.raises(InputError, match=f"{KEY_VARIABLE} is not set"):
        studio_identity()
