"""Style networks in int8: ONNX graphs whose convolutions multiply whole numbers of 8 bits."""

from fastst.engines.int8.kept import int8_graph

__all__ = ["int8_graph"]
