"""Defines the structural suites: what must hold for a batch's stored rows before the next stage may read them.

Each is evaluated on a table of ``row_statistics``, which has one row for every expected row, with its ``state``. A row
that failed with a reason does not violate the structure: the verdict names it.
"""

from __future__ import annotations

from collections.abc import Collection

from genart_assets.quality.suite import (
    Expectation,
    Suite,
    above,
    between,
    columns,
    equal_columns,
    in_set,
    not_null,
    row_count,
    unique,
)
from genart_assets.records import schemas

LATENT_LIMIT = 1e4
"""Largest plausible magnitude of a latent; diffusion latents have about unit variance."""

NORM_TOLERANCE = 1e-3
"""Tolerance of an embedding's length, which is 1."""


def plan_suite(rows: int) -> Suite:
    """The suite on ``row_statistics.plan_rows``: the plan's columns, and the hash of each recipe."""
    return Suite(
        name="generation_plan",
        expectations=(
            columns([*schemas.PLAN.names, "recipe_hash"], "the plan has the declared columns"),
            row_count(rows, f"the plan has the batch's {rows} rows"),
            unique("recipe_id", "every recipe is planned once"),
            not_null("recipe_id", "every row has a recipe"),
            equal_columns("recipe_id", "recipe_hash", "recipe_id is the hash of the recipe"),
            unique("slot_index", "every slot is planned once"),
            not_null("prompt", "every row has a prompt"),
            not_null("seed", "every row has a seed"),
            between("steps", 1, None, "at least one denoising step"),
            between("guidance", 1, None, "guidance is 1 or more"),
            between("width", 8, None, "at least 8 px wide"),
            between("height", 8, None, "at least 8 px high"),
            between("round", 0, None, "rounds count from 0"),
        ),
    )


def latents_suite(rows: int) -> Suite:
    """The suite on ``row_statistics.tensor_rows`` of the latents."""
    return Suite(
        name="latents",
        expectations=(
            *_all_rows_are_settled(rows),
            between("non_finite", 0, 0, "every latent is finite"),
            above("abs_max", 0, "no latent is all zero"),
            between("abs_max", None, LATENT_LIMIT, f"no latent exceeds {LATENT_LIMIT:g}"),
        ),
    )


def images_suite(rows: int) -> Suite:
    """The suite on ``row_statistics.image_rows``."""
    return Suite(
        name="images",
        expectations=(
            *_all_rows_are_settled(rows),
            equal_columns("width", "planned_width", "every image has its planned width"),
            equal_columns("height", "planned_height", "every image has its planned height"),
        ),
    )


def image_embeddings_suite(rows: int) -> Suite:
    """The suite on ``row_statistics.tensor_rows`` of the image embeddings."""
    return Suite(
        name="image_embeddings",
        expectations=(
            *_all_rows_are_settled(rows),
            between("non_finite", 0, 0, "every embedding is finite"),
            between("norm", 1 - NORM_TOLERANCE, 1 + NORM_TOLERANCE, "every embedding has length 1"),
        ),
    )


def critic_scores_suite(rows: int, critics: Collection[str]) -> Suite:
    """The suite on ``row_statistics.score_rows``, for the plan's number of rows and the registered ``critics``."""
    return Suite(
        name="critic_scores",
        expectations=(
            row_count(rows * len(critics), f"{rows} rows × {len(critics)} critics, each once"),
            in_set("state", ["computed", "failed"], "every score is there, or has a reason"),
            in_set("critic", sorted(critics), "every critic is known"),
            between("non_finite", 0, 0, "every score is finite"),
        ),
    )


def _all_rows_are_settled(rows: int) -> tuple[Expectation, ...]:
    return (
        row_count(rows, f"{rows} rows are computed or failed, as planned"),
        unique("recipe_id", "no row is there twice"),
        in_set("state", ["computed", "failed"], "every row is computed and readable, or has a reason"),
    )
