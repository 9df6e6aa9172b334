import torch
from torch import nn

from fastst.networks import build
from fastst.training.muon import Muon, orthogonal, split_kernels


def test_orthogonal_keeps_directions_and_evens_out_their_sizes() -> None:
    generator = torch.Generator().manual_seed(0)
    left, _ = torch.linalg.qr(torch.randn(6, 6, generator=generator))
    right, _ = torch.linalg.qr(torch.randn(9, 9, generator=generator))
    sizes = torch.tensor([5.0, 3.0, 1.0, 0.5, 0.3, 0.2])
    for matrix in (left @ torch.diag(sizes) @ right[:6], (left @ torch.diag(sizes) @ right[:6]).T):
        found = orthogonal(matrix[None])[0]
        wide = found if found.shape[0] < found.shape[1] else found.T
        along = left.T @ wide @ right[:6].T
        assert float((along - torch.diag(along.diagonal())).abs().max()) < 0.05
        assert float(along.diagonal().min()) > 0.6 and float(along.diagonal().max()) < 1.3


def test_a_step_of_one_direction_by_hand() -> None:
    # The gradient is of rank one, so its orthogonal matrix is itself over its norm, to the iteration's
    # precision; the step is 0.2 · √max(2, 2) · lr of that.
    kernel = nn.Parameter(torch.zeros(2, 2, 1, 1))
    optimizer = Muon([kernel], lr=0.1)
    kernel.grad = torch.tensor([[3.0, 4.0], [0.0, 0.0]]).view(2, 2, 1, 1)
    optimizer.step()
    size = 0.1 * 0.2 * 2**0.5
    found = -kernel.detach().view(2, 2) / size
    torch.testing.assert_close(found / found.norm(), torch.tensor([[0.6, 0.8], [0.0, 0.0]]))
    assert 0.6 < float(found.norm()) < 1.3


def test_momentum_goes_on_without_a_gradient() -> None:
    kernel = nn.Parameter(torch.zeros(2, 3, 1, 1))
    optimizer = Muon([kernel], lr=0.1)
    kernel.grad = torch.ones(2, 3, 1, 1)
    optimizer.step()
    once = kernel.detach().clone()
    kernel.grad = torch.zeros(2, 3, 1, 1)
    optimizer.step()
    assert float((kernel.detach() - once).mean()) < -1e-3


def test_it_learns_a_convolution_from_examples() -> None:
    torch.manual_seed(0)
    teacher, student = (nn.Conv2d(4, 4, 3, bias=False) for _ in range(2))
    inputs = torch.randn(8, 4, 10, 10)
    wanted = teacher(inputs).detach()
    optimizer = Muon(student.parameters(), lr=0.05)
    losses = []
    for step in range(60):
        loss = (student(inputs) - wanted).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.param_groups[0]["lr"] = 0.05 * (1 - step / 60)
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.02 * losses[0]


def test_every_weight_is_on_one_side() -> None:
    network = build("brush", width=6, half=4, blocks=1)
    kernels, others = split_kernels(network)
    assert {kernel.dim() for kernel in kernels} == {4} and {other.dim() for other in others} == {1}
    assert len(kernels) + len(others) == len(list(network.parameters()))
