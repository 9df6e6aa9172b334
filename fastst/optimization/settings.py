"""How the reference method searches."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Method = Literal["adam", "lbfgs"]
Start = Literal["photo", "noise", "style"]


class ReferenceOptions(BaseModel):
    """Choices for the pictures that the reference method takes and makes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: int = Field(512, description="Long side of the result in pixels.")
    style_size: int = Field(400, description="The painting's long side in pixels: stroke scale.")
    save_every: int = Field(0, description="Write the picture so far every so many steps.")
    loss_network_weights: Path | None = Field(None, description="VGG-16 as safetensors.")


class OptimizationSettings(BaseModel):
    """How the reference optimizer searches; what it minimizes is the objective's business.

    The first ``coarse`` share of Adam's steps is made at half size, at a fifth of the cost: what is large is
    decided there, and a preview is there soon.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    steps: int = Field(100, ge=1, description="Iterations.")
    method: Method = Field("adam", description="adam or lbfgs.")
    start: Start = Field("photo", description="photo, noise or style.")
    learning_rate: float = Field(0.12, gt=0)
    """Adam's first step, in logits of the pixels; it falls along half a cosine. L-BFGS finds its own."""
    coarse: float = Field(0.5, ge=0, lt=1)
    history: int = Field(20, ge=1)
    seed: int = Field(0, ge=0, description="Decides the noise.")
