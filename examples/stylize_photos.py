"""Stylize photos of a folder in two styles and in the mix of both.

python stylize_photos.py photos/ out/
"""

import sys
from pathlib import Path

import fastst

source, target = map(Path, sys.argv[1:])
target.mkdir(parents=True, exist_ok=True)
for style in ("starry-night", "the-scream", "starry-night:0.5+the-scream:0.5"):
    stylizer = fastst.load(style)
    for photo in sorted(source.glob("*.jpg")):
        painted = stylizer(photo, size=512, strength=0.9)  # a Pillow image
        painted.save(target / f"{photo.stem}.{style.replace(':', '-')}.png")
