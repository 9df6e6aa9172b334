"""Which convolutions are worth int8, and those of joined maps taken apart, as only some of the maps are."""

from collections.abc import Mapping

from onnx import NodeProto, helper

from fastst.engines.int8.graph import Graph
from fastst.engines.int8.spans import Span

# Noise and the blurred photo have fewer: they would gain little, and they are what must not be rounded.
_FEWEST_CHANNELS = 8


def sources(graph: Graph) -> list[str]:
    """Return the maps that convolutions read, each once; of joined maps the parts."""
    names = (part for convolution in graph.nodes("Conv") for part in _parts(graph, convolution))
    return [name for name in dict.fromkeys(names) if graph.maker(name) is not None]


def split_convolutions(graph: Graph, spans: Mapping[str, Span]) -> list[str]:
    """Make a convolution of maps that were joined the sum of one of each part.

    So each part is rounded by its own span or not at all, and what the noise adds is computed but once where
    the runtime knows the picture's size.

    Args:
        graph: what to change.
        spans: of what ``sources`` names.

    Returns:
        The names of the convolutions that are worth int8.
    """
    nodes, chosen = [], []
    for node in graph.nodes():
        pieces = [node]
        if node.op_type == "Conv" and len(_parts(graph, node)) > 1:
            pieces = _taken_apart(graph, node, spans)
        nodes += pieces
        for piece in pieces:
            if piece.op_type == "Conv" and graph.constant(piece.input[1]).shape[1] >= _FEWEST_CHANNELS:
                chosen.append(piece.name)
    graph.replace_nodes(nodes)
    return chosen


def reads_the_picture(graph: Graph, name: str) -> bool:
    """Whether no convolution comes before that of this name: what it rounds is the picture itself."""
    (convolution,) = (node for node in graph.nodes("Conv") if node.name == name)
    waiting, met = [convolution.input[0]], set()
    while waiting:
        tensor = waiting.pop()
        maker = graph.maker(tensor)
        if tensor in met or maker is None:
            continue
        if maker.op_type == "Conv":
            return False
        met.add(tensor)
        waiting += maker.input
    return True


def _parts(graph: Graph, convolution: NodeProto) -> list[str]:
    source = graph.unpadded(convolution)
    maker = graph.maker(source)
    return list(maker.input) if maker is not None and maker.op_type == "Concat" else [source]


def _taken_apart(graph: Graph, convolution: NodeProto, spans: Mapping[str, Span]) -> list[NodeProto]:
    weights, padding = graph.constant(convolution.input[1]), graph.padding(convolution)
    pieces, sums, first = [], [], 0
    for number, part in enumerate(_parts(graph, convolution)):
        piece, channels = NodeProto(), len(spans[part].lows)
        piece.CopyFrom(convolution)
        piece.name = f"{convolution.name}/{number}"
        piece.output[0] = f"{convolution.output[0]}/{number}"
        piece.input[0], added = part, weights[:, first : first + channels]
        piece.input[1] = graph.set_constant(f"{piece.name}/weights", added)
        if number > 0:
            del piece.input[2:]
        if padding is not None:
            pieces.append(padded(padding, part, name=f"{piece.name}/pad"))
            piece.input[0] = pieces[-1].output[0]
        pieces.append(piece)
        sums.append(piece.output[0])
        first += channels
    name = f"{convolution.name}/sum"
    return [*pieces, helper.make_node("Sum", sums, [convolution.output[0]], name=name)]


def padded(padding: NodeProto, source: str, *, name: str) -> NodeProto:
    """Return a node that pads other maps in the same way, into one of its own name."""
    node = NodeProto()
    node.CopyFrom(padding)
    node.name, node.input[0], node.output[0] = name, source, name
    return node
