"""The code location that Dagster loads: what `defs/assembled.py` found."""

from genart_assets.defs.assembled import defs

__all__ = ["defs"]
