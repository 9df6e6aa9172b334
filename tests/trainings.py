"""The settings of a training that takes a second: what tests of trainings begin with."""

from typing import Any

SMALL: dict[str, Any] = {
    "size": 64,
    "style_size": 64,
    "batch": 1,
    "options": {"width": 4},
    "precision": "fp32",
    "objective": {"content_layer": "relu2_2", "style_layers": {"relu1_2": 1.0, "relu2_2": 1.0}},
}
