"""What the page offers: each style's networks as files, and the list of them that the page reads."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from torch import nn

from fastst.errors import FaststError
from fastst.networks.checkpoint import Checkpoint
from fastst.networks.lineage import lineage
from fastst.networks.recolor import Recolored
from fastst.networks.styles import installed_header
from fastst.web.graph import difference, web_network

# In gray levels of 255, on average.
_TOLERANCE = 1.0


@dataclass(frozen=True)
class WebStyle:
    """A style with its networks: for photos and for the camera, which may be one.

    Attributes:
        name: of the style's files, which no other style in the catalogue has.
    """

    name: str
    photo: Checkpoint
    live: Checkpoint

    @property
    def has_two(self) -> bool:
        """Whether photos and the camera have networks of their own."""
        return self.photo.metadata.weights_digest != self.live.metadata.weights_digest


@dataclass
class Catalogue:
    """The files of the page's styles.

    Attributes:
        files: contents by name, ``/`` between the folders.
        styles: what the page is told, one entry a style, as JSON.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    styles: list[dict[str, Any]] = field(default_factory=list)
    _families: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, style: WebStyle) -> None:
        """Add a style's networks; a graph that is there already is shared.

        Raises:
            FaststError: if a network's graph does not stylize as the network does.
        """
        photo = self._add_network(style.photo, file=f"photo/{style.name}.bin")
        live = self._add_network(style.live, file=f"live/{style.name}.bin") if style.has_two else photo
        header = style.photo.metadata
        told = {"title": header.title, "painter": header.painter, "year": header.year}
        self.styles.append({"name": style.name, **told, "photo": photo, "live": live})

    def _add_network(self, checkpoint: Checkpoint, *, file: str) -> dict[str, Any]:
        network, recolor = _apart(checkpoint.network)
        parts = web_network(network)
        off = difference(parts, network)
        if not off <= _TOLERANCE:
            raise FaststError(
                f"{checkpoint.metadata.title}: not written, as its graph is off by {off:.1f} gray levels; "
                "please report it"
            )
        digest = sha256(parts.graph).hexdigest()[:8]
        graph = f"graphs/{checkpoint.metadata.architecture}-{digest}.onnx"
        self.files[graph] = parts.graph
        self.files[file] = parts.weights.tobytes()
        family = self._family((graph, *lineage(checkpoint.metadata, installed_header)))
        return {"graph": graph, "weights": file, "family": family, "recolor": recolor}

    def _family(self, key: tuple[Any, ...]) -> int:
        """Return the number of those that can be mixed: of one graph and one descent."""
        if key not in self._families:
            self._families.append(key)
        return self._families.index(key)


def _apart(network: nn.Module) -> tuple[nn.Module, dict[str, Sequence[float]] | None]:
    """Split what recolors from the network that paints: the page does the former itself, pixel by pixel."""
    if not isinstance(network, Recolored):
        return network, None
    recolor = network.recolor
    return network.network, {"mean": recolor.mean.tolist(), "root": recolor.root.flatten().tolist()}
