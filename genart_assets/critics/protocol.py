"""What a critic is, and what it may look at."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, Self

import numpy as np
import numpy.typing as npt

from genart_assets.records.brief import Brief
from genart_assets.records.fault import Fault
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
    """One critic, set up for one batch: gives each image one number."""

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
    """What is registered under the critic's name in the entry point group ``genart_assets.critics``: a class.

    `BaseCritic` has a default for everything but the four words that name the critic, and its scores.
    """

    name: str
    """As it is registered, and as briefs bound it under ``style_guide.expect``."""
    unit: str
    """Of its numbers."""
    direction: Direction
    """Which numbers are better."""
    version: str
    """Changes with the numbers: two scores of one version can be compared."""
    faults: frozenset[Fault]
    """What is wrong with a picture that misses this critic's bound; retry moves that answer it are tried."""

    def for_batch(self, context: CriticContext) -> Critic | None:
        """The critic set up for a batch, or None where the brief gives it nothing to judge.

        An expensive critic returns None where the brief does not bound it.
        """
        ...

    def missing_requirement(self, brief: Brief) -> str:
        """What the brief or the machine lacks where the brief bounds this critic, and how to add it; empty if nothing.

        A brief that lacks something is refused with this text.
        """
        ...


class BaseCritic(ABC):
    """A critic of one's own derives from this, and adds ``name``, ``unit``, ``direction``, ``version`` and `score`.

    Its public names are those of this class; a name of its own begins with an underscore, so that a misspelt one is
    found.

    >>> import numpy as np
    >>> from genart_assets.extend import BaseCritic, Fault, Look, each_picture
    >>> class Redness(BaseCritic):
    ...     name = "redness"
    ...     unit = "levels"
    ...     direction = "lower"
    ...     version = "1"
    ...     faults = frozenset({Fault.WRONG_COLOUR})
    ...
    ...     def score(self, look: Look):
    ...         return each_picture(look, lambda picture: float(picture[..., 0].mean()))
    >>> look = Look(np.full((2, 8, 8, 3), 200, np.uint8), np.zeros((2, 0), np.float32), ())
    >>> Redness().score(look)
    array([200., 200.])
    """

    name: str
    unit: str
    direction: Direction
    version: str
    faults: frozenset[Fault] = frozenset()

    @classmethod
    def for_batch(cls, context: CriticContext) -> Self | None:
        """The critic for a batch; by default a new one, whatever the brief says."""
        return cls()

    @classmethod
    def missing_requirement(cls, brief: Brief) -> str:
        """What is missing to score the brief's images; by default nothing."""
        return ""

    @abstractmethod
    def score(self, look: Look) -> npt.NDArray[np.float64]:
        """As `Critic.score`."""
