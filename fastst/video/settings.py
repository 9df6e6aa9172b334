"""What may be chosen for a film."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# Seconds, of which no film has more.
_LONGEST = 1e8


class VideoSettings(BaseModel):
    """Choices for one film.

    Attributes:
        size: the long side of the result in pixels; None leaves it as it is.
        strength: 0 (the film) to 1 (the stylised film), blended linearly.
        keep_colors: keep the colours of the film.
        smooth: blend each frame with the one before, moved along; see ``fastst.video.smoothing``.
        start: seconds to leave out at the beginning.
        duration: seconds to take; None takes all.
        codec: an FFmpeg encoder, such as h264, hevc, av1, vp9, prores_ks; None picks by the suffix.
        crf: the encoder's constant quality, less is better; None takes the codec's default here.
        preset: the encoder's speed, such as ultrafast or slow; None takes the codec's default here.
        all_metadata: keep of the film's metadata also where it was taken.
        drop_tracks: leave out the tracks that the new file cannot hold, rather than refuse.
        fps: frames a second of an image sequence that is read, 25 if None; a film has its own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    size: Annotated[int, Field(ge=1)] | None = None
    strength: float = Field(1.0, ge=0, le=1)
    keep_colors: bool = False
    smooth: bool = False
    start: float = Field(0.0, ge=0, le=_LONGEST)
    duration: Annotated[float, Field(gt=0, le=_LONGEST)] | None = None
    codec: str | None = None
    crf: Annotated[int, Field(ge=0)] | None = None
    preset: str | None = None
    all_metadata: bool = False
    drop_tracks: bool = False
    fps: Annotated[float, Field(gt=0, le=1000)] | None = None
