"""Pictures to latents: the mean of what a model's own autoencoder makes of them, in one fixed micro-batch shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from genart_assets.models.families.protocol import ModelFamily
from genart_assets.models.microbatch import chunks, pad_tensor

if TYPE_CHECKING:
    import torch


def encode_pictures(family: ModelFamily, pipe: Any, pictures: npt.NDArray[np.uint8], rows: int) -> torch.Tensor:
    """sRGB ``uint8 [n, height, width, 3]`` to latents ``float32 [n, c, h, w]`` on the CPU, scaled as the denoiser
    expects.

    The mean of each latent, not a sample of it: a picture has one encoding.
    """
    import torch

    found: list[torch.Tensor] = []
    for some in chunks(range(len(pictures)), rows):
        # Contiguous: torch chooses kernels by the layout, and a full micro-batch would have another than a padded one.
        chosen = np.ascontiguousarray(pictures[some[0] : some[-1] + 1].transpose(0, 3, 1, 2))
        pixels = pad_tensor(torch.from_numpy(chosen) / 127.5 - 1, rows).to(pipe.device)
        with torch.no_grad():  # not inference mode: in a fine-tune the latents enter a graph
            found.append(family.encode_pictures(pipe, pixels)[: len(some)].cpu())
    return torch.cat(found) if found else torch.zeros(0, 1, 1, 1)
