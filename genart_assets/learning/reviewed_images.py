"""Collects the images that people had reviewed at a given time; training sets are made of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from genart_assets.errors import InputError
from genart_assets.features.moments import slot_keys
from genart_assets.features.words import decisions_in
from genart_assets.learning.training_set import ReviewedImage
from genart_assets.stages.judging.selected_before import embedded_rows
from genart_assets.stages.reviewing.decisions import Standing, standing
from genart_assets.stages.reviewing.settled_feedback import settled_feedback
from genart_assets.storage.images import ImageStore
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore
from genart_assets.storage.tensors import TensorStore

if TYPE_CHECKING:
    import pandas as pd


def reviewed_images(
    storage: Storage,
    order_keys: Iterable[str],
    as_of: datetime,
    *,
    group: str = "subject",
    known: pd.DataFrame | None = None,
) -> tuple[list[ReviewedImage], dict[str, npt.NDArray[np.float32]]]:
    """The images of some orders that had a valid decision at ``as_of``, and their CLIP embeddings by recipe id.

    Decisions made or undone later are ignored. The features of an image are the scores of its critics, which were
    measured before anyone saw it. With ``known``, from `features.training_set.training_set`, the features are its
    numeric columns, joined at the time just before the first decision about the image.

    Args:
        group: the name in ``vary`` by which the set will be balanced; a prompt without it is its own group.

    Raises:
        InputError: ``as_of`` has no time zone. StorageError: a stored file is damaged.
    """
    if as_of.tzinfo is None:
        raise InputError(f"as_of {as_of} has no time zone", remedy="give a time in UTC")
    feedback = settled_feedback(storage, order_keys)
    standings = standing(decision for decision in decisions_in(feedback) if decision.time <= as_of)
    images: list[ReviewedImage] = []
    vectors: dict[str, npt.NDArray[np.float32]] = {}
    for batch, part in feedback.groupby("batch", sort=True):
        about = {recipe_id: standings[recipe_id] for recipe_id in part["recipe_id"].unique() if recipe_id in standings}
        about = {recipe_id: left for recipe_id, left in about.items() if left.outcomes}
        found = _images(storage, str(batch), about, group, known)
        images += found
        ids, rows = embedded_rows(TensorStore(storage, "image_embeddings", str(batch)).open(), sorted(about))
        vectors |= dict(zip(ids, rows, strict=True))
    return images, vectors


def _images(
    storage: Storage, batch: str, about: Mapping[str, Standing], group: str, known: pd.DataFrame | None
) -> list[ReviewedImage]:
    import pandas as pd

    plan = TableStore(storage, "generation_plan", batch).read()
    index = ImageStore(storage, batch).open().index
    rows = plan[plan["recipe_id"].isin(list(about))].merge(
        index[["recipe_id", "pixel_sha256", "path"]], on="recipe_id", validate="one_to_one"
    )
    rows = rows.assign(slot=slot_keys(pd.Series(batch, index=rows.index, dtype="str"), rows["slot_index"]))
    features = _scores(storage, batch) if known is None else _numbers(known)
    return [_image(row, about[str(row["recipe_id"])], group, features) for row in rows.to_dict("records")]


def _image(
    row: Mapping[Any, object], left: Standing, group: str, features: Mapping[str, dict[str, float]]
) -> ReviewedImage:
    said: dict[bool, list[str]] = {True: [], False: []}
    for word in left.outcomes:
        said[word.action == "accept"].append(word.reviewer)
    values: dict[str, str] = json.loads(str(row["values"]))
    return ReviewedImage.model_validate(
        {
            **{name: row[name] for name in ("recipe_id", "slot", "prompt", "pixel_sha256", "path", "width", "height")},
            "model_snapshot": row["model_snapshot"],
            "group": values.get(group, row["prompt"]),
            "accepted_by": tuple(sorted(said[True])),
            "rejected_by": tuple(sorted(said[False])),
            "score": left.score,
            "features": features.get(str(row["recipe_id"]), {}),
        }
    )


def _scores(storage: Storage, batch: str) -> dict[str, dict[str, float]]:
    """The finite scores of each recipe id, by critic."""
    scores = TableStore(storage, "critic_scores", batch).read()
    found: dict[str, dict[str, float]] = {}
    for recipe_id, critic, score in zip(scores["recipe_id"], scores["critic"], scores["score"], strict=True):
        if np.isfinite(score):
            found.setdefault(str(recipe_id), {})[str(critic)] = float(score)
    return found


def _numbers(known: pd.DataFrame) -> dict[str, dict[str, float]]:
    """The numeric features of each recipe id, by name."""
    import pandas as pd

    names: Sequence[str] = [name for name in known.columns if pd.api.types.is_numeric_dtype(known[name])]
    return {
        str(recipe_id): {name: float(value) for name, value in zip(names, line, strict=True) if np.isfinite(value)}
        for recipe_id, line in zip(known["recipe_id"], known[names].astype("float64").to_numpy(), strict=True)
    }
