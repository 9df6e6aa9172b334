"""Train a style network on one painting with perceptual losses (Johnson et al. 2016)."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastst.files import StrPath, refuse_overwriting, refuse_replacing
from fastst.networks.header import Metadata
from fastst.settings import validated
from fastst.training.continuing import continued
from fastst.training.loop import Training, preview_path
from fastst.training.monitor import StepReport, TrainingResult
from fastst.training.settings import TrainingSettings
from fastst.training.state import state_path


def train(
    painting: StrPath,
    output: StrPath,
    *,
    resume: bool = False,
    overwrite: bool = False,
    on_step: Callable[[StepReport], None] = lambda report: None,
    should_finish: Callable[[], bool] = lambda: False,
    **settings: Any,
) -> TrainingResult:
    """Train a style on a painting and write its checkpoint.

    Args:
        painting: the style image's path.
        output: the checkpoint's path, ending in .safetensors.
        resume: continue a training that was stopped, or train the result of one that has ended further.
        overwrite: whether a checkpoint that is there already is replaced.
        on_step: called after every step.
        should_finish: asked after every step; if true, the training ends there as if it were at its end.
        settings: any field of ``TrainingSettings``, such as ``steps=2000``,
            ``minutes=5``, ``data="photos/"``, ``objective={"style_weight": 1.5}``.

    Raises:
        UsageError: for a setting that is unknown or out of range, or a checkpoint that is there already.
        FaststError: if a file cannot be read or written.
    """
    values = {**settings, "painting": painting, "output": output}
    chosen = validated(TrainingSettings, values, origin="train")
    return train_style(
        chosen, resume=resume, overwrite=overwrite, on_step=on_step, should_finish=should_finish
    )


def train_style(
    settings: TrainingSettings,
    *,
    resume: bool = False,
    overwrite: bool = False,
    on_step: Callable[[StepReport], None] = lambda report: None,
    should_finish: Callable[[], bool] = lambda: False,
) -> TrainingResult:
    """Train, and write the checkpoint that ``settings.output`` names.

    ``resume`` goes on with a training that was stopped, or, with its result, where it has ended.
    ``should_finish`` as in ``train``; of several processes, any may say so.

    On a CPU in fp32 a training that was killed and resumed ends bit-identical to one that never
    was: content images, shifts and motions are drawn from the seed and the step alone.

    Raises:
        UsageError: for settings that cannot be met, and for outputs that are inputs, or are there already and
            ``overwrite`` is False.
        Interrupted: after Ctrl-C, with the state saved.
        FaststError: if a file cannot be read or written, or the loss is no longer a number.
    """
    past = None
    if resume:
        settings, past = continued(settings)
        resume = past is None or os.path.lexists(state_path(settings.output))
    _check_outputs(settings, resume=resume, past=past, overwrite=overwrite)
    return Training(settings, resume=resume, past=past).run(on_step, should_finish)


def _check_outputs(
    settings: TrainingSettings, *, resume: bool, past: Metadata | None, overwrite: bool
) -> None:
    preview = [preview_path(settings)] if settings.preview_every else []
    inputs = [settings.painting, settings.style_mask, settings.loss_network_weights]
    inputs += [] if past else [Path(settings.init)]
    outputs = [settings.output, state_path(settings.output), *preview]
    refuse_overwriting(outputs, [file for file in inputs if file is not None])
    goes_on = resume or past is not None
    refuse_replacing(
        [*([] if past else [settings.output]), *([] if goes_on else preview)], overwrite=overwrite
    )
