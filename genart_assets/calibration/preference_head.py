"""Fits a head that predicts from an image embedding how likely people are to accept the image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from genart_assets.calibration.agreement import Estimate, Labels, auc
from genart_assets.errors import InputError
from genart_assets.models.heads import HeadConfig, save_head

FEWEST = 20
"""Smallest number of accepted, and of rejected, images for a head."""
FOLDS = 5
SEED = 0
STRENGTHS: Sequence[float] = tuple(10.0**k for k in range(-4, 3))
"""Values of C, the inverse L2 penalty; cross-validation chooses one by log loss."""

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True)
class PreferenceHead:
    """A logistic regression on the embeddings of one CLIP snapshot."""

    weight: Matrix
    """``[d]``, for embeddings that are not standardised."""
    bias: np.float32
    clip_snapshot: str
    strength: float
    """C, the inverse of the L2 penalty."""
    agreement: Estimate
    """AUC on images that were left out of the fit, fold by fold."""
    accepted: int
    rejected: int

    def probability(self, vectors: Matrix) -> npt.NDArray[np.float64]:
        """Probability of being accepted, 0 to 1, for each row of ``[n, d]``."""
        logits = (vectors.astype(np.float64) * self.weight.astype(np.float64)).sum(axis=1) + float(self.bias)
        return 0.5 * (1 + np.tanh(logits / 2))


def too_few(accepted: Labels) -> str:
    """Why no head can be fitted to these labels; empty if one can."""
    good, bad = int(accepted.sum()), int((~accepted).sum())
    if min(good, bad) >= FEWEST:
        return ""
    return f"{good} accepted and {bad} rejected images with an embedding; a preference head needs {FEWEST} of each"


def fit_head(vectors: Matrix, accepted: Labels, clip_snapshot: str) -> PreferenceHead:
    """Fit a head to embeddings ``[n, d]`` and to what people decided about their images.

    ``FOLDS``-fold cross-validation chooses the penalty. An outer cross-validation gives the AUC, so that no image is
    judged by a head that saw it. Columns are standardised for the fit; the weights are for the original embeddings. The
    same rows give the same head.

    Raises:
        InputError: there are too few images of a kind, or an embedding is not finite.
    """
    if why := too_few(accepted):
        raise InputError(why, remedy="review more images of both kinds")
    rows = vectors.astype(np.float64)
    if not np.isfinite(rows).all():
        raise InputError("an embedding is not finite", remedy="leave out images without an embedding")
    from sklearn.model_selection import cross_val_predict
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # same bits for any number; one thread is faster here
        left_out: Any = cross_val_predict(_search(), rows, accepted, cv=_folds(), method="predict_proba")
        search: Any = _search().fit(rows, accepted)
    agreement = auc(left_out[:, 1], accepted)
    scaler, regression = search.best_estimator_
    weight = regression.coef_[0] / scaler.scale_
    assert agreement is not None  # there are images of both kinds
    return PreferenceHead(
        weight=weight.astype(np.float32),
        bias=np.float32(regression.intercept_[0] - weight @ scaler.mean_),
        clip_snapshot=clip_snapshot,
        strength=float(search.best_params_["logisticregression__C"]),
        agreement=agreement,
        accepted=int(accepted.sum()),
        rejected=int((~accepted).sum()),
    )


def save_preference_head(folder: Path, head: PreferenceHead) -> None:
    """Write the head as `models.heads` reads it, so that the critic ``aesthetic`` can use it.

    Raises:
        InputError: the directory holds another head. StorageError: the disk refuses to store it.
    """
    config = HeadConfig(clip_snapshot=head.clip_snapshot, dim=len(head.weight), unit="probability", layers=1)
    save_head(folder, config, [head.weight[np.newaxis]], [np.array([head.bias], np.float32)])


def _folds() -> Any:
    from sklearn.model_selection import StratifiedKFold

    return StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)


def _search() -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    return GridSearchCV(model, {"logisticregression__C": list(STRENGTHS)}, scoring="neg_log_loss", cv=_folds())
