import hashlib
import io
import os
import pickle
import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch

from fastst.errors import FaststError
from fastst.loss_network.convolutions import tensor_shapes
from fastst.loss_network.sources import Member, read_archive, read_numpy_pickle


def jax_layers() -> dict:
    shapes = [shape for name, shape in tensor_shapes("alexnet").items() if name.endswith("weight")]
    return {
        "AlexNet_0": {
            f"Conv_{number}": {
                "kernel": np.full((height, width, inputs, outputs), 0.25 + number, dtype=np.float32),
                "bias": np.arange(outputs, dtype=np.float32),
            }
            for number, (outputs, inputs, height, width) in enumerate(shapes)
        }
    }


def archive_of(folder, layers):
    data = pickle.dumps(layers, protocol=3)
    path = folder / "fake-1.0.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=1) as tar:
        info = tarfile.TarInfo("fake-1.0/net.ckpt")
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
    return path, Member(name=info.name, sha256=hashlib.sha256(data).hexdigest(), key="AlexNet_0")


def test_kernels_are_turned_to_torchvisions_layout(tmp_path):
    layers = jax_layers()
    layers["AlexNet_0"]["Conv_0"]["kernel"][2, 5, 1, 60] = 9.0
    archive, member = archive_of(tmp_path, layers)

    tensors = read_archive(archive, network="alexnet", member=member)

    assert {name: tuple(tensor.shape) for name, tensor in tensors.items()} == tensor_shapes("alexnet")
    assert tensors["features.0.weight"][60, 1, 2, 5] == 9.0
    assert tensors["features.10.weight"][0, 0, 0, 0] == 4.25
    torch.testing.assert_close(tensors["features.3.bias"], torch.arange(192.0))


def test_changed_member_is_refused(tmp_path):
    archive, member = archive_of(tmp_path, jax_layers())
    other = Member(name=member.name, sha256="ab" * 32, key=member.key)
    with pytest.raises(FaststError, match=r"fake-1\.0/net\.ckpt: its sha256 is not abab"):
        read_archive(archive, network="alexnet", member=other)


def test_archive_without_the_member_is_refused(tmp_path):
    archive, member = archive_of(tmp_path, jax_layers())
    other = Member(name="fake-1.0/other.ckpt", sha256=member.sha256, key=member.key)
    with pytest.raises(FaststError, match=r"other\.ckpt: cannot be read from the archive"):
        read_archive(archive, network="alexnet", member=other)


def test_other_network_is_refused(tmp_path):
    archive, member = archive_of(tmp_path, jax_layers())
    with pytest.raises(FaststError, match="does not hold the layers of vgg16"):
        read_archive(archive, network="vgg16", member=member)


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
