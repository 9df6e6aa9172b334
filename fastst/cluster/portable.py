"""What paints, in a form that can be sent to another process, which need not have its files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Unpack

import torch
from torch import nn

from fastst.cluster.pools import WorkerPool
from fastst.engines import AUTO
from fastst.files import StrPath
from fastst.images.masks import Mask
from fastst.stylize.load import LoadKeywords, load_either
from fastst.stylize.regions import RegionStylizer
from fastst.stylize.stylizer import Stylizer, pick_device
from fastst.stylize.tiling.memory import default_memory


@dataclass(frozen=True)
class _PortableNetwork:
    """A network and its checkpoint's header."""

    network: nn.Module
    metadata: Mapping[str, Any]


@dataclass(frozen=True)
class PortableStylizer:
    """A style, or several in their regions, before an engine is chosen for them.

    Attributes:
        networks: one; or with the mask where each is wanted, as in ``RegionStylizer``.
        feather: as there.
        device: as in ``fastst.load``, where the work is done.
        engine: likewise.
        memory: likewise.
        sharers: how many processes share a machine, and its memory where ``memory`` is None.
    """

    networks: tuple[tuple[Mask | None, _PortableNetwork], ...]
    are_regions: bool
    feather: float | None
    device: str | None
    engine: str
    memory: int | str | None
    sharers: int = 1

    def shared_by(self, pool: WorkerPool) -> "PortableStylizer":
        """Return them for the processes of a pool."""
        return replace(self, sharers=pool.per_machine)

    def stylizer(self) -> Stylizer | RegionStylizer:
        """Make them ready here.

        Raises:
            UsageError: if there is no such device or engine here.
        """
        made = {id(network): self._made(network) for _, network in self.networks}
        if not self.are_regions:
            return next(iter(made.values()))
        regions = [(mask, made[id(network)]) for mask, network in self.networks]
        return RegionStylizer(regions, feather=self.feather)

    def _made(self, network: _PortableNetwork) -> Stylizer:
        memory = self.memory
        cpu = torch.device("cpu")
        is_on_cpu = self.device == "cpu" or (self.device is None and pick_device(self.engine) == cpu)
        if memory is None and is_on_cpu:  # a GPU has one process
            memory = default_memory(cpu) // self.sharers
        return Stylizer(
            network.network, network.metadata, device=self.device, engine=self.engine, memory=memory
        )


def load_portable(
    style: StrPath | None,
    *,
    regions: Sequence[str | tuple[StrPath, str]] = (),
    feather: float | None = None,
    **loading: Unpack[LoadKeywords],
) -> PortableStylizer:
    """Load styles and masks to be sent to where the work is done; arguments and errors as ``load_either``."""
    here: LoadKeywords = {**loading, "device": "cpu", "engine": "torch"}
    loaded = load_either(style, regions=regions, feather=feather, **here)
    if isinstance(loaded, RegionStylizer):
        kept = {each: _PortableNetwork(each.network, each.metadata) for _, each in loaded.regions}
        networks = tuple((mask, kept[each]) for mask, each in loaded.regions)
    else:
        networks = ((None, _PortableNetwork(loaded.network, loaded.metadata)),)
    return PortableStylizer(
        networks,
        are_regions=isinstance(loaded, RegionStylizer),
        feather=feather,
        device=loading.get("device"),
        engine=loading.get("engine", "torch"),
        memory=loading.get("memory"),
    )


def same_engine(networks: PortableStylizer, *, is_here: bool) -> PortableStylizer:
    """Return networks that every process uses with one engine, so that their pictures are alike.

    Args:
        networks: whose engine may be the fastest.
        is_here: whether the processes are on this machine, so that the fastest can be found out here; else
            it is torch, which is everywhere.

    Raises:
        UsageError: if there is no such device here.
    """
    if networks.engine != AUTO:
        return networks
    if not is_here:
        return replace(networks, engine="torch")
    made = networks.stylizer()
    first = made if isinstance(made, Stylizer) else made.regions[0][1]
    return replace(networks, engine=first.engine_name)
