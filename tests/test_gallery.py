"""The script that trains many styles at once, on tiny pictures and a loss network of random weights."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

import fastst
from fastst.networks.checkpoint import load_checkpoint

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, vgg_weights: dict[str, Tensor], painting: Path) -> Path:
    folder = tmp_path_factory.mktemp("gallery")
    weights = {name: tensor.contiguous() for name, tensor in vgg_weights.items()}
    save_file(weights, folder / "vgg.safetensors")
    with Image.open(painting) as picture:
        picture.convert("RGB").save(folder / "waves.png")
    Image.new("RGB", (64, 64), (200, 30, 30)).save(folder / "red_square.png")
    return folder


def run(folder: Path, output: Path, *, images: int) -> str:
    command = [
        *(sys.executable, str(ROOT / "scripts" / "train_gallery.py")),
        *(str(folder / "waves.png"), str(folder / "red_square.png"), "-o", str(output)),
        *("--architecture", "brush", "--size", "64", "--style-size", "64", "--images", str(images)),
        *("--batch", "4", "--styles-per-step", "2", "--save-every", "1", "--learning-rate", "0.01"),
        *("--loss-network-weights", str(folder / "vgg.safetensors")),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_each_painting_becomes_a_style_and_their_mean_a_base(folder: Path, tmp_path: Path) -> None:
    told = run(folder, tmp_path, images=16)
    assert "4/4" in told
    waves, red, base = (
        load_checkpoint(tmp_path / f"{name}.safetensors") for name in ("waves", "red-square", "base")
    )
    assert red.metadata.title == "Red Square" and red.metadata.training["gallery"] == ["waves", "red-square"]
    weights = [style.network.state_dict() for style in (waves, red, base)]
    shared = "network.gather.convolution.weight"
    assert torch.equal(weights[0][shared], weights[1][shared])
    own = "network.gather_norm.weight"
    assert not torch.equal(weights[0][own], weights[1][own])
    torch.testing.assert_close((weights[0][own] + weights[1][own]) / 2, weights[2][own], rtol=0, atol=2e-3)
    flat = fastst.load(tmp_path / "red-square.safetensors")(Image.new("RGB", (64, 64), (20, 90, 160)))
    red_channel, green_channel, _ = np.asarray(flat, dtype=float).mean(axis=(0, 1))
    assert red_channel > 2 * green_channel


def test_it_goes_on_where_it_was(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path, images=8)
    written = tmp_path / "waves.safetensors"
    before = load_checkpoint(written).metadata.weights_digest
    written.unlink()
    told = run(folder, tmp_path, images=8)
    assert "1/2" not in told  # nothing was left to do
    assert load_checkpoint(written).metadata.weights_digest == before
