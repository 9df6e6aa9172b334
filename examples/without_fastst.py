"""Stylize a photo with an exported style; it needs onnxruntime and Pillow alone.

fastst export starry-night --uint8 -o starry-night.onnx
python without_fastst.py starry-night.onnx photo.jpg out.png
"""

import sys

import numpy as np
import onnxruntime
from PIL import Image

style, photo, output = sys.argv[1:]
session = onnxruntime.InferenceSession(style)
pixels = np.asarray(Image.open(photo).convert("RGB"))[None]  # (1, H, W, 3), uint8, sides of at least 32 px
(painted,) = session.run(["stylised"], {"image": pixels})
Image.fromarray(painted[0]).save(output)
