"""What may be chosen for a video."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# Seconds, of which no video has more.
_LONGEST = 1e8


class VideoSettings(BaseModel):
    """Choices for one video; those with a description are options, too.

    Without a ``codec`` the output's suffix decides, and without ``crf`` and ``preset`` the codec's defaults
    here hold. With ``all_metadata`` the video's place is kept, too. ``smooth`` is what
    ``fastst.video.smoothing`` says.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    size: Annotated[int, Field(ge=1)] | None = Field(None, description="Long side of the result in pixels.")
    strength: float = Field(1.0, ge=0, le=1, description="From 0, the video, to 1, the stylized video.")
    keep_colors: bool = Field(False, description="Keep the video's colors.")
    smooth: bool = Field(False, description="Less flicker: blend in the frame before, moved along.")
    start: float = Field(0.0, ge=0, le=_LONGEST, description="Seconds to leave out at the beginning.")
    duration: Annotated[float, Field(gt=0, le=_LONGEST)] | None = Field(None, description="Seconds to take.")
    codec: str | None = Field(
        None,
        description="h264, hardware, hevc, av1, vp9 or an FFmpeg encoder; by the output's suffix by default.",
    )
    crf: Annotated[int, Field(ge=0)] | None = Field(None, description="Constant quality; less is better.")
    preset: str | None = Field(None, description="The encoder's speed, such as slow.")
    all_metadata: bool = False
    drop_tracks: bool = Field(False, description="Leave out tracks that the new file cannot hold.")
    fps: Annotated[float, Field(gt=0, le=1000)] | None = Field(
        None, description="Frames a second of a folder of pictures; 25 by default."
    )
