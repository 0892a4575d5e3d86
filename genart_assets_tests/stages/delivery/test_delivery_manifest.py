from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from genart_assets.records.judged import Score
from genart_assets.stages.delivery.delivery_manifest import (
    DeliveredFile,
    DeliveryManifest,
    promise_of,
)
from genart_assets.storage.root import Storage
from genart_assets_tests.stages.delivery.delivery_case import delivery_case


@pytest.fixture
def manifest(tmp_path: Path) -> DeliveryManifest:
    case = delivery_case(Storage.open(str(tmp_path)), 2)
    promise = promise_of(case.brief, case.batch, replace(case.images[1], pixel_sha256="ef" * 32))
    file = DeliveredFile(name="a-48.png", format="png", width=48, height=32, sha256="00" * 32, bytes=5)
    return promise.model_copy(update={"files": (file,)})


def test_a_manifest_reads_back_and_writes_the_same_text(manifest: DeliveryManifest) -> None:
    read = DeliveryManifest.model_validate_json(manifest.text())
    assert read == manifest
    assert read.text() == manifest.text()
    assert read.recipe.recipe_id == manifest.recipe_id


def test_people_can_read_it(manifest: DeliveryManifest) -> None:
    text = manifest.text()
    assert text.endswith("}\n")
    assert '\n  "recipe_id": "' in text
    assert json.loads(text)["slot"]["values"] == {"subject": "fruit 1"}
    assert "ΔE2000" in text


def test_scores_keep_unit_version_and_the_reason_for_a_missing_one(manifest: DeliveryManifest) -> None:
    assert manifest.scores == (
        Score(critic="sharpness", score=31.25, unit="Laplacian variance", direction="higher", version="1", reason=""),
        Score(
            critic="palette_distance", score=None, unit="ΔE2000", direction="lower", version="2", reason="no background"
        ),
    )


def test_the_promise_is_all_but_the_files(manifest: DeliveryManifest) -> None:
    assert manifest.promise.files == ()
    assert manifest.promise == manifest.model_copy(update={"files": ()})
    assert manifest.files[0].size == 48


def test_each_file_says_what_the_manifest_says(manifest: DeliveryManifest) -> None:
    assert manifest.embedded.recipe_id == manifest.recipe_id
    assert manifest.embedded.recipe == manifest.recipe.canonical()
    assert (manifest.embedded.slot, manifest.embedded.batch) == (1, manifest.batch)
