"""Compare every engine that runs here with torch in fp32 on photos, and an exported file at several sizes.

Usage: python scripts/engines_agree.py PHOTOS [--style starry-night]
"""

import argparse
import sys
import tempfile
from pathlib import Path

import onnxruntime
import torch
from torch import Tensor

import fastst
from fastst.engines import build_engine, difference, engines_here
from fastst.images.finding import find_pictures
from fastst.images.pictures import read_picture
from fastst.images.tensors import to_tensor
from fastst.networks.styles import load_style

_CPU = torch.device("cpu")
_FP32_MAX = 4.0
_SIZES = ((480, 640), (333, 501), (720, 1280))
_BATCHES = (1, 4)


def main() -> None:
    """Print both tables; exit with 1 if a difference is over its limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder of photos")
    parser.add_argument("--style", default="starry-night")
    arguments = parser.parse_args()
    network = load_style(arguments.style).network
    files = [file for file, _ in find_pictures([arguments.photos])]
    reference = build_engine(network, "torch", _CPU)
    photos = [to_tensor(read_picture(file).rgb)[None] for file in files]
    right = True
    print(f"{arguments.style}, {len(photos)} photos, differences to torch fp32 in gray levels of 255")
    print(f"{'engine':14} {'mean':>8} {'worst photo':>12} {'maximum':>8}")
    for kind in engines_here("cpu")[1:]:
        engine = build_engine(network, kind.name, _CPU)
        found = [255 * difference(engine, reference, photo) for photo in photos]
        means, highest = [float(one.mean()) for one in found], max(float(one.max()) for one in found)
        print(f"{kind.name:14} {sum(means) / len(means):8.4f} {max(means):12.4f} {highest:8.3f}", flush=True)
        right &= max(means) <= 255 * kind.tolerance
        right &= kind.bf16 or kind.int8 or highest <= _FP32_MAX
    print(f"\n{'ONNX file':14} {'batch':>8} {'size':>12} {'maximum':>8}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "style.onnx"
        fastst.export(arguments.style, file)
        session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        for height, width in _SIZES:
            for batch in _BATCHES:
                pictures = _enlarged(photos, batch, height, width)
                stylized = torch.from_numpy(session.run(None, {"image": pictures.numpy()})[0])
                highest = float(255 * (stylized - reference(pictures)).abs().max())
                print(f"{'opens':14} {batch:8} {f'{width} x {height}':>12} {highest:8.3f}", flush=True)
                right &= highest <= _FP32_MAX
    sys.exit(0 if right else 1)


def _enlarged(photos: list[Tensor], batch: int, height: int, width: int) -> Tensor:
    chosen = [photos[index % len(photos)] for index in range(batch)]
    return torch.cat(
        [torch.nn.functional.interpolate(photo, (height, width), mode="bilinear") for photo in chosen]
    )


if __name__ == "__main__":
    main()
