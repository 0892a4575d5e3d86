"""What a critic is, and what it may look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from genart_assets.records.brief import Brief
from genart_assets.records.plan import PlannedImage
from genart_assets.storage.nearest import Neighbour

Direction = Literal["higher", "lower", "between"]
"""Which scores are better; ``between`` where only the brief's own bounds tell (exposure)."""


Scope = Literal["brief", "catalogue"]
"""The selected images that a picture is compared with, those of its brief or of all briefs."""


class NearestSelected(Protocol):
    """Looks up, for images of the batch, the selected image whose embedding has the largest cosine to theirs."""

    def __call__(
        self, ids: Sequence[str], vectors: npt.NDArray[np.float32], within: Scope, floor: float
    ) -> Sequence[Neighbour | None]:
        """Cosine and recipe id for each of ``ids``, with embeddings ``[n, d]``; None where none reaches ``floor``."""
        ...


@dataclass(frozen=True)
class Look:
    """The rows that a critic scores together, in one order.

    ``pixels`` is sRGB ``uint8 [n, height, width, 3]``; ``embeddings`` are the CLIP critic's image embeddings,
    ``float32 [n, d]``, of length 1, NaN in a row whose embedding failed; ``planned`` tells slot and recipe of each row.
    """

    pixels: npt.NDArray[np.uint8]
    embeddings: npt.NDArray[np.float32]
    planned: Sequence[PlannedImage]


@dataclass(frozen=True)
class CriticContext:
    """What a critic may ask for when it is set up for one batch.

    ``batch_ids`` and ``batch_embeddings`` (``float32 [rows, d]``) are all rendered rows of the batch, in plan order;
    ``embed_texts`` gives the CLIP critic's text embeddings, ``float32 [texts, d]``, of length 1; a text's bits do not
    depend on the other texts of the call. ``embed_images`` gives its embeddings of pictures, sRGB ``uint8 [height,
    width, 3]`` of any sizes, in the same way; ``clip_snapshot`` is its snapshot id. ``references`` reads the brief's
    reference pictures. ``nearest_selected`` looks among images that were selected before; None where there is no
    storage.
    """

    brief: Brief
    batch_ids: Sequence[str]
    batch_embeddings: npt.NDArray[np.float32]
    embed_texts: Callable[[Sequence[str]], npt.NDArray[np.float32]]
    embed_images: Callable[[Sequence[npt.NDArray[np.uint8]]], npt.NDArray[np.float32]]
    clip_snapshot: str
    references: Callable[[], Sequence[npt.NDArray[np.uint8]]]
    nearest_selected: NearestSelected | None = None


class Critic(Protocol):
    """Gives each image one number. Registered by name in the entry point group ``genart_assets.critics``.

    A registered class also has ``for_batch(context: CriticContext)``, a class method that sets it up, or returns None
    where the brief gives it nothing to judge (a palette critic without a palette); an expensive critic returns None
    where the brief does not bound it.

    It may have ``lacks(brief: Brief) -> str``, a class method that says what the brief or the machine lacks, and how to
    add it, where the brief bounds this critic and it could not score; the brief is then refused.
    """

    name: str
    unit: str
    direction: Direction
    version: str

    def score(self, look: Look) -> npt.NDArray[np.float64]:
        """One finite number a row, ``float64 [n]``; NaN where this row has no score.

        A row's number depends on that row and on the batch, never on the other rows of ``look``.
        """
        ...


class CriticClass(Protocol):
    """What the entry point names: a class whose ``for_batch`` sets the critic up."""

    name: str
    unit: str
    direction: Direction
    version: str

    def for_batch(self, context: CriticContext) -> Critic | None: ...
