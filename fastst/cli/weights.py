"""``fastst weights``: where the loss network's weights are."""

from pathlib import Path
from typing import Annotated

import typer

from fastst.cli.speech import say
from fastst.errors import shown


def weights(
    loss_network_weights: Annotated[Path | None, typer.Option(help="VGG-16 as safetensors.")] = None,
    second: Annotated[
        bool, typer.Option("--second", help="AlexNet's instead, for `evaluate`'s second opinion.")
    ] = False,
) -> None:
    """Show where the loss network's weights are, fetching them if need be."""
    from fastst.loss_network.weights import find_weights

    file = find_weights("alexnet" if second else "vgg16", path=loss_network_weights)
    say(shown(file.path))
