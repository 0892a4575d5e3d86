"""Makes a C2PA manifest store reproducible: replaces its random salts and signs it again.

c2pa salts every assertion with random bytes and has no option against it. A salt protects an assertion that is removed
later from being guessed; ours are never removed. So the salts are derived from what the manifest describes, the hashes
in the claim are updated, and the claim is signed again without random numbers. All lengths stay the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from genart_assets.errors import GenartError

_HEADER = 8  # bytes: length, type
_LABEL_AT = _HEADER + 16 + 1  # in a description box, after its type and its flags
_SALT_LENGTH = 16
_CLAIM, _SIGNATURE, _ASSERTIONS = "c2pa.claim.v2", "c2pa.signature", "c2pa.assertions"


@dataclass(frozen=True)
class _Box:
    kind: bytes
    start: int
    """Offset of the header."""
    end: int

    @property
    def content(self) -> slice:
        return slice(self.start + _HEADER, self.end)


def with_derived_salts(store: bytes, seed: str, sign: Callable[[bytes], bytes]) -> bytes:
    """``store`` with salts derived from ``seed`` and a new signature; its length does not change.

    GenartError if the layout of the store is unknown.
    """
    data = bytearray(store)
    (whole,) = _boxes(store, 0, len(store))
    (manifest,) = [box for box in _boxes(store, *_inside(whole)) if box.kind == b"jumb"]
    parts = {_label(store, box): box for box in _boxes(store, *_inside(manifest)) if box.kind == b"jumb"}
    if not {_CLAIM, _SIGNATURE, _ASSERTIONS} <= parts.keys():
        raise _unknown_layout(f"it holds {', '.join(parts)}")
    claim = _payload(store, parts[_CLAIM])
    for box in _boxes(store, *_inside(parts[_ASSERTIONS])):
        if box.kind == b"jumb":
            before = hashlib.sha256(data[box.content]).digest()
            data[_salt(store, box)] = hashlib.sha256(f"{seed}/{_label(store, box)}".encode()).digest()[:_SALT_LENGTH]
            _replace_once(data, claim, before, hashlib.sha256(data[box.content]).digest())
    protected, signature = _cose_parts(store, _payload(store, parts[_SIGNATURE]))
    made = sign(b"\x84\x6aSignature1" + _byte_string(store[protected]) + b"\x40" + _byte_string(bytes(data[claim])))
    if len(made) != signature.stop - signature.start:
        raise _unknown_layout(f"its signature has {signature.stop - signature.start} bytes instead of {len(made)}")
    data[signature] = made
    return bytes(data)


def _boxes(data: bytes, start: int, end: int) -> Iterator[_Box]:
    while start < end:
        length = int.from_bytes(data[start : start + 4])
        if length < _HEADER or start + length > end:
            raise _unknown_layout(f"a box at {start} has {length} bytes")
        yield _Box(data[start + 4 : start + _HEADER], start, start + length)
        start += length


def _inside(box: _Box) -> tuple[int, int]:
    return box.content.start, box.content.stop


def _description(data: bytes, box: _Box) -> _Box:
    first = next(_boxes(data, *_inside(box)))
    if first.kind != b"jumd":
        raise _unknown_layout(f"a box at {box.start} has no description")
    return first


def _label(data: bytes, box: _Box) -> str:
    at = _description(data, box).start + _LABEL_AT
    return data[at : data.index(b"\0", at)].decode()


def _salt(data: bytes, box: _Box) -> slice:
    """The salt: the last part of an assertion's description, in a box of its own."""
    end = _description(data, box).end
    if data[end - _SALT_LENGTH - 4 : end - _SALT_LENGTH] != b"c2sh":
        raise _unknown_layout(f"assertion {_label(data, box)} has no salt of {_SALT_LENGTH} bytes")
    return slice(end - _SALT_LENGTH, end)


def _payload(data: bytes, box: _Box) -> slice:
    """The CBOR in a box."""
    found = [inner.content for inner in _boxes(data, *_inside(box)) if inner.kind == b"cbor"]
    if len(found) != 1:
        raise _unknown_layout(f"{_label(data, box)} has {len(found)} contents")
    return found[0]


def _cose_parts(data: bytes, at: slice) -> tuple[slice, slice]:
    """The places of the protected header and the signature, which is last, in a tagged COSE_Sign1."""
    if data[at.start : at.start + 3] != b"\xd2\x84\x59":
        raise _unknown_layout("its signature is not a COSE_Sign1 with a long header")
    start = at.start + 5
    protected = slice(start, start + int.from_bytes(data[at.start + 3 : start]))
    for length in (64, 96, 132):
        if data[at.stop - length - 3 : at.stop - length] == b"\xf6\x58" + bytes([length]):
            return protected, slice(at.stop - length, at.stop)
    raise _unknown_layout("its signature has an unknown length")


def _byte_string(data: bytes) -> bytes:
    """A CBOR byte string."""
    if len(data) < 256:
        return (bytes([0x40 + len(data)]) if len(data) < 24 else b"\x58" + bytes([len(data)])) + data
    return (b"\x59" + len(data).to_bytes(2) if len(data) < 65536 else b"\x5a" + len(data).to_bytes(4)) + data


def _replace_once(data: bytearray, within: slice, old: bytes, new: bytes) -> None:
    if data.count(old, within.start, within.stop) != 1:
        raise _unknown_layout("the claim does not name each assertion's hash once")
    at = data.index(old, within.start)
    data[at : at + len(old)] = new


def _unknown_layout(why: str) -> GenartError:
    return GenartError(
        f"the layout of c2pa's manifest is unknown: {why}",
        remedy="install the version of c2pa-python in the constraints file",
    )
