"""Optimal transport between the features' Gaussian fits, in closed form."""

import torch
from torch import Tensor

from fastst.losses.statistics.base import StyleStatistic
from fastst.losses.statistics.covariance import mean_and_covariance

# Share of the trace under which a direction counts as flat, so that the root has a gradient there.
_FLAT = 1e-7
# The same for a style image that is one even color, whose trace is 0.
_FLATTEST = 1e-12


class Wasserstein(StyleStatistic):
    """Squared 2-Wasserstein distance of two Gaussians (Mroueh, "Wasserstein Style Transfer", 2019).

    W² = ‖μ − μ'‖² + tr Σ + tr Σ' − 2 tr (Σ'^½ Σ Σ'^½)^½, divided by E‖F‖² + E‖A‖² =
    ‖μ‖² + tr Σ + ‖μ'‖² + tr Σ'.

    The root's trace is the sum of √λ over the eigenvalues λ of Σ'^½ Σ Σ'^½. Only eigenvalues are
    differentiated, never eigenvectors, whose gradient fails where two eigenvalues meet; √λ is taken as
    √(λ + δ²) − δ with a tiny δ, since deep layers have more channels than positions and hence zeros
    among the λ; and it is done in double precision, because the root of rounding errors is not small.
    """

    calibration = 1.77

    def _prepare(self, features: Tensor, weight_map: Tensor | None) -> None:
        self.mean, covariance = mean_and_covariance(features, weight_map)
        self.root = _symmetric_root(_in_double(covariance))
        self.trace = _trace(_in_double(covariance))
        self.flat = (_FLAT * self.trace[:, None]).clamp_min(_FLATTEST)

    def _term(self, features: Tensor, weight_map: Tensor | None) -> Tensor:
        mean, covariance = mean_and_covariance(features, weight_map)
        covariance = _in_double(covariance)
        product = self.root @ covariance @ self.root
        eigenvalues = torch.linalg.eigvalsh((product + product.mT) / 2).clamp_min(0)
        coupling = ((eigenvalues + self.flat**2).sqrt() - self.flat).sum(dim=-1)
        traces = (_trace(covariance) + self.trace).to(features)
        means = (mean - self.mean).square().sum(dim=(1, 2))
        distance = means + traces - 2 * coupling.to(features)
        energy = traces + mean.square().sum(dim=(1, 2)) + self.mean.square().sum(dim=(1, 2))
        return self.weight * distance / energy.clamp_min(1e-8)


def _symmetric_root(matrix: Tensor) -> Tensor:
    """Return the square root of a positive semi-definite matrix (1, C, C)."""
    eigenvalues, vectors = torch.linalg.eigh(matrix)
    return (vectors * eigenvalues.clamp_min(0).sqrt()[:, None]) @ vectors.mT


def _in_double(matrix: Tensor) -> Tensor:
    # Apple's GPUs have no double precision.
    return matrix.to("cpu" if matrix.device.type == "mps" else matrix.device).double()


def _trace(matrix: Tensor) -> Tensor:
    return matrix.diagonal(dim1=1, dim2=2).sum(dim=-1)
