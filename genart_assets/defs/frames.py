"""What asset functions call a table. Dagster reads their annotations, for which pandas need not be loaded."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame as Frame
else:
    Frame = Any

__all__ = ["Frame"]
