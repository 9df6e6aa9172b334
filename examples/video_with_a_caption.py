"""Stylize frames one by one, and do something of your own with each.

python video_with_a_caption.py in.mp4 out.mp4
"""

import sys
from fractions import Fraction

import av
import numpy as np
from PIL import Image, ImageDraw

import fastst

source, target = sys.argv[1:]
stylizer = fastst.load("starry-night", for_video=True)
with av.open(source) as film, av.open(target, "w") as written:
    shown = film.streams.video[0]
    stream = written.add_stream("h264", rate=shown.average_rate or Fraction(25))
    stream.width, stream.height, stream.pix_fmt = shown.width, shown.height, "yuv420p"
    for number, frame in enumerate(film.decode(video=0)):
        painted = Image.fromarray(stylizer.frame(frame.to_ndarray(format="rgb24")))  # (H, W, 3), uint8
        ImageDraw.Draw(painted).text((8, 8), f"frame {number}")
        written.mux(stream.encode(av.VideoFrame.from_ndarray(np.asarray(painted), format="rgb24")))
    written.mux(stream.encode())
