import importlib.util

import pytest
import torch

from fastst.engines import build_engine, engine_names, engines_here, registry
from fastst.errors import UsageError
from fastst.networks import build


def test_torch_comes_first_and_compiling_is_never_tried_unasked() -> None:
    names = [kind.name for kind in engines_here("cpu")]
    assert names[0] == "torch"
    assert "torch-compile" not in names and "torch-compile" in engine_names()


def test_an_unknown_engine_lists_those_there_are() -> None:
    with pytest.raises(UsageError, match="steam: no such engine; there are auto, torch, "):
        build_engine(build("classic", width=1), "steam", torch.device("cpu"))


def test_an_engine_that_is_not_installed_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(registry, "find_spec", lambda name: None if name == "openvino" else real(name))
    with pytest.raises(UsageError, match=r"not installed; pip install 'fastst\[openvino\]'"):
        build_engine(build("classic", width=1), "openvino", torch.device("cpu"))
    assert not any(kind.name.startswith("openvino") for kind in engines_here("cpu"))


def test_without_bf16_there_are_no_bf16_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "multiplies_in_bf16", lambda device_type: False)
    assert not any(kind.bf16 for kind in engines_here("cpu"))
    with pytest.raises(UsageError, match="does not multiply in bf16"):
        build_engine(build("classic", width=1), "torch-bf16", torch.device("cpu"))


def test_a_cpu_engine_refuses_a_gpu() -> None:
    with pytest.raises(UsageError, match="runs on the CPU, not on cuda"):
        build_engine(build("classic", width=1), "onnx", torch.device("cuda"))
