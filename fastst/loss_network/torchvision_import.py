"""Import torchvision beside a torch whose build its compiled operators do not fit.

With a CPU build of torch, the usual torchvision cannot load its compiled operators, and then fails to
import because it describes two of them, ``torchvision::nms`` and ``torchvision::qnms``, that do not
exist. fastst uses only torchvision's weights and transforms, never these operators, so declaring their
signatures is enough. Where torchvision imports as it is, nothing is declared.

Use it as ``from fastst.loss_network.torchvision_import import torchvision``.
"""

import importlib
import sys
from types import ModuleType

import torch

from fastst.errors import FaststError

_OPERATORS = ("nms", "qnms")
_SIGNATURE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"

# torch forgets what a Library declared once the object is collected.
_declarations: list[torch.library.Library] = []


def _lacks_operators(error: RuntimeError) -> bool:
    return "does not exist" in str(error) and any(f"torchvision::{name}" in str(error) for name in _OPERATORS)


def _declare_missing_operators() -> None:
    library = torch.library.Library("torchvision", "FRAGMENT")
    _declarations.append(library)
    for name in _OPERATORS:
        if not hasattr(torch.ops.torchvision, name):
            torch.library.define(f"torchvision::{name}", _SIGNATURE, lib=library)


def _forget_half_imported() -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]


def _import_declaring_operators() -> ModuleType:
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if not _lacks_operators(error):
            raise
    _forget_half_imported()
    _declare_missing_operators()
    return importlib.import_module("torchvision")


def _import_torchvision() -> ModuleType:
    try:
        return _import_declaring_operators()
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise FaststError(
            f"torchvision cannot be imported with torch {torch.__version__} ({reason}); "
            "install the torchvision made for this torch: https://pytorch.org/get-started/locally"
        ) from error


torchvision = _import_torchvision()
