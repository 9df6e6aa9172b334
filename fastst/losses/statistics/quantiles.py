"""Optimal transport in one dimension, exact: sort both sides and match equal quantiles."""

import torch
from torch import Tensor


class QuantileFunctions:
    """The quantile functions of the style image's values, channel by channel.

    A value that fills the shares from a to b of its distribution stands at level (a + b) / 2; between
    two values the function is linear, beyond the outermost constant. So two sides with equally many
    positions of equal weight are matched value by value, and others by interpolation.

    Args:
        values: (1, C, L).
        shares: (1, 1, L), adding up to 1 over L; None for equal ones, which is quicker.
    """

    def __init__(self, values: Tensor, shares: Tensor | None) -> None:
        in_order, order = values.sort(dim=-1)
        self.values = in_order[0]
        self.levels = _levels(values, shares, order)[0].contiguous()
        shares = _uniform(values) if shares is None else shares
        self.energy = (shares * values.square()).sum(dim=(1, 2))

    def transport(self, values: Tensor, shares: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return the squared Wasserstein distance and the energy of both sides, summed over channels.

        The distance is Σ_k p_k (x_k − t_k)², where t_k is the style's value at the level of x_k: the
        matched histogram, a constant for the gradient.

        Args:
            values: (N, C, M).
            shares: (1, 1, M), adding up to 1 over M; None for equal ones.

        Returns:
            (N,) and (N,).
        """
        matched = self._matched(values.detach(), shares)
        shares = _uniform(values) if shares is None else shares
        distance = (shares * (values - matched).square()).sum(dim=(1, 2))
        return distance, (shares * values.square()).sum(dim=(1, 2)) + self.energy

    def _matched(self, values: Tensor, shares: Tensor | None) -> Tensor:
        """Return t_k at the place of each x_k, (N, C, M)."""
        in_order, order = values.sort(dim=-1)
        # In place of the sorted values, which are not needed: memory is what limits the picture's size.
        wanted = self._at(_levels(values, shares, order))
        return in_order.scatter_(-1, order, wanted.expand_as(order))

    def _at(self, levels: Tensor) -> Tensor:
        """Return the values (N or 1, C, M) at levels (N or 1, C or 1, M) in [0, 1]."""
        channels = len(self.levels) if levels.shape[1] == 1 else len(self.values)
        known = self.levels.expand(channels, -1).contiguous()
        wanted = levels.expand(-1, channels, -1).transpose(0, 1).flatten(1).contiguous()
        upper = torch.searchsorted(known, wanted).clamp_max(known.shape[-1] - 1)
        lower = (upper - 1).clamp_min(0)
        start, end = known.gather(-1, lower), known.gather(-1, upper)
        gap = (end - start).clamp_min(torch.finfo(levels.dtype).tiny)
        fraction = ((wanted - start) / gap).clamp(0, 1)
        below, above = (
            self.values.gather(-1, index.expand(len(self.values), -1)) for index in (lower, upper)
        )
        found = torch.lerp(below, above, fraction.expand_as(below))
        return found.unflatten(1, (len(levels), -1)).transpose(0, 1)


def _uniform(values: Tensor) -> Tensor:
    return values.new_full((1, 1, values.shape[-1]), 1 / values.shape[-1])


def _levels(values: Tensor, shares: Tensor | None, order: Tensor) -> Tensor:
    """Return the levels of the values in order: (N, C, M), or (1, 1, M) where all shares are equal."""
    in_order = _uniform(values) if shares is None else shares.expand_as(values).gather(-1, order)
    return in_order.cumsum(dim=-1) - in_order / 2
