"""What a feature store does for us; Feast and Hopsworks are two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

from genart_assets.features.registry_diff import RegistryDiff
from genart_assets.features.views import View

if TYPE_CHECKING:
    import pandas as pd


class FeatureStore(Protocol):
    """Features are named ``view:feature``; in the frames that come back their columns are ``view__feature``.

    Every method raises FeatureStoreError, with the remedy, for what the store refuses.
    """

    def registered(self) -> tuple[View, ...]:
        """The views that the store knows, sorted by name."""
        ...

    def apply(self, tables: Mapping[View, pa.Table]) -> RegistryDiff:
        """Register exactly these views, with these offline rows; how they differ from what was registered."""
        ...

    def materialise(self, until: datetime) -> None:
        """Put the latest features up to ``until`` where `online` finds them."""
        ...

    def historical(self, entities: pd.DataFrame, features: Sequence[str]) -> pd.DataFrame:
        """``entities`` with the features as they were known at each line's ``event_timestamp``, that moment included.

        Every line comes back, in its order; what was not known is null. ``entities`` has the key columns of all the
        features' entities, and may have others.
        """
        ...

    def online(self, keys: Sequence[Mapping[str, str]], features: Sequence[str]) -> pd.DataFrame:
        """The latest materialised features of each of ``keys``, key column to key; unknown ones are null."""
        ...


def column_of(feature: str) -> str:
    """The column in which a feature ``view:feature`` comes back."""
    return feature.replace(":", "__", 1)
