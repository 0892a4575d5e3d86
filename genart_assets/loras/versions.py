"""Stores the style LoRAs of a studio: the versions of each style, with an append-only history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from genart_assets.errors import InputError, ModelError
from genart_assets.loras.folder import RECORD, WEIGHTS, require_sound_lora
from genart_assets.loras.history import Happening, StyleEvent, append, history, promotions, style_folder
from genart_assets.loras.promotion import PromotionVerdict
from genart_assets.loras.records import LoraRecord
from genart_assets.records.base import Record
from genart_assets.storage.records import read_record
from genart_assets.storage.root import Storage

PROMOTED = "promoted"
"""Stands for the version that is promoted at the time of the request."""
State = Literal["candidate", "promoted", "retired"]


class StyleLora(Record):
    """One version of a style."""

    style: str
    record: LoraRecord
    state: State
    vetoed: bool = Field(default=False, description="whether a person forbids the version")

    @property
    def version(self) -> str:
        return self.record.version

    @property
    def standing(self) -> str:
        """Its state in one word for people: ``forbidden`` if it is vetoed."""
        return "forbidden" if self.vetoed else self.state

    @property
    def weights_path(self) -> str:
        """The path of its safetensors, relative to the storage root."""
        return f"{_version_folder(self.style, self.version)}/{WEIGHTS}"


def add_candidate(
    storage: Storage, style: str, weights: bytes, record: LoraRecord, *, by: str, time: datetime
) -> StyleLora:
    """Store a version, durably, as the newest candidate. Equal weights are one version and are stored once.

    Raises:
        InputError: ``style`` is not a valid name: at most 64 of a-z, 0-9 and -.
        ModelError: the record belongs to other weights, or they are not finite.
        StorageError: the storage refuses to store it.
    """
    require_sound_lora(weights, record)
    folder = _version_folder(style, record.version)
    storage.write_once(f"{folder}/{WEIGHTS}", weights)
    storage.write_once(f"{folder}/{RECORD}", record.canonical().encode())
    while True:
        events = history(storage, style)
        if _added(events)[-1:] == [record.version]:
            break
        event = StyleEvent(style=style, version=record.version, happening="added", by=by, time=time)
        if append(storage, event, len(events)):
            break
    return version_of(storage, style, record.version)


def versions_of(storage: Storage, style: str) -> list[StyleLora]:
    """The versions of a style, in the order of their fine-tunes, the newest last.

    Raises:
        StorageError: a record is damaged.
    """
    events = history(storage, style)
    line = promotions(events)
    vetoed = {event.version for event in events if event.happening == "vetoed"}
    once = {event.version for event in events if event.happening != "added"}

    def state(version: str) -> State:
        if line and line[-1] == version:
            return "promoted"
        return "retired" if version in once else "candidate"

    return [
        StyleLora(style=style, record=_record(storage, style, one), state=state(one), vetoed=one in vetoed)
        for one in _added(events)
    ]


def _added(events: Sequence[StyleEvent]) -> list[str]:
    """Each version once, at the place where it was added last."""
    added = [event.version for event in events if event.happening == "added"]
    return list(dict.fromkeys(reversed(added)))[::-1]


def version_of(storage: Storage, style: str, version: str) -> StyleLora:
    """A version by its name, or the ``promoted`` version.

    Raises:
        InputError: there is no such version; the remedy names the others.
    """
    found = versions_of(storage, style)
    named = next((one for one in found if version == (one.state if version == PROMOTED else one.version)), None)
    if named is None:
        raise InputError(
            f"style {style} has no version {version!r}",
            remedy=f"use one of {', '.join(one.version for one in found)}" if found else "fine-tune a LoRA for it",
        )
    return named


def promoted(storage: Storage, style: str) -> StyleLora | None:
    """The version that ``promoted`` stands for in a brief; None if no version is promoted."""
    return next((one for one in versions_of(storage, style) if one.state == PROMOTED), None)


def candidate_of(storage: Storage, style: str) -> StyleLora | None:
    """The newest version, if it was never promoted, retired or forbidden; otherwise None."""
    newest = versions_of(storage, style)[-1:]
    return next((one for one in newest if one.state == "candidate" and not one.vetoed), None)


def require_usable(lora: StyleLora, model_snapshot: str) -> None:
    """Refuse a version for new work if it was made for other weights of the base, or if a person forbids it.

    Raises:
        ModelError: it fits another base. InputError: it is vetoed.
    """
    if lora.vetoed:
        raise InputError(
            f"version {lora.version} of style {lora.style} is vetoed", remedy="use another version of the style"
        )
    if lora.record.base_snapshot != model_snapshot:
        raise ModelError(
            f"version {lora.version} of style {lora.style} fits {lora.record.base} of snapshot "
            f"{lora.record.base_snapshot[:12]}, not {model_snapshot[:12]}",
            remedy=f"use it with {lora.record.base}, or fine-tune a version for this model",
        )


def weights_of(storage: Storage, lora: StyleLora) -> bytes:
    """The safetensors of a version.

    Raises:
        ModelError: they have changed. StorageError: they are missing.
    """
    data = storage.read(lora.weights_path)
    require_sound_lora(data, lora.record)
    return data


def promote(
    storage: Storage,
    style: str,
    version: str,
    *,
    by: str,
    time: datetime,
    why: str = "",
    verdict: PromotionVerdict | None = None,
) -> StyleLora:
    """Promote a version and retire the previous one; without a verdict, the decision is a person's.

    Raises:
        InputError: there is no such version, it is vetoed, or the verdict belongs to another version or did not pass.
    """
    if verdict is not None and (verdict.candidate != version or not verdict.passed):
        raise InputError(
            f"version {version} of style {style} is not promoted: "
            + (verdict.reason if verdict.candidate == version else f"the verdict belongs to {verdict.candidate}"),
            remedy="check the evaluation, or promote it as a person, without a verdict",
        )
    return _append_event(storage, style, version, "promoted", by=by, time=time, why=why, verdict=verdict)


def retire(storage: Storage, style: str, version: str, *, by: str, time: datetime, why: str = "") -> StyleLora:
    """Retire a version; if it was promoted, no version is promoted afterwards."""
    return _append_event(storage, style, version, "retired", by=by, time=time, why=why)


def roll_back(storage: Storage, style: str, *, by: str, time: datetime, why: str = "") -> StyleLora | None:
    """Retire the promoted version and promote the previous one again; None if there is no previous one.

    Raises:
        InputError: no version is promoted.
    """
    now = promoted(storage, style)
    if now is None:
        raise InputError(f"no version of style {style} is promoted", remedy="promote one of its versions")
    _append_event(storage, style, now.version, "rolled back", by=by, time=time, why=why)
    return promoted(storage, style)


def veto(storage: Storage, style: str, version: str, *, by: str, time: datetime, why: str = "") -> StyleLora:
    """Forbid a version: it cannot be promoted, and if it was promoted, the previous one is promoted again."""
    return _append_event(storage, style, version, "vetoed", by=by, time=time, why=why)


def _append_event(
    storage: Storage,
    style: str,
    version: str,
    happening: Happening,
    *,
    by: str,
    time: datetime,
    why: str,
    verdict: PromotionVerdict | None = None,
) -> StyleLora:
    version = version_of(storage, style, version).version  # `promoted` becomes the version that it stands for now
    event = StyleEvent(style=style, version=version, happening=happening, by=by, why=why, time=time, verdict=verdict)
    while True:
        number = len(history(storage, style))
        found = version_of(storage, style, version)
        if happening == "promoted" and found.vetoed:
            raise InputError(
                f"version {version} of style {style} is vetoed",
                remedy="promote another version, or fine-tune a new one",
            )
        if happening != "vetoed" and _holds(found, happening):
            return found
        now = promoted(storage, style)
        if verdict is not None and verdict.baseline != (now.version if now else None):
            raise InputError(
                f"version {version} of style {style} was compared with {verdict.baseline or 'the base'}, "
                f"but {now.version if now else 'no version'} is promoted now",
                remedy="evaluate it again",
            )
        if append(storage, event, number):
            return version_of(storage, style, version)


def _holds(found: StyleLora, happening: Happening) -> bool:
    """Whether the event would change nothing; of two simultaneous rollbacks only one takes effect."""
    return (found.state == "promoted") == (happening == "promoted") and found.state != "candidate"


def _record(storage: Storage, style: str, version: str) -> LoraRecord:
    path = f"{_version_folder(style, version)}/{RECORD}"
    return read_record(storage, path, LoraRecord, remedy="restore the file from a backup")


def _version_folder(style: str, version: str) -> str:
    return f"{style_folder(style)}/versions/{version}"
