"""Train a style from Python, show its loss, and stylize a photo with it.

python train_a_style.py olive-trees.jpg photo.jpg out.png [MINUTES]
"""

import sys

import fastst
from fastst.training.monitor import StepReport

painting, photo, output, *minutes = sys.argv[1:]


def show(report: StepReport) -> None:
    """Print the loss at every twentieth step."""
    if report.step % 20 == 0:
        print(f"{report.share:4.0%}  loss {report.terms['total']:.3f}")


fastst.train(painting, "my-style.safetensors", minutes=float(*minutes or [5]), on_step=show, overwrite=True)
fastst.load("my-style.safetensors")(photo).save(output)
