"""One row an image, with all that is needed to make it again, and what it refers to kept once."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import duckdb
import torch

from genart_assets.instance.home import Home
from genart_assets.models.snapshot import take_snapshot
from genart_assets.provenance.environment import stored_environment
from genart_assets.provenance.record import ProvenanceRecord
from genart_assets.provenance.rendering import renderings_of
from genart_assets.provenance.weights import stored_snapshot
from genart_assets.records.base import sha256_hex
from genart_assets.starter.shipped import SHIPPED
from genart_assets.storage.root import Storage
from genart_assets.storage.tensors import TensorStore
from genart_assets_tests.runner.command import latents_of, planned_in


def test_every_planned_image_has_one_record(home: Path, records: list[ProvenanceRecord]) -> None:
    assert Counter(record.recipe_id for record in records) == Counter(planned_in(home)) == latents_of(home)
    assert Counter(record.brief for record in records) == {"failing": 4, "fine": 3}
    for record in records:
        assert sha256_hex(record.recipe) == record.recipe_id
        assert record.selected == record.passed == (record.brief == "fine")
        assert {score.critic for score in record.scores} >= {"prompt_alignment", "sharpness"}


def test_a_retry_names_parent_move_and_reason(records: list[ProvenanceRecord]) -> None:
    for first, second in (records[:2], records[2:4]):
        assert (first.round, first.parent, first.move) == (0, None, None)
        assert (second.round, second.parent, second.move) == (1, first.recipe_id, "more_guidance")
        assert second.reason is not None
        assert second.reason.startswith("prompt_alignment ")
        assert second.failed[0]["expectation"] == "prompt_alignment"


def test_hashes_are_those_of_the_noise_and_of_the_stored_latents(
    storage: Storage, records: list[ProvenanceRecord]
) -> None:
    for record in records:
        stored = TensorStore(storage, "latents", record.batch).open().take([record.recipe_id])["latents"][0]
        assert record.latents_sha256 == hashlib.sha256(stored.numpy().tobytes()).hexdigest()
        noise = torch.randn((1, *stored.shape), generator=torch.Generator().manual_seed(record.seed))
        assert record.noise_sha256 == hashlib.sha256(noise.numpy().tobytes()).hexdigest()
        assert {record.prompt_id, record.negative_prompt_id} <= set(
            TensorStore(storage, "prompt_embeddings", record.batch).open().ids
        )


def test_what_a_record_refers_to_is_there(home: Path, storage: Storage, records: list[ProvenanceRecord]) -> None:
    weights = take_snapshot("starter", SHIPPED)
    with Home.open(home).instance() as instance:
        for record in records:
            assert record.run_id is not None
            assert record.denoised_in is not None
            assert instance.has_run(record.run_id)
            environment = stored_environment(storage, record.denoised_in)
            assert environment is not None
            assert {"torch", "diffusers", "genart-assets"} <= environment.packages.keys()
            kept = stored_snapshot(storage, record.model_snapshot)
            assert kept is not None
            assert kept.files == weights.files
            made = renderings_of(storage, record.batch)[record.recipe_id]
            assert (made.run_id, made.micro_batch_rows) == (record.run_id, record.micro_batch_rows)
            assert record.denoise_seconds is not None
            assert 0 < record.denoise_seconds <= made.seconds


def test_duckdb_reads_them_without_this_platform(storage: Storage) -> None:
    query = f"SELECT move, count(*) FROM '{storage.root}/assets/provenance/*/*.parquet' GROUP BY move ORDER BY move"
    assert duckdb.sql(query).fetchall() == [("more_guidance", 2), (None, 5)]
