"""Training: settings, the loop, and what it saves."""

from fastst.training.monitor import StepReport, TrainingResult
from fastst.training.settings import TrainingSettings, gather_settings
from fastst.training.trainer import Interrupted, train, train_style

__all__ = [
    "Interrupted",
    "StepReport",
    "TrainingResult",
    "TrainingSettings",
    "gather_settings",
    "train",
    "train_style",
]
