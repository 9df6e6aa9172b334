"""What may be chosen for measuring pictures, video and speed."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from fastst.stylize.options import Device


class EvaluateOptions(BaseModel):
    """Choices for measuring a style: on videos ``frames`` and ``smooth``, on photos the rest but ``size``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    frames: int = Field(120, description="Frames of each video at most.")
    smooth: bool = Field(False, description="Measure videos as --smooth leaves them.")
    size: int = Field(512, description="Long side of photos and videos in pixels.")
    equivalence_sizes: tuple[int, ...] = Field(
        (),
        description="Also count the L-BFGS iterations that reach it, at this long side; repeatable, slow.",
    )
    equivalence_photos: int = Field(2, description="On how many of the photos.")
    equivalence_limit: int = Field(300, description="Iterations at which to stop counting.")
    loss_network_weights: Path | None = Field(None, description="VGG-16 as safetensors.")


class BenchOptions(BaseModel):
    """Choices for timing a style."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sizes: tuple[str, ...] = Field(("640x480", "1280x720"), description="Such as 640x480; repeatable.")
    seconds: float = Field(20.0, description="How long to measure in all, after the warm-up.")
    engines: tuple[str, ...] = Field(
        (), description="Such as torch or openvino-bf16; repeatable; all by default."
    )
    device: Device = None
