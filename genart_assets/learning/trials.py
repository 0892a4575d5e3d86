"""Runs and stores the trials of a style's candidates: each is drawn and measured beside the promoted version."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from genart_assets.critics.known import CRITICS, missing_requirement
from genart_assets.critics.protocol import Critic, CriticContext, Look
from genart_assets.errors import InputError, ModelError
from genart_assets.learning.draw_samples import draw_samples
from genart_assets.learning.evaluate_lora import Evaluated, Judges, LoraEvaluation, evaluate_lora, require_held_out
from genart_assets.learning.styles import LoraTrial, Style
from genart_assets.learning.training_sets import prompts_learnt
from genart_assets.loras.files import file_of
from genart_assets.loras.history import style_folder
from genart_assets.loras.versions import StyleLora, promoted
from genart_assets.models.clip import Clip, load_clip
from genart_assets.models.heads import load_head
from genart_assets.models.house_style import centroid_of, load_house_style
from genart_assets.models.loading import LoadedModel
from genart_assets.records.brief import Brief
from genart_assets.records.recipe import ModelSnapshot
from genart_assets.records.style_guide import Bound, StyleGuide
from genart_assets.stages.briefs.references import stored_references
from genart_assets.storage.numbered import Numbered
from genart_assets.storage.root import Storage


def run_trial(
    storage: Storage,
    style: Style,
    model: LoadedModel,
    candidate: StyleLora,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Evaluated:
    """Draw the trial's prompts with the candidate and the promoted version or the base; measure both; store the trial.

    Raises:
        InputError, ModelError: as `require_trial`, or weights cannot be used.
    """
    judges = require_trial(storage, style, candidate.record.training_set, model.snapshot)
    before = promoted(storage, style.style)
    asked = len(style.trial.prompts) * len(style.trial.seeds)
    drawn = 0

    def render(lora: Path | None, prompts: Sequence[str], seeds: Sequence[int]) -> npt.NDArray[np.uint8]:
        nonlocal drawn
        begun = drawn
        drawn += asked
        return draw_samples(model, lora, prompts, seeds, style.trial, lambda done, _: progress(begun + done, 2 * asked))

    found = evaluate_lora(
        (candidate.version, file_of(storage, candidate)),
        (before.version, file_of(storage, before)) if before else None,
        model.snapshot.snapshot_id,
        style.trial.prompts,
        style.trial.seeds,
        render,
        judges,
        prompts_learnt(storage, style.style, candidate.record.training_set),
    )
    _stored(storage, style.style).append(found.report)
    return found


def require_trial(storage: Storage, style: Style, training_set_id: str, base: ModelSnapshot) -> Judges:
    """The judges of a style's trial, if the trial can run; call it before a fine-tune.

    Raises:
        InputError: the LoRA learnt from a prompt of the trial, or a directory, a critic or its requirement is missing.
        ModelError: weights cannot be used, or the promoted version fits other weights of the base.
    """
    require_held_out(style.trial.prompts, prompts_learnt(storage, style.style, training_set_id))
    before = promoted(storage, style.style)
    if before is not None and before.record.base_snapshot != base.snapshot_id:
        raise ModelError(
            f"the promoted version {before.version} of style {style.style} fits {before.record.base} of snapshot "
            f"{before.record.base_snapshot[:12]}, but {base.name} is {base.snapshot_id[:12]}: they cannot be compared",
            remedy=f"run `genart styles {style.style} --roll-back` until the promoted version fits this base, or use "
            "another style name for this base",
        )
    return judges_of(storage, style)


def last_trial(storage: Storage, style: str, candidate: str | None = None) -> LoraEvaluation | None:
    """The last trial of a style, or of one of its versions; None if there is none.

    Raises:
        StorageError: a trial is damaged.
    """
    stored = _stored(storage, style)
    if candidate is None:
        return stored.last()
    return next((one for one in reversed(list(stored)) if one.candidate == candidate), None)


def sheet_path(trial: LoraEvaluation) -> str:
    """Path of a trial's contact sheet, before beside after, relative to the storage root."""
    return f"sheets/trials/{trial.id}.webp"


def judges_of(storage: Storage, style: Style) -> Judges:
    """The judges that measure a style's candidates.

    Raises:
        InputError: a directory, a critic or its requirement is missing. ModelError: weights cannot be used.
    """
    clip = load_clip(style.clip_model)
    snapshot = clip.snapshot.snapshot_id
    if style.house_style:
        centroid = load_house_style(Path(style.house_style), snapshot).centroid
    else:
        centroid = centroid_of(clip.embed_images(stored_references(storage, style.references)))
    head = load_head(Path(style.preference_head), snapshot) if style.preference_head else None
    return Judges(clip, centroid, head, _safety(style.trial, clip) if style.trial.safety else None)


def _safety(trial: LoraTrial, clip: Clip) -> Critic:
    """The critic that scores the trial's safety; one grey picture is scored to check that it needs only pixels."""
    name = str(trial.safety)
    guide = StyleGuide(
        clip_model=clip.snapshot.name, expect={name: Bound(max=1.0)}, safety_checker=trial.safety_checker
    )
    brief = Brief(brief="trial", prompt="trial", style_guide=guide)
    if missing := missing_requirement(name, brief):
        missing = missing.replace("style_guide.safety_checker", "trial.safety_checker")
        raise InputError(f"the safety critic {name!r} cannot score: {missing}", remedy="install it, or remove the key")
    context = CriticContext(
        brief=brief,
        batch_ids=(),
        batch_embeddings=np.zeros((0, clip.width), np.float32),
        embed_texts=clip.embed_texts,
        embed_images=clip.embed_images,
        clip_snapshot=clip.snapshot.snapshot_id,
        references=tuple,
    )
    critic = CRITICS.find(name).for_batch(context)
    if critic is None or critic.direction == "between" or not _needs_only_pixels(critic, trial, clip):
        raise InputError(f"critic {name!r} cannot score pixels alone", remedy="use unsafe or safety_checker")
    return critic


def _needs_only_pixels(critic: Critic, trial: LoraTrial, clip: Clip) -> bool:
    grey = np.full((1, trial.size[1], trial.size[0], 3), 128, np.uint8)
    try:
        return len(critic.score(Look(grey, clip.embed_images(list(grey)), ()))) == 1
    except (ValueError, IndexError):  # it needs the planned images
        return False


def _stored(storage: Storage, style: str) -> Numbered[LoraEvaluation]:
    return Numbered(storage, f"{style_folder(style)}/trials/", LoraEvaluation)
