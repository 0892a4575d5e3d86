"""Defines what a feature store must do; Feast and Hopsworks implement it."""

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
    """A feature store. A feature is named ``view:feature``; its column in a returned frame is ``view__feature``.

    Every method raises FeatureStoreError, with a remedy, if the store refuses.
    """

    def registered(self) -> tuple[View, ...]:
        """The views that the store knows, sorted by name."""
        ...

    def apply(self, tables: Mapping[View, pa.Table]) -> RegistryDiff:
        """Register exactly these views, with these offline rows; return the changes to the registry."""
        ...

    def materialise(self, until: datetime) -> None:
        """Store the latest features up to ``until`` where `online` finds them."""
        ...

    def historical(self, entities: pd.DataFrame, features: Sequence[str]) -> pd.DataFrame:
        """``entities`` with the features as known at each row's ``event_timestamp``, that moment included.

        Every row is returned, in the same order; unknown features are null. ``entities`` has the key columns of all the
        features' entities, and may have others.
        """
        ...

    def online(self, keys: Sequence[Mapping[str, str]], features: Sequence[str]) -> pd.DataFrame:
        """The latest materialised features of each of ``keys``, which map key column to key; unknown ones are null."""
        ...


def column_of(feature: str) -> str:
    """The column in which a feature ``view:feature`` is returned."""
    return feature.replace(":", "__", 1)
