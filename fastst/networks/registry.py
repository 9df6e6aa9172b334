"""Style networks by name: each architecture's file registers one builder."""

import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from fastst.errors import UsageError

if TYPE_CHECKING:
    from torch import nn

Builder = Callable[..., "nn.Module"]
# A new architecture is one file here, which is imported only when a network is to be built.
_FILES = ("brush", "classic", "swift")
_builders: dict[str, Builder] = {}


def register(name: str) -> Callable[[Builder], Builder]:
    """Register the decorated function as the builder of the architecture ``name``."""

    def add(builder: Builder) -> Builder:
        _builders[name] = builder
        return builder

    return add


def architectures() -> list[str]:
    """Return the names of every architecture."""
    return sorted(_registered())


def build(architecture: str, **options: Any) -> "nn.Module":
    """Build an untrained network that maps (N, 3, H, W) in [0, 1] to the same shape and range.

    Args:
        architecture: one of ``architectures()``.
        options: what its builder takes, such as ``width``.

    Raises:
        UsageError: for an unknown name, an unknown option or an impossible value.
    """
    return _builder(architecture)(**all_options(architecture, options))


def all_options(architecture: str, options: Mapping[str, int]) -> dict[str, int]:
    """Return the options with the builder's defaults filled in.

    Raises:
        UsageError: as ``build``.
    """
    accepted = inspect.signature(_builder(architecture)).parameters
    for option, value in options.items():
        if option not in accepted:
            raise UsageError(f"architecture {architecture} takes no {option}; it takes {', '.join(accepted)}")
        # 0 leaves a stage out, where there is one to leave out.
        least = 0 if option == "full" else 1
        if not isinstance(value, int) or not least <= value <= 1024:
            raise UsageError(
                f"architecture {architecture}: {option} must be between {least} and 1024, not {value}"
            )
    return {name: parameter.default for name, parameter in accepted.items()} | dict(options)


def _builder(architecture: str) -> Builder:
    if architecture not in _registered():
        raise UsageError(f"{architecture}: no such architecture; there are {', '.join(architectures())}")
    return _builders[architecture]


def _registered() -> dict[str, Builder]:
    for name in _FILES:
        import_module(f"fastst.networks.{name}")
    return _builders
