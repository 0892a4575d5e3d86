"""Sheets of a home's images, from its provenance records."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from genart_assets.pictures.contact_sheet import contact_sheet


def provenance(storage: Path) -> pd.DataFrame:
    files = sorted((storage / "assets/provenance").glob("*/*.parquet"))
    return pd.concat([pd.read_parquet(file) for file in files]).sort_values(["slot_index", "round"])


def last_images(storage: Path, images: pd.DataFrame, *, columns: int) -> Image.Image:
    """The last image of every slot, framed by its verdict, with what the slot varies below."""
    final = images.groupby("slot_index").last()
    pictures = [np.asarray(Image.open(storage / path).convert("RGB")) for path in final["path"]]
    captions = [", ".join(json.loads(values).values()) for values in final["values"]]
    verdicts = list(final["passed"].astype(bool))
    data = contact_sheet(pictures, columns=columns, captions=captions, verdicts=verdicts, narrowest=80)
    return Image.open(io.BytesIO(data)).convert("RGB")
