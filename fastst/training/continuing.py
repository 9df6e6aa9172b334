"""Going on with a training that has ended: from its result, which keeps its past in its header."""

import os

from fastst.errors import UsageError
from fastst.networks.header import Metadata, read_metadata
from fastst.training.settings import TrainingSettings
from fastst.training.state import saved_setting, state_path


def continued(settings: TrainingSettings) -> tuple[TrainingSettings, Metadata | None]:
    """Return the settings of a training from the result that is there already, and that result's header.

    They are returned as they are, with None, where no training has ended, or where the state of one that has
    not lies beside it.

    Raises:
        UsageError: if the result is of another painting.
        FaststError: if the result or the state cannot be read.
    """
    output, state = settings.output, state_path(settings.output)
    if not os.path.lexists(output):
        return settings, None
    if os.path.lexists(state) and saved_setting(state, "init") != str(output):
        return settings, None
    past = past_of(settings)
    # Another seed, for other content images than it has seen.
    changes = {"init": str(output), "seed": settings.seed + past.steps}
    return settings.model_copy(update=changes), past


def past_of(settings: TrainingSettings) -> Metadata:
    """Return the header of the result that is there already.

    Raises:
        UsageError: if it is of another painting.
        FaststError: if it cannot be read.
    """
    past = read_metadata(settings.output)
    painting = past.training.get("painting")
    if painting != settings.painting.name:
        raise UsageError(
            f"{settings.output}: is of {painting}, not of {settings.painting.name}; choose another -o"
        )
    return past


def with_past(metadata: Metadata, past: Metadata) -> Metadata:
    """Return the header of a training that went on: what it began with, and the sums of what it saw."""
    pictures = sum(int(each.training.get("pictures") or 0) for each in (past, metadata))
    began = {name: past.training.get(name) for name in ("init", "seed")}
    return metadata.model_copy(
        update={
            "steps": past.steps + metadata.steps,
            "training": {**metadata.training, **began, "pictures": pictures},
        }
    )
