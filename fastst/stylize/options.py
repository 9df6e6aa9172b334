"""What may be chosen for a picture that is stylized, and for what stylizes it."""

from typing import Annotated, Any, Self, TypedDict

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    field_validator,
    model_validator,
)

from fastst.errors import UsageError
from fastst.settings import in_one_line

_MAX_STROKE_SIZE = 16

Device = Annotated[str | None, Field(description="cpu, cuda, mps; the fastest by default.")]


class StylizeOptions(BaseModel):
    """Choices for one picture or many.

    ``strength`` blends linearly. ``keep_colors`` takes only the luminance from the stylized picture.

    Raises:
        UsageError: if ``size``, ``strength`` or ``stroke_size`` is out of range, or there is no such option.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: int | None = Field(None, description="Long side of the result in pixels.")
    strength: float = Field(1.0, description="From 0, the photo, to 1, the stylized picture.")
    keep_colors: bool = Field(False, description="Keep the photo's colors.")
    stroke_size: float = Field(
        1.0, description="Brush strokes this many times larger than the style's own, 1 to 16."
    )

    @model_validator(mode="wrap")
    @classmethod
    def _complain_in_one_line(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(values)
        except ValidationError as error:
            raise in_one_line(error, origin="stylize") from error

    @field_validator("size", mode="before")
    @classmethod
    def _check_size(cls, size: Any) -> Any:
        # Only here, as it imports Pillow, and the command line takes its options from this model.
        from fastst.images.pictures import check_size

        check_size(size)
        return size

    @field_validator("strength", mode="before")
    @classmethod
    def _check_strength(cls, strength: Any) -> Any:
        if not 0 <= strength <= 1:
            raise UsageError(f"strength is {strength}; give 0 (the photo) to 1 (the stylized picture)")
        return strength

    @field_validator("stroke_size", mode="before")
    @classmethod
    def _check_stroke_size(cls, stroke_size: Any) -> Any:
        if not 1 <= stroke_size <= _MAX_STROKE_SIZE:
            raise UsageError(
                f"stroke size is {stroke_size}; give 1, the network's own, to {_MAX_STROKE_SIZE} times that"
            )
        return stroke_size


class LoadOptions(BaseModel):
    """Choices for what stylizes pictures; ``for_video`` takes its network for video, if there is one."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    device: Device = None
    engine: str = Field(
        "torch",
        description="torch starts at once; auto is the fastest here, for many pictures; `fastst bench` names "
        "the others.",
    )
    memory: int | str | None = Field(
        None, description="Memory to keep to, such as 2G; larger pictures go in tiles. Half by default."
    )
    seed: int = Field(0, ge=0, description="Which strokes go where; 0 is the style's own.")
    for_video: bool = False


class VideoLoadOptions(LoadOptions):
    """The same for many pictures."""

    engine: str = Field("auto", description="auto is the fastest here; see fastst bench.")
    for_video: bool = True


class SheetOptions(BaseModel):
    """Choices for a sheet of one photo in many styles."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: int = Field(480, description="Long side in pixels of each picture on the sheet.")
    device: Device = None


class StylizeKeywords(TypedDict, total=False):
    """``StylizeOptions`` as keywords, for calls that take them one by one."""

    size: int | None
    strength: float
    keep_colors: bool
    stroke_size: float


class LoadKeywords(TypedDict, total=False):
    """``LoadOptions`` as keywords, likewise."""

    device: str | None
    engine: str
    memory: int | str | None
    seed: int
    for_video: bool


DEFAULT_OPTIONS = StylizeOptions()
DEFAULT_LOADING = LoadOptions()
