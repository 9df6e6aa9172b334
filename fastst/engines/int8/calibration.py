"""The pictures by which a network is brought to int8."""

from itertools import islice

from torch import Tensor
from torch.utils.data import DataLoader

from fastst.data import content_dataset

# With more of them the steps grow by as much as fewer values are cut.
_COUNT, _SIZE = 16, 512
_SEED = 5


def calibration_pictures(source: str | None = None) -> list[Tensor]:
    """Return some pictures, each (1, 3, 512, 512), RGB in [0, 1], the same every time.

    Args:
        source: a folder of photos or a data set; None: synthetic ones.

    Raises:
        UsageError: if there is no such folder, or no usable photo in it.
    """
    pictures = content_dataset(source, size=_SIZE, seed=_SEED, start=0, length=_COUNT)
    return list(islice(DataLoader(pictures, batch_size=1), _COUNT))
