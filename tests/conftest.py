"""What many tests need: a loss network with random weights, a painting and a photo."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import settings as hypothesis_settings
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor, nn

from fastst.stylize.stylizer import Stylizer
from tests.films import FilmMaker, write_film

# The first example pays for imports, and other work may have the cores.
hypothesis_settings.register_profile("no deadline", deadline=None)
hypothesis_settings.load_profile("no deadline")

# torchvision's indices of VGG-16's convolutions up to relu4_3, with their inputs and outputs.
_VGG = {0: (3, 64), 2: (64, 64), 5: (64, 128), 7: (128, 128), 10: (128, 256), 12: (256, 256), 14: (256, 256)}
_VGG |= {17: (256, 512), 19: (512, 512), 21: (512, 512)}


@pytest.fixture(scope="session", autouse=True)
def _nothing_of_the_users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let tests, and the processes that they start, see the shipped styles alone, and no cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FASTST_STYLES", str(tmp_path_factory.mktemp("styles") / "none"))
        patch.setenv("FASTST_CACHE", str(tmp_path_factory.mktemp("cache")))
        # It would bring ONNX Runtime into processes that hold Arrow, which crash now and then.
        patch.setattr("fastst.stylize.kept.keep", lambda *arguments, **options: None)
        yield


@pytest.fixture(scope="session")
def vgg_weights() -> dict[str, Tensor]:
    """Random weights that keep the features' size from layer to layer, up to relu4_3."""
    generator = torch.Generator().manual_seed(0)
    weights = {}
    for index, (inputs, outputs) in _VGG.items():
        scale = (2 / (9 * inputs)) ** 0.5
        weights[f"features.{index}.weight"] = scale * torch.randn(outputs, inputs, 3, 3, generator=generator)
        weights[f"features.{index}.bias"] = torch.zeros(outputs)
    return weights


@pytest.fixture(scope="session")
def vgg_file(vgg_weights: dict[str, Tensor], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in a file, in half precision."""
    path = tmp_path_factory.mktemp("weights") / "vgg16.safetensors"
    save_file({name: tensor.half() for name, tensor in vgg_weights.items()}, path)
    return path


@pytest.fixture(scope="session")
def painting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small painting: diagonal waves of blue and yellow."""
    rows, columns = np.mgrid[0:96, 0:128]
    wave = 0.5 + 0.5 * np.sin((rows + columns) / 4.0)
    pixels = np.stack([wave, wave, 1 - 0.5 * wave], axis=-1)
    path = tmp_path_factory.mktemp("painting") / "waves.png"
    Image.fromarray((255 * pixels).astype(np.uint8)).save(path)
    return path


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small photo: a bright disc on a gradient, sides no multiples of 4."""
    rows, columns = np.mgrid[0:75, 0:101]
    disc = ((rows - 30) ** 2 + (columns - 50) ** 2 < 400).astype(float)
    pixels = np.stack([disc, columns / 101, 0.5 * np.ones_like(disc)], axis=-1)
    path = tmp_path_factory.mktemp("photo") / "disc.jpg"
    Image.fromarray((255 * pixels).astype(np.uint8)).save(path, quality=95)
    return path


@pytest.fixture(scope="session")
def identity() -> Stylizer:
    """A stylizer whose network gives back what it gets."""
    return Stylizer(nn.Identity(), {}, device="cpu")


@pytest.fixture
def make_film(tmp_path: Path) -> FilmMaker:
    """Return a function that writes a small video into the test's folder, with a name and options."""
    return lambda name="video.mp4", **options: write_film(tmp_path / name, **options)
