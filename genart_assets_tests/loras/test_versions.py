"""Versions of a style are never overwritten; one is promoted at a time, and one step leads back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from genart_assets.errors import InputError, ModelError, StorageError
from genart_assets.finetuning.adapter import encode_lora
from genart_assets.loras.history import history
from genart_assets.loras.promotion import PromotionRules, PromotionVerdict, UnmetRule
from genart_assets.loras.records import FinetuneConfig, LoraRecord
from genart_assets.loras.versions import (
    add_candidate,
    candidate_of,
    promote,
    promoted,
    require_usable,
    retire,
    roll_back,
    version_of,
    versions_of,
    veto,
    weights_of,
)
from genart_assets.records.base import sha256_hex
from genart_assets.storage.root import Storage

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
BY = {"by": "ada", "time": NOON}


def lora(number: float) -> tuple[bytes, LoraRecord]:
    import torch

    weights = encode_lora("unet", {"mid.to_q.lora_A.weight": torch.full((1, 2), number)}, {"r": 1})
    return weights, record_of(weights)


def record_of(weights: bytes, base_snapshot: str = "5" * 64) -> LoraRecord:
    return LoraRecord(
        weights_sha256=sha256_hex(weights),
        base="starter",
        base_snapshot=base_snapshot,
        training_set="7" * 64,
        images=60,
        config=FinetuneConfig(),
        losses=(),
        licence="Apache License",
        device="cpu",
        processes=1,
    )


@pytest.fixture
def storage(tmp_path) -> Storage:
    return Storage.open(str(tmp_path))


@pytest.fixture
def two(storage) -> list[str]:
    return [add_candidate(storage, "house", *lora(number), **BY).version for number in (1.0, 2.0)]


def states(storage: Storage) -> dict[str, str]:
    return {one.version: one.state for one in versions_of(storage, "house")}


def verdict(version: str, *, passed: bool = True, baseline: str | None = None) -> PromotionVerdict:
    unmet = () if passed else (UnmetRule(meaning="style_adherence rises by more than 0", found=-0.1),)
    return PromotionVerdict(
        candidate=version,
        baseline=baseline,
        evaluation="9" * 64,
        rules=PromotionRules(),
        passed=passed,
        unmet=unmet,
    )


@pytest.mark.parametrize("wrong", ["", "candidate", "0123456789ab"])
def test_what_names_no_version_names_not_the_oldest(storage, two, wrong) -> None:
    with pytest.raises(InputError, match=f"has no version '{wrong}'"):
        veto(storage, "house", wrong, **BY)
    assert not any(one.vetoed for one in versions_of(storage, "house"))


def test_a_style_without_versions_has_none_that_is_promoted(storage) -> None:
    assert promoted(storage, "house") is None
    assert versions_of(storage, "house") == []
    with pytest.raises(InputError, match="no version '123456789abc'"):
        version_of(storage, "house", "123456789abc")


def test_a_version_is_a_candidate_until_it_is_promoted(storage, two) -> None:
    first, second = two
    assert states(storage) == {first: "candidate", second: "candidate"}
    assert promote(storage, "house", first, **BY).state == "promoted"
    assert promoted(storage, "house").version == first == version_of(storage, "house", "promoted").version
    promote(storage, "house", second, verdict=verdict(second, baseline=first), **BY)
    assert states(storage) == {first: "retired", second: "promoted"}
    assert weights_of(storage, promoted(storage, "house")) == lora(2.0)[0]


def test_one_step_leads_back(storage, two) -> None:
    first, second = two
    promote(storage, "house", first, **BY)
    promote(storage, "house", second, **BY)
    assert roll_back(storage, "house", **BY).version == first
    assert states(storage) == {first: "promoted", second: "retired"}
    assert roll_back(storage, "house", **BY) is None
    with pytest.raises(InputError, match="no version of style house is promoted"):
        roll_back(storage, "house", **BY)
    promote(storage, "house", second, **BY)
    assert states(storage) == {first: "retired", second: "promoted"}


def test_what_is_retired_leaves_none_in_its_place(storage, two) -> None:
    for version in two:
        promote(storage, "house", version, **BY)
    retire(storage, "house", two[1], why="off brand", **BY)
    assert promoted(storage, "house") is None
    assert [event.happening for event in history(storage, "house")] == [
        "added",
        "added",
        "promoted",
        "promoted",
        "retired",
    ]


def test_a_vetoed_version_is_never_promoted_again(storage, two) -> None:
    first, second = two
    promote(storage, "house", first, **BY)
    promote(storage, "house", second, **BY)
    veto(storage, "house", second, why="looks like a competitor's", **BY)
    assert promoted(storage, "house").version == first
    with pytest.raises(InputError, match="is vetoed"):
        promote(storage, "house", second, verdict=verdict(second, baseline=first), **BY)


def test_a_veto_bars_a_candidate_before_it_was_promoted(storage, two) -> None:
    veto(storage, "house", two[0], **BY)
    assert (version_of(storage, "house", two[0]).state, version_of(storage, "house", two[0]).vetoed) == (
        "retired",
        True,
    )
    with pytest.raises(InputError, match="is vetoed"):
        promote(storage, "house", two[0], **BY)


def test_what_is_decided_of_the_promoted_version_is_kept_under_the_version_that_it_was(storage, two) -> None:
    for version in two:
        promote(storage, "house", version, **BY)
    assert veto(storage, "house", "promoted", **BY).version == two[1]
    assert history(storage, "house")[-1].version == two[1]
    assert promoted(storage, "house").version == two[0]
    assert promote(storage, "house", "promoted", **BY).version == two[0]
    retire(storage, "house", "promoted", **BY)
    assert history(storage, "house")[-1].version == two[0]
    with pytest.raises(InputError, match="has no version 'promoted'"):
        veto(storage, "house", "promoted", **BY)


def test_a_verdict_promotes_only_what_it_passed_against_what_is_promoted(storage, two) -> None:
    first, second = two
    with pytest.raises(InputError, match=r"style_adherence rises by more than 0: -0\.1"):
        promote(storage, "house", first, verdict=verdict(first, passed=False), **BY)
    with pytest.raises(InputError, match=f"the verdict belongs to {second}"):
        promote(storage, "house", first, verdict=verdict(second), **BY)
    promote(storage, "house", first, verdict=verdict(first), **BY)
    with pytest.raises(InputError, match=f"was compared with the base, but {first} is promoted now"):
        promote(storage, "house", second, verdict=verdict(second), **BY)


def test_what_a_fine_tune_came_to_again_is_the_newest_candidate(storage, two) -> None:
    first, second = two
    assert candidate_of(storage, "house").version == second
    assert add_candidate(storage, "house", *lora(1.0), **BY).version == first
    assert candidate_of(storage, "house").version == first
    assert [one.version for one in versions_of(storage, "house")] == [second, first]
    promote(storage, "house", second, **BY)
    add_candidate(storage, "house", *lora(2.0), **BY)
    assert candidate_of(storage, "house") is None, "it is promoted already"


def test_the_same_happening_happens_once(storage, two) -> None:
    first, second = two
    assert add_candidate(storage, "house", *lora(2.0), **BY).version == second
    promote(storage, "house", first, verdict=verdict(first), **BY)
    promote(storage, "house", first, verdict=verdict(first), **BY)
    assert len(history(storage, "house")) == 3


def test_all_that_happens_at_the_same_time_is_kept(storage) -> None:
    with ThreadPoolExecutor(8) as pool:
        versions = list(
            pool.map(lambda n: add_candidate(storage, "house", *lora(float(n)), **BY).version, range(1, 17))
        )
    assert sorted(states(storage)) == sorted(versions)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda version: promote(storage, "house", version, **BY), versions))
    assert sorted(states(storage).values()) == ["promoted"] + ["retired"] * 15


def test_weights_that_are_not_sound_are_refused(storage) -> None:
    weights, record = lora(1.0)
    with pytest.raises(ModelError, match="the hash differs"):
        add_candidate(storage, "house", weights + b" ", record, **BY)
    with pytest.raises(ModelError, match="not finite"):
        add_candidate(storage, "house", *lora(np.nan), **BY)
    pickle = b"\x80\x04."
    with pytest.raises(ModelError, match="are not safetensors"):
        add_candidate(storage, "house", pickle, record.model_copy(update={"weights_sha256": sha256_hex(pickle)}), **BY)
    assert versions_of(storage, "house") == []


@pytest.mark.parametrize("name", ["", "../house", "House", "-house", "a" * 65])
def test_a_name_that_leads_elsewhere_is_refused(storage, name) -> None:
    with pytest.raises(InputError, match="is not a name of a style"):
        versions_of(storage, name)


def test_a_lora_of_another_base_is_refused(storage, two) -> None:
    stored = version_of(storage, "house", two[0])
    require_usable(stored, "5" * 64)
    with pytest.raises(ModelError, match="fits starter of snapshot 555555555555, not 666666666666"):
        require_usable(stored, "6" * 64)


def test_a_damaged_event_is_named(storage, two) -> None:
    storage.replace("style_loras/house/events/00000001.json", b"{}")
    with pytest.raises(StorageError, match=r"events/00000001.json is damaged"):
        promoted(storage, "house")


def test_weights_that_changed_in_the_storage_are_not_used(storage, two) -> None:
    stored = version_of(storage, "house", two[0])
    storage.replace(stored.weights_path, lora(2.0)[0])
    with pytest.raises(ModelError, match="the hash differs"):
        weights_of(storage, stored)


def test_times_are_kept_in_utc(storage, two) -> None:
    there = NOON.astimezone(tz=None) + timedelta(hours=1)
    promote(storage, "house", two[0], by="ada", time=there)
    assert history(storage, "house")[-1].time == there
    assert history(storage, "house")[-1].time.utcoffset() == timedelta(0)
