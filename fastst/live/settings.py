"""What may be chosen for live pictures."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class LiveSettings(BaseModel):
    """Choices for a live run.

    Attributes:
        source: a camera's number, a film file, or a network stream's address.
        loop: start a film file again at its end.
        size: the long side in pixels that the network works at; None lets ``fps`` decide.
        fps: frames a second to hold; the working size is the largest that does.
        strength: 0 (the camera's picture) to 1 (the stylised one).
        keep_colors: keep the camera's colours.
        smooth: blend each frame with the one before, moved along.
        record: a film file to write the stylised pictures to; None records nothing.
        virtual_camera: offer the stylised pictures as a camera to other programs.
        headless: open no window.
        seconds: end after so long; None runs until it is stopped.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    source: str = "0"
    loop: bool = False
    size: Annotated[int, Field(ge=16, le=8192)] | None = None
    fps: Annotated[float, Field(gt=0, le=1000)] | None = None
    strength: float = Field(1.0, ge=0, le=1)
    keep_colors: bool = False
    smooth: bool = False
    record: Path | None = None
    virtual_camera: bool = False
    headless: bool = False
    seconds: Annotated[float, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _one_of_size_and_fps(self) -> Self:
        if self.size is not None and self.fps is not None:
            raise ValueError("give size or fps, not both: fps picks the size")
        return self
