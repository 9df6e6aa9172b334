"""Everything that decides how a style is trained."""

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from fastst.errors import UsageError
from fastst.losses.settings import ObjectiveSettings
from fastst.networks.lineage import FROM_NOTHING
from fastst.networks.styles import BASES
from fastst.settings import by_their_names


class TrainingSettings(BaseModel):
    """The settings of one training, with their defaults; those with a description are options, too.

    ``size`` and ``style_size`` together set the scale of the strokes. ``init`` is the ``architecture``'s
    base, if there is one, unless ``options`` are given, which begin from nothing. With ``edges`` the strength
    is turned down where less of a photo's contours stays, and a little up where more does; 0 leaves it as it
    is; see ``fastst.training.balance``. ``temporal_weight`` is that of the temporal
    loss, for pairs of frames; see ``fastst.training.step``. ``ema_decay`` is that of the weights' exponential
    moving average.
    """

    # YAML reads an unquoted year as a number.
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, allow_inf_nan=False)

    painting: Path
    output: Path
    data: str = Field(
        "synthetic", description="Folder of photos, Hugging Face data set, or synthetic: made on the spot."
    )
    steps: int = Field(2000, ge=1, description="Stop after so many steps.")
    minutes: float | None = Field(None, gt=0, description="Stop after so many minutes, if that comes first.")
    size: int = Field(256, ge=64, le=2048, description="Side of the training crops in pixels.")
    style_size: int = Field(
        400, ge=64, le=4096, description="The painting's long side in pixels: stroke scale."
    )
    style_mask: Path | None = Field(None, description="White: the part of the painting that is the style.")
    batch: int = Field(2, ge=1, description="Pictures a step and process.")
    accumulation: int = Field(1, ge=1, description="Batches whose gradients make one step.")

    architecture: str = Field("brush", description="The network: brush, brush-wide, swift, classic.")
    options: dict[str, int] = {}
    init: str = Field(
        BASES["brush"], description="Start from this style's network, or from nothing: far slower."
    )
    objective: ObjectiveSettings = Field(default_factory=ObjectiveSettings)
    edges: float = Field(
        0.78, ge=0, lt=1, description="How much of the photo's contours stays; the strength follows."
    )
    temporal_weight: float = Field(
        0.0, ge=0, description="Of the temporal loss, against flicker in video; 1 is good."
    )

    optimizer: Literal["muon", "adam"] = "muon"
    learning_rate: float = Field(3e-3, gt=0, description="The schedule's peak.")
    warm_up: int = Field(40, ge=0)
    ema_decay: float = Field(0.995, ge=0, lt=1)
    precision: Literal["auto", "fp32", "bf16", "fp16"] = Field("auto", description="Of the arithmetic.")
    seed: int = Field(0, ge=0, lt=2**63, description="Decides every random draw.")

    title: str | None = Field(None, description="The style's title.")
    painter: str | None = Field(None, description="Who painted it.")
    year: str | None = Field(None, description="When.")
    license: str | None = Field(None, description="The checkpoint's license.")

    save_every: int = Field(100, ge=1, description="Save the state every so many steps.")
    preview_every: int = Field(0, ge=0, description="Write a preview sheet every so many steps.")
    preview_photos: Path | None = Field(
        None, description="Folder whose photos the preview shows; free ones by default."
    )
    loss_network_weights: Path | None = Field(
        None, description="VGG-16 as safetensors; found or fetched by default."
    )

    @field_validator("title", "painter", "year", "license", "data")
    @classmethod
    def _check_text(cls, text: str | None) -> str | None:
        if text is not None and not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError as error:
                raise ValueError("holds something that is not a character") from error
        return text

    @model_validator(mode="before")
    @classmethod
    def _begin_a_chosen_network_where_it_can(cls, values: Any) -> Any:
        values = by_their_names(values)
        if (
            not isinstance(values, dict)
            or "init" in values
            or not values.keys() & {"architecture", "options"}
        ):
            return values
        base = BASES.get(values.get("architecture", ""), FROM_NOTHING)
        return {**values, "init": FROM_NOTHING if values.get("options") else base}

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.output.suffix != ".safetensors":
            raise UsageError(f"{self.output}: a checkpoint's name ends in .safetensors")
        return self

    def what_decides_the_result(self) -> dict[str, Any]:
        """Return the settings that a resumed training must share with the one it continues."""
        return self.model_dump(
            mode="json",
            exclude={"output", "save_every", "preview_every", "preview_photos", "loss_network_weights"},
        )
