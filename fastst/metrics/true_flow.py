"""Reads true optical flow in Middlebury's format (Baker et al. 2011)."""

from pathlib import Path

import numpy as np

from fastst.errors import FaststError
from fastst.flow import Flow
from fastst.paths import StrPath

_TAG = 202021.25
_UNKNOWN = 1e9
_HEADER = 12
_MOST_PIXELS = 200_000_000


def read_flow(path: StrPath) -> Flow:
    """Read a .flo file: (H, W, 2), x and y in pixels, NaN where the flow is not known.

    Raises:
        FaststError: if the file cannot be read or is no such file.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FaststError(f"{path}: cannot be read ({error.strerror}); check the name") from error
    if len(data) < _HEADER or np.frombuffer(data, "<f4", 1)[0] != _TAG:
        raise FaststError(f"{path}: is no Middlebury flow file (.flo)")
    width, height = (int(side) for side in np.frombuffer(data, "<i4", 2, offset=4))
    if not 0 < width * height <= _MOST_PIXELS or len(data) != _HEADER + 8 * width * height:
        raise FaststError(f"{path}: is cut short or damaged; fetch or copy it again")
    flow = np.frombuffer(data, "<f4", offset=_HEADER).reshape(height, width, 2).astype(np.float32)
    flow[np.abs(flow).max(axis=2) > _UNKNOWN] = np.nan
    return flow
