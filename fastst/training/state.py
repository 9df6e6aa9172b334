"""What a training saves: its state on disk, from which it continues exactly."""

import hashlib
import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from fastst.errors import FaststError, UsageError
from fastst.files import atomic_path, check_is_file
from fastst.losses.settings import recorded_objective
from fastst.networks.checkpoint import not_finite, weights_digest
from fastst.networks.lineage import FROM_NOTHING
from fastst.networks.styles import BASES
from fastst.settings import by_their_names
from fastst.training.settings import TrainingSettings


@dataclass(frozen=True)
class Progress:
    """How far a training has come: steps done and the seconds they took, earlier sessions included."""

    step: int
    seconds: float


def state_path(output: Path) -> Path:
    """Return where the state of the training that will write ``output`` is kept."""
    return output.with_name(f"{output.stem}.state.safetensors")


def save_state(
    path: Path,
    *,
    network: nn.Module,
    ema: nn.Module,
    optimizers: Mapping[str, torch.optim.Optimizer],
    balance: Mapping[str, Tensor],
    progress: Progress,
    settings: Mapping[str, Any],
) -> None:
    """Write weights, their EMA and the optimizers' moments in full precision; whole or not at all.

    ``optimizers`` go by the names under which their moments are kept.
    """
    tensors = {f"network.{name}": value for name, value in network.state_dict().items()}
    tensors |= {f"average.{name}": value for name, value in ema.state_dict().items()}
    for kept_as, optimizer in optimizers.items():
        for index, moments in optimizer.state_dict()["state"].items():
            tensors |= {f"{kept_as}.{index}.{name}": value for name, value in moments.items()}
    tensors |= {f"balance.{name}": value for name, value in balance.items()}
    header = {
        "step": str(progress.step),
        "seconds": repr(progress.seconds),
        "settings": json.dumps(settings, sort_keys=True),
    }
    tensors = {name: value.contiguous().cpu() for name, value in tensors.items()}
    header["digest"] = state_digest(header, tensors)
    with atomic_path(path) as temporary:
        temporary.write_bytes(save(tensors, metadata=header))


def state_digest(header: Mapping[str, str], tensors: Mapping[str, Tensor]) -> str:
    """Return the sha256 over what a state says of itself, but for its digest, and over its tensors."""
    said = json.dumps({name: value for name, value in header.items() if name != "digest"}, sort_keys=True)
    return hashlib.sha256(f"{said}{weights_digest(tensors)}".encode()).hexdigest()


def saved_step(path: Path) -> int:
    """Return the step of a saved state; 0 if there is none.

    Raises:
        FaststError: if it cannot be read.
    """
    if not os.path.lexists(path):
        return 0
    try:
        return int(_header(path)["step"])
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path) from error


def saved_setting(path: Path, name: str) -> Any:
    """Return a setting that a saved training began with, by its name; None if it has none of that name.

    Raises:
        FaststError: if it cannot be read.
    """
    try:
        return json.loads(_header(path)["settings"]).get(name)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(path) from error


def _header(path: Path) -> dict[str, str]:
    check_is_file(path, what="a saved training")
    try:
        with safe_open(path, framework="pt") as file:
            return file.metadata() or {}
    except (OSError, SafetensorError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> FaststError:
    return FaststError(f"{path}: the saved training is damaged; delete it and begin again")


def load_state(
    path: Path,
    *,
    network: nn.Module,
    ema: nn.Module,
    optimizers: Mapping[str, torch.optim.Optimizer],
    settings: Mapping[str, Any],
) -> tuple[Progress, dict[str, Tensor]]:
    """Put a saved state back into the network, its EMA and the optimizers; return the rest.

    The rest is the balance's state, which is empty in a state from before there was one.

    Raises:
        UsageError: if there is nothing to resume or the settings differ from those it began with.
        FaststError: if it is no file, or is damaged in any way: not its digest alone is checked, but that
            step, seconds, shapes and values are those that a training can have.
    """
    if not os.path.lexists(path):
        raise UsageError(f"{path}: there is no training to resume here; leave out --resume to begin one")
    check_is_file(path, what="a saved training")
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata()
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        _check_digest(path, header, tensors)
        _check_same_settings(path, _as_recorded_now(json.loads(header["settings"]), settings), settings)
        _check_optimizers(path, tensors, optimizers)
        progress = _progress(header, settings)
        if not_finite(tensors):
            raise ValueError(f"{not_finite(tensors)} is not finite")
        moments = {
            kept_as: _moments(optimizer, _under(f"{kept_as}.", tensors), step=progress.step)
            for kept_as, optimizer in optimizers.items()
        }
        _check_fits(network, _under("network.", tensors))
        _check_fits(ema, _under("average.", tensors))
        network.load_state_dict(_under("network.", tensors))
        ema.load_state_dict(_under("average.", tensors))
        for kept_as, optimizer in optimizers.items():
            optimizer.load_state_dict({**optimizer.state_dict(), "state": moments[kept_as]})
        return progress, _under("balance.", tensors)
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise _damaged(path) from error


def _check_digest(path: Path, header: Mapping[str, str], tensors: Mapping[str, Tensor]) -> None:
    if "digest" not in header and header.keys() == {"step", "seconds", "settings"}:
        raise FaststError(
            f"{path}: was saved by an older fastst, without a digest to check it by; resume it with that "
            "one, or delete it and begin again"
        )
    if header["digest"] != state_digest(header, tensors):
        raise ValueError("its digest differs")


def _progress(header: Mapping[str, str], settings: Mapping[str, Any]) -> Progress:
    progress = Progress(step=int(header["step"]), seconds=float(header["seconds"]))
    if not 0 <= progress.step <= settings["steps"] or not 0 <= progress.seconds < math.inf:
        raise ValueError(f"no training can be as far as {progress}")
    return progress


def _check_optimizers(
    path: Path, tensors: Mapping[str, Tensor], optimizers: Mapping[str, torch.optim.Optimizer]
) -> None:
    kept = {name.partition(".")[0] for name in tensors}
    if others := kept - {"network", "average", "balance", *optimizers}:
        raise FaststError(
            f"{path}: holds the state of another optimizer ({', '.join(sorted(others))}); delete it and "
            "begin again"
        )


def _check_fits(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    # load_state_dict would have taken the half of them when it complains.
    wanted = {name: value.shape for name, value in network.state_dict().items()}
    if wanted != {name: value.shape for name, value in tensors.items()}:
        raise ValueError("the weights are not those of the network")


def _as_recorded_now(saved: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """Return the saved settings as this fastst would have recorded them.

    What an older one did not know is at its default, but for the optimizer, the balance and the objective;
    see ``recorded_objective``. It left ``init`` empty for a network begun from nothing, or at its default
    where the network had been chosen.
    """
    settings = {
        "optimizer": "adam",
        "edges": 0.0,
        **by_their_names(saved),
        "output": "any.safetensors",
        "init": saved["init"] or FROM_NOTHING,
        "objective": recorded_objective(saved.get("objective", {})),
    }
    recorded = TrainingSettings.model_validate(settings).what_decides_the_result()
    defaults = TrainingSettings.model_fields
    chosen = any(recorded[name] != defaults[name].default for name in ("architecture", "options"))
    if chosen and (recorded["init"], current["init"]) == (BASES["brush"], FROM_NOTHING):
        recorded["init"] = FROM_NOTHING
    return recorded


def _check_same_settings(path: Path, saved: Mapping[str, Any], current: Mapping[str, Any]) -> None:
    for name in sorted({*saved, *current}):
        if saved.get(name) != current.get(name):
            raise UsageError(
                f"{path}: began with {name} {saved.get(name)}, not {current.get(name)}; "
                "resume with the same settings, or start from its result with --init"
            )


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _moments(
    optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor], *, step: int
) -> dict[int, dict[str, Tensor]]:
    """Return an optimizer's moments by the numbers of their parameters, which after a step all have theirs.

    Raises:
        ValueError: if one is missing, or is of no parameter or not of its shape.
    """
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    moments: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        index, moment = name.split(".")
        if not index.isdecimal() or int(index) >= len(parameters):
            raise ValueError(f"{name} is of no parameter")
        like = parameters[int(index)]
        if value.shape not in (like.shape, ()):
            raise ValueError(f"{name} has not the shape of its parameter")
        # In the parameter's own memory layout, or every later step would mix two.
        kept = torch.empty_like(like).copy_(value) if value.shape == like.shape else value
        moments.setdefault(int(index), {})[moment] = kept
    if (
        len(moments) != (len(parameters) if step else 0)
        or len({frozenset(each) for each in moments.values()}) > 1
    ):
        raise ValueError("there are not as many moments as parameters")
    return moments
