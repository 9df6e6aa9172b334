"""Few and small pictures to bring networks to int8 by; how near that comes is for scripts/int8_table.py."""

from importlib.util import find_spec

import pytest


@pytest.fixture(autouse=True)
def _few_small_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    if find_spec("onnx") and find_spec("onnxruntime"):
        from fastst.engines.int8 import calibration

        monkeypatch.setattr(calibration, "_COUNT", 4)
        monkeypatch.setattr(calibration, "_SIZE", 192)
