"""Implements Muon: steps for the matrices of hidden layers whose singular values are all about one.

Source: Jordan and others (2024), *Muon: an optimizer for hidden layers in neural networks*. Steps are scaled as in Liu
and others (2025), *Muon is scalable for LLM training*, so that a rate means about the same as for Adam.
``torch.optim.Muon`` does not support convolutions and works in bfloat16, which may be slower than float32 on CPUs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

MOMENTUM = 0.9
ITERATIONS = 5
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Jordan's coefficients of the quintic that moves singular values from 0…1 near to one."""
SCALE = 0.2
OUTER_LAYERS = ("conv_in", "conv_out")
"""Layers beside the data itself; Adam trains these, like embeddings, biases and norms."""


@dataclass
class Muon:
    """The optimiser for some weights."""

    weights: list[torch.Tensor]
    """Matrices, or convolutions, which count as matrices of outputs × (inputs · taps)."""
    decay: float
    state: dict[torch.Tensor, dict[str, torch.Tensor]] = field(init=False)
    """Each weight's ``momentum``."""

    def __post_init__(self) -> None:
        import torch

        self.state = {weight: {"momentum": torch.zeros_like(weight)} for weight in self.weights}

    def step(self, rate: float) -> None:
        """Change every weight by one step."""
        import torch

        with torch.no_grad():
            for weight in self.weights:
                gradient, momentum = weight.grad, self.state[weight]["momentum"]
                if gradient is None:
                    continue
                momentum.lerp_(gradient, 1 - MOMENTUM)
                direction = orthogonal(gradient.lerp(momentum, MOMENTUM).flatten(1))
                size = SCALE * max(direction.shape) ** 0.5
                weight.mul_(1 - rate * self.decay).add_(direction.view_as(weight), alpha=-rate * size)


def hidden_matrices(modules: dict[str, torch.nn.Module]) -> list[torch.Tensor]:
    """The weights of all trained linear and convolutional layers except the outer ones."""
    import torch

    return [
        layer.weight
        for module in modules.values()
        for name, layer in module.named_modules()
        if isinstance(layer, torch.nn.Linear | torch.nn.Conv2d)
        and layer.weight.requires_grad
        and name.rpartition(".")[2] not in OUTER_LAYERS
    ]


def orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    """Approximate orthogonal factor of a matrix ``[n, m]``: its singular vectors, with singular values of 0.7 to 1.2.

    The polynomial is iterated on the small Gram matrix and applied to the matrix only once, which is a third of the
    work for a convolution.
    """
    import torch

    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    wide = wide / (wide.norm() + 1e-7)
    a, b, c = COEFFICIENTS
    identity = torch.eye(wide.shape[0], device=wide.device)
    gram, product = wide @ wide.T, identity
    for _ in range(ITERATIONS):
        factor = a * identity + b * gram + c * (gram @ gram)
        product, gram = factor @ product, factor @ gram @ factor
    found = product @ wide
    return found if matrix.shape[0] <= matrix.shape[1] else found.T
