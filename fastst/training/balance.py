"""How strong a style may be before it drowns the photo: found while training, for each painting."""

import math

import torch
from torch import Tensor

# What a step whose edges are off by 0.1 changes the strength by: 1 %.
_GAIN = 0.1
_WEAKEST, _STRONGEST = 0.25, 1.25


class Balance:
    """Moves the style's strength until pictures keep a given share of their photos' edges.

    One strength does not suit every painting: at that which is right for the scenes of van Gogh, cubes and
    water lilies cover the photo. The factor f on the strength follows the edges e that are left of each
    step's photos (``fastst.images.edges.edge_correlation``): log f grows by 0.1 · (e − wanted), within
    bounds of 1/4 and 5/4.

    Attributes:
        factor: on the style's strength.

    Args:
        edges: how much of the edges is wanted, in [0, 1]; 0 leaves the strength as it is.
        start: the factor to begin with, such as that which the network was trained at before.
    """

    def __init__(self, edges: float, *, start: float = 1.0) -> None:
        self._wanted = edges
        factor = min(max(start, _WEAKEST), _STRONGEST) if edges else 1.0
        self._log_factor = torch.tensor(math.log(factor), dtype=torch.float64)

    @property
    def factor(self) -> float:
        """What the style's strength is multiplied by."""
        return math.exp(float(self._log_factor))

    def observe(self, edges: Tensor) -> None:
        """Take in the edges that a step's pictures have kept, (N,)."""
        if self._wanted:
            step = _GAIN * (float(edges.mean()) - self._wanted)
            moved = min(max(float(self._log_factor) + step, math.log(_WEAKEST)), math.log(_STRONGEST))
            self._log_factor.fill_(moved)

    def state_dict(self) -> dict[str, Tensor]:
        """Return what a saved training keeps of it."""
        return {"log_factor": self._log_factor}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Go on from a saved state."""
        self._log_factor.copy_(state["log_factor"])
