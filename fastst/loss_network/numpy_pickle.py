"""Read a pickle of plain numpy arrays without letting it run anything else."""

import hashlib
import io
import pickle
from typing import Any

import numpy as np

from fastst.errors import FaststError

# Under its own name this function moved between numpy 1 and 2; an array always knows where it is.
_RECONSTRUCT = np.empty(0).__reduce__()[0]

_ADMITTED: dict[tuple[str, str], Any] = {
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}


class _ArrayUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ADMITTED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}") from None


def read_numpy_pickle(data: bytes, *, sha256: str, origin: str) -> Any:
    """Return the nested dictionaries of numpy arrays in ``data``.

    The digest is checked before a byte is unpickled, and the unpickler admits only what rebuilds
    numpy arrays.

    Raises:
        FaststError: naming ``origin``, if the digest differs, or the pickle asks for anything else.
    """
    if hashlib.sha256(data).hexdigest() != sha256:
        raise FaststError(f"{origin}: its sha256 is not {sha256}; the file was changed, fetch it again")
    try:
        return _ArrayUnpickler(io.BytesIO(data)).load()
    except Exception as error:
        raise FaststError(f"{origin}: not a plain pickle of numpy arrays ({error}); refused") from error
