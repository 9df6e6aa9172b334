"""A photo in the painting's colors: the linear optimal transport between the two."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# The mean, (N, 3), and the covariance, (N, 3, 3), of a picture's colors, in float32.
Colors = tuple[Tensor, Tensor]

# Added to the photo's covariance, so that a flat photo is not blown up: a deviation of 0.045.
_FLAT = 2e-3
# Enough for a ratio of 10,000 between the largest and the smallest eigenvalue.
_ITERATIONS = 18
# Of the sum of the eigenvalues: each iteration enlarges the smallest root by half, as 1 / 1.5^36.
_SMALLEST_VALUE = 5e-7


class Recolor(nn.Module):
    """Move a photo's mean and covariance of RGB to the painting's (Pitié & Kokaram 2007).

    The linear Monge–Kantorovich map is the one that moves colors least:

        x ↦ A (x − μ_c) + μ_s,   A = Σ_s^½ (Σ_s^½ (Σ_c + 0.002·I) Σ_s^½)^−½ Σ_s^½

    with μ and Σ the mean and covariance of photo (c) and painting (s).
    """

    mean: Tensor
    root: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.full((3,), 0.5))
        # On the CPU at first, as on the meta device this would import the compiler.
        self.register_buffer("root", 0.25 * torch.eye(3, device="cpu"))

    @torch.no_grad()
    def take_colors_of(self, painting: Tensor, mask: Tensor | None = None) -> None:
        """Recolor to the colors of a painting (1, 3, H, W), RGB in [0, 1], from now on.

        ``mask``, (1, 1, H, W), zero or more, says where in it; None: everywhere.
        """
        mean, covariance = color_statistics(painting, mask)
        values, vectors = torch.linalg.eigh(covariance[0].double().cpu())
        root = vectors @ torch.diag(values.clamp_min(1e-6).sqrt()) @ vectors.T
        self.mean.copy_(mean[0])
        self.root.copy_(root)

    def forward(self, image: Tensor) -> Tensor:
        """Recolor (N, 3, H, W), RGB in [0, 1], by its own statistics; the same shape and range."""
        return self.with_statistics(image, *color_statistics(image))

    def with_statistics(self, image: Tensor, mean: Tensor, covariance: Tensor) -> Tensor:
        """Recolor by statistics that are given: those of a whole picture for its tiles, of a video's shot.

        Args:
            image: (N, 3, H, W), RGB in [0, 1].
            mean: (N, 3).
            covariance: (N, 3, 3).
        """
        matrix, shift = self.affine(mean, covariance)
        with torch.autocast(image.device.type, enabled=False):
            # Pixel by pixel, as they lie in the channels-last layout.
            pixels = image.float().permute(0, 2, 3, 1).flatten(1, 2)
            moved = (pixels @ matrix.transpose(1, 2) + shift[:, None]).clamp(0, 1)
        return moved.unflatten(1, image.shape[-2:]).permute(0, 3, 1, 2).to(image.dtype)

    def affine(self, mean: Tensor, covariance: Tensor) -> tuple[Tensor, Tensor]:
        """Return A, (N, 3, 3), and b, (N, 3), of the map x ↦ A x + b."""
        root = self.root.float()[None]
        flat = _FLAT * torch.eye(3, device=root.device)
        whitened = _product(_product(root, covariance.float() + flat), root)
        matrix = _product(_product(root, _inverse_root(whitened)), root)
        return matrix, self.mean.float() - (matrix * mean.float()[:, None]).sum(dim=2)


class Recolored(nn.Module):
    """A network that is given the photo in the painting's colors.

    The two can be run apart, as by the engines: the colors' few sums want full precision, and in video they
    are to change slowly, while the network may run in any precision and anywhere.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.recolor = Recolor()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        """Stylize (N, 3, H, W), RGB in [0, 1]; returns the same size and range."""
        return self.network(self.recolor(image))


def take_colors(network: nn.Module, painting: Tensor, mask: Tensor | None = None) -> None:
    """Let a network recolor to a painting (1, 3, H, W), or to where a mask (1, 1, any, any) is white in it.

    A network that does not recolor is left as it is.
    """
    for module in network.modules():
        if isinstance(module, Recolor):
            size = (painting.shape[-2], painting.shape[-1])
            module.take_colors_of(painting, None if mask is None else F.adaptive_avg_pool2d(mask, size))


def color_statistics(image: Tensor, mask: Tensor | None = None) -> Colors:
    """Return mean, (N, 3), and covariance, (N, 3, 3), of the colors of (N, 3, H, W), in float32.

    ``mask``, (1, 1, H, W), zero or more, weighs the pixels; None: all alike.
    """
    pixels = image.float().flatten(2)
    if mask is None:
        mean = pixels.mean(dim=2)
        centred = pixels - mean[..., None]
        products = [(centred * centred[:, channel, None]).mean(dim=2) for channel in range(3)]
        return mean, torch.stack(products, dim=1)
    shares = mask.float().flatten(2)
    shares = shares / shares.sum(dim=2, keepdim=True).clamp_min(1e-12)
    mean = (pixels * shares).sum(dim=2)
    centred = pixels - mean[..., None]
    products = [(centred * centred[:, channel, None] * shares).sum(dim=2) for channel in range(3)]
    return mean, torch.stack(products, dim=1)


def _product(first: Tensor, second: Tensor) -> Tensor:
    """Return the products of matrices (N or 1, 3, 3), as sums.

    A matrix product may run in TF32 or in half precision, in which the iteration below diverges.
    """
    return (first[..., None] * second[:, None]).sum(dim=2)


def _inverse_root(matrix: Tensor) -> Tensor:
    """Return M^−½ of symmetric positive matrices (N, 3, 3), for whatever may follow from it."""
    if torch.is_grad_enabled() or torch.onnx.is_in_onnx_export() or matrix.device.type != "cpu":
        return _inverse_root_by_products(matrix)
    return _inverse_root_by_eigenvalues(matrix)


def _inverse_root_by_eigenvalues(matrix: Tensor) -> Tensor:
    """Return it in 0.04 ms, where products take 0.5: each frame of a film needs one."""
    values, vectors = torch.linalg.eigh(matrix.double())
    # As small as where the iteration with products ends.
    least = _SMALLEST_VALUE * values.sum(dim=1, keepdim=True).clamp_min(1e-12)
    return ((vectors * values.maximum(least).rsqrt()[:, None]) @ vectors.mT).to(matrix.dtype)


def _inverse_root_by_products(matrix: Tensor) -> Tensor:
    """Return it by the coupled Newton–Schulz iteration.

    An eigendecomposition would be exact, but no other runtime has one, and its gradient is not finite for
    equal eigenvalues; this is products alone (Higham 2008, "Functions of Matrices", equation 6.35).
    """
    identity = torch.eye(3, device=matrix.device)[None]
    scale = matrix.diagonal(dim1=1, dim2=2).sum(dim=1)[:, None, None].clamp_min(1e-12)
    root, inverse = matrix / scale, identity.expand_as(matrix)
    for _ in range(_ITERATIONS):
        correction = 1.5 * identity - 0.5 * _product(inverse, root)
        root, inverse = _product(root, correction), _product(correction, inverse)
    return inverse * scale.rsqrt()
