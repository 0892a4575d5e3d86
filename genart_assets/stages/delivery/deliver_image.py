"""One selected image: checked, encoded in every format and size, written, and committed by its manifest."""

from __future__ import annotations

import re
from dataclasses import dataclass

from PIL import Image

from genart_assets.deliverables.embedded import text_chunks
from genart_assets.deliverables.formats import DeliverableFormat
from genart_assets.deliverables.protocol import Encoded
from genart_assets.deliverables.xmp import packet_of
from genart_assets.errors import GenartError, InputError, StorageError
from genart_assets.records.base import sha256_hex
from genart_assets.signing.identity import CertificateNotValid, SigningIdentity
from genart_assets.signing.media import REMEDY, unsigned_because
from genart_assets.signing.sign import signed
from genart_assets.signing.signed_record import Action, SignedRecord
from genart_assets.stages.delivery.delivery_manifest import MANIFEST, DeliveredFile, DeliveryManifest
from genart_assets.storage.pixels import decode_png, pixel_sha256
from genart_assets.storage.records import DamagedRecord, read_record
from genart_assets.storage.root import Storage

_SUFFIX = re.compile(r"[a-z0-9]{1,16}")


class Undeliverable(GenartError):
    """This image cannot be delivered; its neighbours can."""


class Conflict(StorageError):
    """Other bytes stand where a delivered file should."""


@dataclass(frozen=True)
class ImageToDeliver:
    folder: str
    """Relative to the storage root."""
    picture_path: str
    """The picture as rendered, relative to the storage root."""
    promise: DeliveryManifest
    formats: tuple[DeliverableFormat, ...]
    signer: SigningIdentity | None = None
    """None leaves the files unsigned."""


def deliver_image(storage: Storage, image: ImageToDeliver) -> tuple[DeliveredFile, ...]:
    """The image's files, durable.

    Raises:
        Undeliverable: it cannot have them. Conflict: that would change a file. CertificateNotValid: not now.

    All formats are encoded before the first is written, so an image that one of them refuses leaves nothing behind.
    """
    if not (image.promise.verdict.passed or image.promise.accepted_by):
        raise Undeliverable(f"not delivered: {_why_not_passed(image)}")
    delivered = _manifest_of(storage, image)
    if delivered is not None and not _missing(storage, image.folder, delivered.files):
        return delivered.files
    encoded = encode(image, read_picture(storage, image))
    files = tuple(file for file, _ in encoded)
    manifest = image.promise.model_copy(update={"files": files})
    if delivered is not None and delivered != manifest:
        raise Conflict(f"{image.folder} lacks files that cannot be made again with the same bytes")
    for file, data in encoded:
        _write(storage, f"{image.folder}/{file.name}", data)
    _write(storage, f"{image.folder}/{MANIFEST}", manifest.text().encode())
    return files


def read_picture(storage: Storage, image: ImageToDeliver) -> Image.Image:
    """The picture as rendered, RGB. Undeliverable if it is missing, cannot be decoded, or is another picture."""
    path = image.picture_path
    try:
        if not storage.exists(path):
            raise Undeliverable(f"picture {path} is missing")
        pixels = decode_png(storage.read(path))
    except InputError as error:
        raise Undeliverable(f"picture: {error.message}") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise Undeliverable(f"picture {path} cannot be decoded: {error}") from error
    found = pixel_sha256(pixels)
    if found != image.promise.pixel_sha256:
        raise Undeliverable(f"picture {path} has changed: its pixels have the hash {found}")
    return Image.fromarray(pixels)


def encode(image: ImageToDeliver, picture: Image.Image) -> list[tuple[DeliveredFile, bytes]]:
    """Every asked format at every asked size; a format without pixels once, from the picture as rendered."""
    promise = image.promise
    xmp, text = packet_of(promise.embedded), text_chunks(promise.embedded, promise.recipe)
    stem = f"{promise.brief}-{promise.slot.index:06d}"
    sized = [resized(picture, longest) for longest in dict.fromkeys(promise.deliver.sizes) or (max(picture.size),)]
    files: dict[str, tuple[DeliveredFile, bytes]] = {}
    for form in image.formats:
        for at_size in [picture] if form.scalable else sized:
            made = _encoded(form, at_size, xmp, text)
            name = f"{stem}.{made.suffix}" if form.scalable else f"{stem}-{max(at_size.size)}.{made.suffix}"
            if name in files:
                raise Undeliverable(f"formats {files[name][0].format} and {form.name} both make {name}")
            width, height = at_size.size
            data = made.data
            if image.signer:
                resize = not form.scalable and at_size.size != picture.size
                record = _signed_record(promise, name, form, at_size.size, resize)
                data = _signed(data, form, record, image.signer)
            file = DeliveredFile(
                name=name,
                format=form.name,
                width=width,
                height=height,
                sha256=sha256_hex(data),
                bytes=len(data),
            )
            files[name] = file, data
    return list(files.values())


def _signed_record(
    promise: DeliveryManifest, name: str, form: DeliverableFormat, size: tuple[int, int], resize: bool
) -> SignedRecord:
    encoded: Action = "vectorised" if form.scalable else "converted"
    done: dict[Action, bool] = {
        "accepted": promise.accepted_by is not None,
        "resized": resize,
        encoded: form.name != "png",
    }
    of_image = promise.embedded.model_dump(exclude={"prompt", "recipe"})
    return SignedRecord(
        **of_image,
        pixel_sha256=promise.pixel_sha256,
        start=promise.recipe.start.image if promise.recipe.start else None,
        file=name,
        format=form.name,
        width=size[0],
        height=size[1],
        actions=tuple(action for action, was_done in done.items() if was_done),
    )


def _signed(data: bytes, form: DeliverableFormat, record: SignedRecord, signer: SigningIdentity) -> bytes:
    if why := unsigned_because(form):
        raise Undeliverable(why, remedy=REMEDY)
    try:
        return signed(data, form.declared.media_type, record, signer)
    except CertificateNotValid:
        raise  # of no image's making: all are delivered when it is valid
    except GenartError as error:
        raise Undeliverable(error.message, remedy=error.remedy) from error


def resized(picture: Image.Image, longest: int) -> Image.Image:
    """The picture with its longest side at ``longest`` px (Lanczos); itself if it has that size already."""
    scale = longest / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture if size == picture.size else picture.resize(size, Image.Resampling.LANCZOS)


def _encoded(form: DeliverableFormat, picture: Image.Image, xmp: str, text: dict[str, str]) -> Encoded:
    try:
        made = form.encode(picture, xmp, text)
    except GenartError as error:
        raise Undeliverable(f"{form.name}: {error.message}", remedy=error.remedy) from error
    except Exception as error:
        raise Undeliverable(f"{form.name}: {type(error).__name__}: {error}") from error
    if not _SUFFIX.fullmatch(made.suffix):
        raise Undeliverable(f"{form.name}: {made.suffix!r} is not a suffix of a file name")
    return made


def _manifest_of(storage: Storage, image: ImageToDeliver) -> DeliveryManifest | None:
    """The manifest of an earlier delivery of the same image; Conflict if it promises something else."""
    path = f"{image.folder}/{MANIFEST}"
    if not storage.exists(path):
        return None
    try:
        manifest = read_record(storage, path, DeliveryManifest, remedy="move the folder away and deliver again")
    except DamagedRecord as error:
        raise Conflict(f"{path} is damaged: {error.why}", remedy=error.remedy) from error
    if manifest.promise != image.promise:
        differs = [name for name in type(manifest).model_fields if name != "files" and _differs(manifest, image, name)]
        raise Conflict(f"{path} was written for another {', '.join(differs)}")
    if {file.format for file in manifest.files} != {form.name for form in image.formats}:
        raise Conflict(f"{path} does not list the formats that were asked for")
    return manifest


def _differs(manifest: DeliveryManifest, image: ImageToDeliver, name: str) -> bool:
    return getattr(manifest, name) != getattr(image.promise, name)


def _missing(storage: Storage, folder: str, files: tuple[DeliveredFile, ...]) -> list[DeliveredFile]:
    """The files that are gone; Conflict if one is there with other bytes."""
    there = set(storage.names(folder))
    for file in files:
        path = f"{folder}/{file.name}"
        if file.name in there and sha256_hex(storage.read(path)) != file.sha256:
            raise Conflict(f"{path} has changed since it was delivered")
    return [file for file in files if file.name not in there]


def _write(storage: Storage, path: str, data: bytes) -> None:
    if not storage.write_once(path, data) and storage.read(path) != data:
        raise Conflict(f"{path} is there with other bytes")


def _why_not_passed(image: ImageToDeliver) -> str:
    failed = image.promise.verdict.failed
    return f"it did not pass {', '.join(one.expectation for one in failed)}" if failed else "it has no passing verdict"
