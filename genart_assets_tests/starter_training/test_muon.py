import pytest
import torch

from genart_assets.starter_training.muon import Muon, hidden_matrices, orthogonal


@pytest.mark.parametrize("shape", [(24, 24), (16, 144), (96, 24)])
def test_a_step_keeps_the_singular_vectors_and_evens_the_singular_values(shape):
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    found = orthogonal(matrix)
    left, _, right = torch.linalg.svd(matrix, full_matrices=False)
    inner = left.T @ found @ right.T
    assert torch.linalg.svdvals(found).min() > 0.6
    assert torch.linalg.svdvals(found).max() < 1.3
    torch.testing.assert_close(inner, torch.diag(inner.diagonal()), atol=1e-4, rtol=0)


def test_a_gradient_of_zeros_moves_nothing():
    assert torch.equal(orthogonal(torch.zeros(4, 6)), torch.zeros(4, 6))


def test_hidden_matrices_are_weights_of_trained_layers_inside():
    module = torch.nn.Module()
    module.conv_in, module.inner = torch.nn.Conv2d(3, 8, 3), torch.nn.Conv2d(8, 8, 3)
    module.names, module.norm = torch.nn.Embedding(5, 8), torch.nn.LayerNorm(8)
    module.frozen, module.linear = torch.nn.Linear(8, 8), torch.nn.Linear(8, 8)
    module.frozen.requires_grad_(False)
    assert [id(w) for w in hidden_matrices({"all": module})] == [id(module.inner.weight), id(module.linear.weight)]


def test_it_finds_a_linear_map():
    torch.manual_seed(0)
    linear, true = torch.nn.Linear(8, 8, bias=False), torch.randn(8, 8)
    muon = Muon([linear.weight], decay=0.0)
    for step in range(300):
        linear.weight.grad = linear.weight.detach() - true
        muon.step(0.2 * (1 - step / 300))
    torch.testing.assert_close(linear.weight.detach(), true, atol=0.05, rtol=0)
