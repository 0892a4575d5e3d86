"""What people said becomes a set in which every image counts once and nobody is contradicted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genart_assets.errors import InputError
from genart_assets.finetuning.training_set import TrainingSetRules
from genart_assets.learning.training_set import ReviewedImage, training_set
from genart_assets.records.base import sha256_hex

ANY = TrainingSetRules(fewest=1)


def image(number: int, **fields: Any) -> ReviewedImage:
    """Accepted by Ada unless it is said otherwise; every number has pixels, a slot and a subject of its own."""
    pixels = fields.pop("pixels", number)
    given = {
        "recipe_id": sha256_hex(f"recipe {number}"),
        "slot": f"fruit.0123456789/{number}",
        "group": f"subject {number}",
        "prompt": f"icon of subject {number}",
        "pixel_sha256": sha256_hex(f"pixels {pixels}"),
        "path": f"pixels/{pixels}.png",
        "width": 64,
        "height": 64,
        "model_snapshot": "5" * 64,
        "accepted_by": ("ada",),
    }
    return ReviewedImage.model_validate({**given, **fields})


def rejected(number: int, **fields: Any) -> ReviewedImage:
    return image(number, accepted_by=(), rejected_by=("ada",), **fields)


def unlike(images: list[ReviewedImage]) -> dict[str, np.ndarray]:
    """Embeddings that are at right angles for different pixels."""
    hashes = sorted({one.pixel_sha256 for one in images})
    return {one.recipe_id: np.eye(len(hashes))[hashes.index(one.pixel_sha256)] for one in images}


def made(images: list[ReviewedImage], rules: TrainingSetRules = ANY):
    return training_set(images, unlike(images), rules)


def test_accepted_images_are_learnt_from_and_rejected_ones_make_pairs_with_their_slot() -> None:
    found, report = made([image(0, score=5), image(1), rejected(2, slot="fruit.0123456789/0"), rejected(3)])
    assert {row.prompt: (row.score, row.weight) for row in found.rows} == {
        "icon of subject 0": (5, 5 / 3),
        "icon of subject 1": (None, 1.0),
    }
    (pair,) = found.pairs
    assert (pair.prompt, pair.preferred_path, pair.rejected_path) == (
        "icon of subject 0",
        "pixels/0.png",
        "pixels/2.png",
    )
    assert (report.accepted, report.rejected, report.unpaired, report.left_out) == (2, 2, 1, {})


def test_a_rejected_image_makes_a_pair_with_its_own_slot_before_another_of_the_same_prompt() -> None:
    words = {"prompt": "icon of lemon"}
    found, report = made(
        [
            image(0, score=3, **words),
            image(1, score=5, **words),
            rejected(2, slot="fruit.0123456789/0", **words),
            rejected(3, **words),
            rejected(4, prompt="icon of lime"),
        ]
    )
    assert {pair.rejected_path: pair.preferred_path for pair in found.pairs} == {
        "pixels/2.png": "pixels/0.png",
        "pixels/3.png": "pixels/1.png",
    }
    assert report.unpaired == 1


def test_reviewers_who_contradict_each_other_teach_nothing_and_are_reported() -> None:
    disputed = image(0, rejected_by=("bob",))
    copies = [image(1, pixels="same"), rejected(2, pixels="same")]
    found, report = made([disputed, *copies, image(3)])
    assert [row.path for row in found.rows] == ["pixels/3.png"]
    assert set(report.contradicted) == {disputed.pixel_sha256, copies[0].pixel_sha256}
    assert report.left_out == {"reviewers contradict each other": 3}


def test_one_image_a_thousand_times_counts_once_and_makes_no_set() -> None:
    thousand = [image(number, pixels="same") for number in range(1000)]
    with pytest.raises(InputError, match=r"has 1 images, at least 60 are needed.*999 \(the same pixels\)") as told:
        made(thousand, TrainingSetRules())
    assert "review more images" in told.value.remedy


def test_an_empty_set_is_refused() -> None:
    with pytest.raises(InputError, match="has 0 images, at least 1 are needed; 0 different ones"):
        made([])


def test_pictures_that_show_the_same_count_once() -> None:
    images = [image(0), image(1, score=5), image(2)]
    angle = np.arccos(0.99)
    vectors = dict(
        zip([one.recipe_id for one in images], [[1, 0], [np.cos(angle), np.sin(angle)], [0, 1]], strict=True)
    )
    found, report = training_set(images, {key: np.array(value) for key, value in vectors.items()}, ANY)
    assert {row.path for row in found.rows} == {"pixels/1.png", "pixels/2.png"}, "the one with the better score stays"
    assert report.left_out == {"near duplicate": 1}


def test_embeddings_of_two_clip_models_are_not_compared() -> None:
    images = [image(0), image(1), image(2), image(3)]
    vectors = [np.eye(3)[0], np.eye(4)[0], np.eye(4)[0], np.eye(3)[1]]
    given = dict(zip([one.recipe_id for one in images], vectors, strict=True))
    found, report = training_set(images, given, ANY)
    assert len(found.rows) == 3
    assert report.left_out == {"near duplicate": 1}


def test_no_subject_fills_the_set() -> None:
    many = [image(number, group="pear", score=1 + number % 5) for number in range(20)]
    found, report = made([*many, image(20, group="fig")], TrainingSetRules(fewest=1, most_per_group=3))
    assert sorted((row.group, row.score) for row in found.rows if row.score) == [("pear", 5)] * 3
    assert [row.group for row in found.rows if not row.score] == ["fig"]
    assert report.left_out == {"subject is full": 17}


def test_what_scores_too_low_or_cannot_be_compared_is_left_out() -> None:
    images = [
        image(0, score=2),
        image(1, features={"sharpness": 10.0}),
        image(2),
        image(3, features={"sharpness": 31.0}),
        image(4, width=128, features={"sharpness": 40.0}),
        image(5, features={"sharpness": 40.0}),
    ]
    vectors = unlike(images)
    del vectors[images[5].recipe_id]
    rules = TrainingSetRules(fewest=1, least_score=3, least={"sharpness": 30.0})
    found, report = training_set(images, vectors, rules)
    assert [row.path for row in found.rows] == ["pixels/3.png"]
    assert report.left_out == {
        "score below the minimum": 1,
        "sharpness below the minimum": 2,
        "not 64 × 64 px": 1,
        "no embedding": 1,
    }


reviewed = st.lists(
    st.builds(
        lambda number, pixels, group, slot, yes, no, score: image(
            number,
            pixels=pixels,
            group=f"group {group}",
            slot=f"o/{slot}",
            accepted_by=yes,
            rejected_by=no,
            score=score,
        ),
        st.integers(0, 10_000),
        st.integers(0, 12),
        st.integers(0, 3),
        st.integers(0, 3),
        st.sampled_from([(), ("ada",), ("ada", "bob")]),
        st.sampled_from([(), (), ("cyd",)]),
        st.none() | st.integers(1, 5),
    ),
    max_size=24,
    unique_by=lambda one: one.recipe_id,
)


@settings(max_examples=60, deadline=None)
@given(reviewed, st.randoms(use_true_random=False))
def test_the_set_depends_on_the_content_alone_and_never_holds_an_image_twice(images, random) -> None:
    rules = TrainingSetRules(fewest=1, most_per_group=3)
    try:
        found, report = made(images, rules)
    except InputError:
        return
    shuffled = images.copy()
    random.shuffle(shuffled)
    again, _ = made(shuffled, rules)
    assert again == found
    assert again.id == found.id
    hashes = [row.pixel_sha256 for row in found.rows]
    assert len(set(hashes)) == len(hashes)
    for one in images:
        if one.rejected_by:
            assert one.pixel_sha256 not in hashes
    assert {pair.rejected_sha256 for pair in found.pairs}.isdisjoint(hashes)
    assert {pair.preferred_sha256 for pair in found.pairs} <= set(hashes)
    groups = [row.group for row in found.rows]
    assert all(groups.count(group) <= 3 for group in groups)
    assert report.accepted + report.rejected + len(report.contradicted) == len(
        {one.pixel_sha256 for one in images if one.accepted_by or one.rejected_by}
    )


def test_another_content_has_another_id() -> None:
    first, _ = made([image(0)])
    assert first.id != made([image(0, score=4)])[0].id
    assert first.id != made([image(0), image(1)])[0].id
