"""How fast the network learns as the training goes on."""

import math


def learning_rate(*, step: int, progress: float, peak: float, warm_up: int) -> float:
    """Return the rate of one step: a linear warm-up, then half a cosine down to a hundredth.

    Args:
        step: steps done before this one.
        progress: the share of the training that is done, in [0, 1], of steps or of minutes,
            whichever is further, so that a training cut by the clock still ends on a low rate.
        peak: the highest rate.
        warm_up: steps until the peak.
    """
    warmth = min(1.0, (step + 1) / (warm_up + 1))
    cosine = 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))
    return peak * warmth * (0.01 + 0.99 * cosine)
