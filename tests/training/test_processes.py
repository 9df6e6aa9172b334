"""A training in two processes, as ``accelerate launch`` starts them."""

import os
import subprocess
import sys
from pathlib import Path

from fastst.networks.checkpoint import load_checkpoint


def test_two_processes_train_one_style_and_speak_once(painting: Path, vgg_file: Path, tmp_path: Path) -> None:
    style = tmp_path / "waves.safetensors"
    launcher = ["-m", "torch.distributed.run", "--nproc_per_node", "2", "--master_port", "29517", "train.py"]
    small = "--size 64 --style-size 64 --batch 1 --width 4 --steps 3 --minutes 5 --precision fp32"
    layers = "--content-layer relu2_1 --style-layers relu1_2"
    done = subprocess.run(
        [sys.executable, *launcher, str(painting), "-o", str(style), *small.split(), *layers.split()],
        env={**os.environ, "ACCELERATE_USE_CPU": "true", "FASTST_LOSS_NETWORK_WEIGHTS": str(vgg_file)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("3 steps") == 1
    assert load_checkpoint(style).metadata.training["pictures"] == 6
