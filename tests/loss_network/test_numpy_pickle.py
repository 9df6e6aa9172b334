import hashlib
import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from fastst.errors import FaststError
from fastst.loss_network.numpy_pickle import read_numpy_pickle


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Touch:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("module", [b"numpy.core.multiarray", b"numpy._core.multiarray"])
def test_arrays_of_both_numpys_are_read(module):
    layers = {"Net": {"Conv_0": {"kernel": np.arange(6, dtype=np.float32).reshape(2, 3)}}}
    data = pickle.dumps(layers, protocol=3)
    written = next(
        name for name in (b"numpy._core.multiarray", b"numpy.core.multiarray") if b"c" + name + b"\n" in data
    )
    data = data.replace(written, module)

    read = read_numpy_pickle(data, sha256=digest(data), origin="x.ckpt")

    np.testing.assert_array_equal(read["Net"]["Conv_0"]["kernel"], [[0, 1, 2], [3, 4, 5]])


def test_payload_is_refused_and_does_not_run(tmp_path):
    target = tmp_path / "payload-ran"
    data = pickle.dumps({"kernel": np.zeros(2), "bias": Touch(target)}, protocol=3)
    with pytest.raises(FaststError, match=r"x\.ckpt: not a plain pickle of numpy arrays .*mkdir"):
        read_numpy_pickle(data, sha256=digest(data), origin="x.ckpt")
    assert not target.exists()
    pickle.loads(data)
    assert target.exists(), "the payload itself must be real for this test to mean anything"


@pytest.mark.parametrize("line", [b"cbuiltins\neval\n.", b"cnumpy\nload\n.", b"cnumpy\nndarray.tofile\n."])
def test_other_names_are_refused(line):
    with pytest.raises(FaststError, match="it asks for"):
        read_numpy_pickle(line, sha256=digest(line), origin="x.ckpt")


def test_wrong_digest_is_refused_before_unpickling(tmp_path):
    data = pickle.dumps(Touch(tmp_path / "ran"), protocol=3)
    with pytest.raises(FaststError, match=r"x\.ckpt: its sha256 is not 00"):
        read_numpy_pickle(data, sha256="00", origin="x.ckpt")
    assert not (tmp_path / "ran").exists()


def test_truncated_pickle_is_a_clear_error():
    data = pickle.dumps(np.zeros(9), protocol=3)[:-20]
    with pytest.raises(FaststError, match=r"x\.ckpt"):
        read_numpy_pickle(data, sha256=digest(data), origin="x.ckpt")
