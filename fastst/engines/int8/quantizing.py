"""A style network's graph in int8, by what its maps are on some pictures."""

from collections.abc import Sequence
from typing import Any

import onnx
from numpy.typing import NDArray

from fastst.engines.int8.graph import folded
from fastst.engines.int8.rounding import round_convolutions
from fastst.engines.int8.scaling import level_inputs, level_outputs
from fastst.engines.int8.spans import measure
from fastst.engines.int8.splitting import reads_the_picture, sources, split_convolutions


def quantized(
    graph: bytes, pictures: Sequence[NDArray[Any]], *, writes_levels: bool, threads: int = 1
) -> bytes:
    """Return an ONNX file that stylizes as another does, its convolutions in int8.

    Instance norm, noise, recoloring and the blurred photo stay in floats. The first convolution reads the
    picture in 16 bits, or stays in floats too: rounded to 8 bits a smooth sky gets bands.

    Args:
        graph: an ONNX file with one input, ``image``.
        pictures: what it takes, one or more in each; the maps' spans on them set the steps.
        writes_levels: whether convolutions also write 8 bits, as ONNX Runtime needs to be quick; OpenVINO
            does not, and is nearer to floats without.
        threads: to compute with.

    Returns:
        The file, with nodes QuantizeLinear and DequantizeLinear, the same for the same pictures and threads.
    """
    edited = folded(graph)
    spans = measure(edited, sources(edited), pictures, threads=threads)
    chosen = split_convolutions(edited, spans)
    level_inputs(edited, spans)
    first = [name for name in chosen if reads_the_picture(edited, name)]
    outputs: dict[str, float] = {}
    if writes_levels:
        chosen = [name for name in chosen if name not in first]
        named = [node.output[0] for node in edited.nodes("Conv") if node.name in chosen]
        outputs = level_outputs(edited, measure(edited, named, pictures, threads=threads), chosen)
    round_convolutions(edited, chosen, spans, fine=first, outputs=outputs)
    onnx.checker.check_model(edited.model, full_check=True)
    return edited.model.SerializeToString()
