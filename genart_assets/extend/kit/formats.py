"""Checks a deliverable format: the same bytes every time, and a file that is recognised, read back and signed."""

from __future__ import annotations

import re
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from genart_assets.critics.each_row import Picture
from genart_assets.deliverables.embedded import Embedded, text_chunks
from genart_assets.deliverables.formats import SHIPPED, find_format
from genart_assets.deliverables.protocol import Declared, Deliverable, Encoded, declared_by
from genart_assets.deliverables.xmp import genart_properties, packet_of
from genart_assets.errors import GenartError
from genart_assets.extend.kit.failure import CheckFailed
from genart_assets.extend.kit.looks import trial_brief, trial_look
from genart_assets.extend.kit.pictures import SIZES, trial_pictures
from genart_assets.records.recipe import Recipe

FARTHEST = 24.0
"""Levels of 255 that a picture with smooth areas may be off on average, once it is read back."""
_SMOOTH = ("white", "red", "gradient", "disc", "soft disc")
_SUFFIX = re.compile(r"[a-z0-9]{1,16}")
_SAID = ("glossy icon of kiwi & <fruit>", "ein Bär über »Köln« 🐻", "long " * 300)


def check_format(encode: Deliverable) -> None:
    """Try a format's function on the trial pictures, in three sizes.

    It gives the same bytes every time and in every thread; its files are recognised, read back in their size, and say
    about themselves what was embedded; where it declares that they can be signed, a signature is made and holds.

    Raises:
        CheckFailed: a rule is broken.
    """
    declared = declared_by(encode)
    if declared is None:
        raise CheckFailed(f"{encode} declares nothing; decorate it with genart_assets.extend.declares")
    if "/" not in declared.media_type:
        raise CheckFailed(f"media_type is {declared.media_type!r}; give one like image/png")
    for said in _SAID:
        for size in SIZES:
            for name, picture in trial_pictures(size).items():
                if said == _SAID[0] or (name == "disc" and size == SIZES[0]):
                    _check(encode, declared, f"{name!r} of {size[0]} x {size[1]} px", picture, _embedded(said))
    if declared.can_be_signed:
        _check_signature(encode, declared)


def _check(
    encode: Deliverable, declared: Declared, where: str, picture: Picture, said: tuple[Embedded, Recipe]
) -> None:
    made = _made(encode, picture, said)
    if not _SUFFIX.fullmatch(made.suffix):
        raise CheckFailed(f"the file of picture {where} has the suffix {made.suffix!r}; use small letters and digits")
    with ThreadPoolExecutor(2) as pool:
        others = [*pool.map(lambda _: _made(encode, picture, said), range(2))]
    if any(other != made for other in others):
        raise CheckFailed(
            f"picture {where} does not get the same bytes every time; use no clock, threads or random ids"
        )
    _check_recognised(declared, where, made)
    _check_said(declared, where, made.data, said[0])
    if declared.read_picture is not None:
        _check_picture(declared.read_picture(made.data), where, picture)


def _check_recognised(declared: Declared, where: str, made: Encoded) -> None:
    for given in (made.data, made.data[:64]):
        if not declared.recognises(given):
            raise CheckFailed(
                f"recognises says no to its own file of picture {where}; it sees the first 64 bytes or more"
            )
    if declared.recognises(b"") or declared.recognises(
        b"no picture at all, but a text of more than sixty-four bytes ..."
    ):
        raise CheckFailed("recognises says yes to a file that is no picture; compare the first bytes")
    for name in SHIPPED:
        shipped = find_format(name).declared
        if shipped.media_type != declared.media_type and shipped.recognises(made.data):
            raise CheckFailed(f"its files are taken for {shipped.media_type} and it declares {declared.media_type}")


def _check_said(declared: Declared, where: str, data: bytes, said: Embedded) -> None:
    packet = declared.read_xmp(data)
    if not packet:
        raise CheckFailed(f"read_xmp finds no XMP packet in the file of picture {where}; embed xmp, and read it back")
    try:
        found = genart_properties(packet)
    except GenartError as error:
        raise CheckFailed(f"read_xmp gives a damaged packet of picture {where}: {error.message}") from error
    if found != genart_properties(packet_of(said).encode()):
        raise CheckFailed(f"the file of picture {where} does not say what was embedded; embed xmp as it is, in UTF-8")


def _check_picture(found: Image.Image, where: str, picture: Picture) -> None:
    height, width = picture.shape[:2]
    if found.size != (width, height):
        raise CheckFailed(f"picture {where} is read back with {found.size[0]} x {found.size[1]} px")
    if any(repr(name) == where.partition(" of ")[0] for name in _SMOOTH):
        off = float(np.abs(np.asarray(found.convert("RGB"), np.float64) - picture).mean())
        if off > FARTHEST:
            raise CheckFailed(f"picture {where} is read back {off:.1f} levels off on average; at most {FARTHEST:g}")


def _check_signature(encode: Deliverable, declared: Declared) -> None:
    from genart_assets.signing.own_certificate import own_identity
    from genart_assets.signing.sign import signed
    from genart_assets.signing.signature import signature_in
    from genart_assets.signing.signed_record import RECORD_LABEL, SignedRecord

    said = _embedded(_SAID[0])
    made = _made(encode, trial_pictures()["disc"], said)
    record = SignedRecord(
        **said[0].model_dump(exclude={"prompt", "recipe"}),
        pixel_sha256="0" * 64,
        file=f"trial.{made.suffix}",
        format=made.suffix,
        width=SIZES[0][0],
        height=SIZES[0][1],
        actions=("converted",),
    )
    with tempfile.TemporaryDirectory(prefix="genart-trial-") as folder:
        identity = own_identity(Path(folder))
        try:
            first, second = (signed(made.data, declared.media_type, record, identity) for _ in range(2))
            found = signature_in(first, declared.media_type, identity.chain)
        except GenartError as error:
            raise CheckFailed(
                f"it declares that its files can be signed, and they cannot: {error.message}; "
                "declare can_be_signed=False"
            ) from error
    if first != second:
        raise CheckFailed("a signed file does not get the same bytes every time")
    if found.failed or found.assertions.get(RECORD_LABEL) != record.model_dump(mode="json", exclude_none=True):
        raise CheckFailed(f"the signature of its file does not hold: {', '.join(found.failed) or 'another record'}")
    if not declared.recognises(first[:64]):
        raise CheckFailed("recognises says no to its own file once it is signed")
    _check_said(declared, "'disc', signed", first, said[0])


def _made(encode: Deliverable, picture: Picture, said: tuple[Embedded, Recipe]) -> Encoded:
    embedded, recipe = said
    return encode(Image.fromarray(picture), packet_of(embedded), text_chunks(embedded, recipe))


def _embedded(prompt: str) -> tuple[Embedded, Recipe]:
    brief = trial_brief("sharpness")
    (planned,) = trial_look({"disc": trial_pictures()["disc"]}, brief).planned
    recipe = planned.recipe.model_copy(update={"prompt": prompt})
    embedded = Embedded(
        brief=brief.brief,
        brief_hash=brief.brief_hash,
        batch="trial.0123456789.r0.0000",
        slot=0,
        round=0,
        model=brief.model,
        model_snapshot=recipe.model_snapshot,
        prompt=prompt,
        recipe_id=recipe.recipe_id,
        recipe=recipe.canonical(),
    )
    return embedded, recipe
