"""What ``import fastst`` offers."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import fastst

SMALL: dict[str, Any] = {"content_layer": "relu2_1", "style_layers": {"relu1_2": 1.0}}


def test_importing_fastst_does_not_import_torch() -> None:
    code = "import sys, fastst, fastst.cli; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize("name", sorted(set(fastst.__all__) - {"__version__"}))
def test_every_name_can_be_called_and_no_module_hides_it(name: str) -> None:
    assert name in dir(fastst) and callable(getattr(fastst, name))
    assert not find_spec(f"fastst.{name}")


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'paint'"):
        fastst.paint  # noqa: B018


def test_load_and_repaint(photo: Path) -> None:
    with Image.open(photo) as image:
        painted = fastst.load("starry-night")(image)
        assert painted.size == image.size
        assert np.abs(np.asarray(painted, float) - np.asarray(image, float)).mean() > 10


class TestOptimize:
    def test_repaints_at_the_size_asked_for(self, photo: Path, painting: Path, vgg_file: Path) -> None:
        totals: list[float] = []
        result = fastst.optimize(
            photo,
            painting,
            size=48,
            style_size=64,
            steps=6,
            objective=SMALL,
            loss_network_weights=vgg_file,
            on_iteration=lambda report: totals.append(report.total),
        )
        assert max(result.size) == 48
        assert totals[-1] < totals[0]

    def test_an_unknown_setting_is_named(self, photo: Path, painting: Path) -> None:
        with pytest.raises(fastst.UsageError, match="stepz"):
            fastst.optimize(photo, painting, stepz=5)


def test_train_refuses_an_unknown_setting(painting: Path, tmp_path: Path) -> None:
    with pytest.raises(fastst.UsageError, match="style_weight"):
        fastst.train(painting, tmp_path / "s.safetensors", style_weight=5)
