"""What may be chosen for live pictures."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class LiveSettings(BaseModel):
    """Choices for a live run; all are options, too."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    source: str = Field("0", description="A camera's number, a video, or an address.")
    loop: bool = Field(False, description="Start a video again at its end.")
    size: Annotated[int, Field(ge=16, le=8192)] | None = Field(
        None, description="Long side in pixels that the network works at."
    )
    fps: Annotated[float, Field(gt=0, le=1000)] | None = Field(
        None, description="Or work as large as holds this rate; 30 by default."
    )
    strength: float = Field(1.0, ge=0, le=1, description="From 0, the camera, to 1, the stylized picture.")
    keep_colors: bool = Field(False, description="Keep the camera's colors.")
    smooth: bool = Field(False, description="Less flicker: blend frames.")
    record: Path | None = Field(None, description="Write the stylized pictures into this video.")
    virtual_camera: bool = Field(False, description="Be a camera for calls and streaming programs.")
    headless: bool = Field(False, description="Open no window; print statistics.")
    seconds: Annotated[float, Field(gt=0)] | None = Field(None, description="End after so long.")

    @model_validator(mode="after")
    def _one_of_size_and_fps(self) -> Self:
        if self.size is not None and self.fps is not None:
            raise ValueError("give size or fps, not both: fps picks the size")
        return self
