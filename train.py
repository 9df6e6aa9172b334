"""The training command for launchers: ``accelerate launch train.py --config configs/starry-night.yaml``."""

import sys

from fastst.cli import main

if __name__ == "__main__":
    main(["train", *sys.argv[1:]])
