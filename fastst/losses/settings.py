"""What is asked of a stylized picture: the settings of the objective."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from fastst.errors import UsageError
from fastst.settings import by_their_names

Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class ObjectiveSettings(BaseModel):
    """What is asked of a stylized picture; the defaults suit every painting and size.

    ``scales`` are the weights of the picture at full, half, quarter size, and so on; each has content and
    style of its own. Content is asked for at ``content_layer`` at full size and at ``coarse_content_layer``
    at the others.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    content_layer: str = Field("relu3_3", description="Where content is compared, such as relu3_3.")
    content_weight: Weight = Field(0.2, description="How much of the photo stays.")
    coarse_content_layer: str = "relu4_3"
    coarse_content_weight: Weight = 0.4
    style_layers: dict[str, Weight] = Field(
        {"relu1_2": 1.0, "relu2_2": 1.0, "relu3_3": 1.0, "relu4_3": 1.0},
        description="Such as relu1_2:1,relu3_3:0.5.",
    )
    style_loss: dict[str, float] = Field(
        {"gram": 1.0}, description="Such as moments, or gram:1+histogram:0.5."
    )
    style_weight: Weight = Field(
        1.0, description="1 is bold for every painting; less keeps more of the photo."
    )
    palette_weight: Weight = 0.4
    tv_weight: Weight = Field(0.2, description="How smooth the picture is.")
    hatch_weight: Weight = Field(1.0, description="How little of it is a fine, regular pattern.")
    laplacian_weight: Weight = Field(0.0, description="How much of the photo's fine structure stays.")
    scales: tuple[Weight, ...] = (1.0, 1.0, 0.5)
    recolor: bool = Field(True, description="Move the photo to the painting's colors first.")
    form: Literal["relative", "sums"] = Field("relative", description="relative, or sums as in the papers.")

    @field_validator("style_layers", mode="before")
    @classmethod
    def _read_layers(cls, value: Any) -> Any:
        """Read the command line's way of writing them: ``relu1_2:1,relu3_3:0.5`` or ``relu1_2,relu3_3``."""
        if not isinstance(value, str):
            return value
        pairs = [part.strip().partition(":") for part in value.split(",") if part.strip()]
        try:
            return {layer: float(weight or 1) for layer, _, weight in pairs}
        except ValueError as error:
            raise UsageError(f"style layers {value}: write them as relu1_2:1,relu3_3:0.5") from error

    @field_validator("style_loss", mode="before")
    @classmethod
    def _read_style_loss(cls, value: Any) -> Any:
        """Read the command line's way of writing it: ``gram:1+histogram:0.5`` or ``gram+histogram``."""
        if not isinstance(value, str):
            return value
        from fastst.losses.statistics.registry import parse_style_loss

        return parse_style_loss(value)

    @model_validator(mode="before")
    @classmethod
    def _sums_are_the_papers(cls, values: Any) -> Any:
        """Let the papers' form have what the papers had, and nothing more, without being asked."""
        values = by_their_names(values)
        if isinstance(values, dict) and values.get("form") == "sums":
            return {**_BEFORE_SCALES, "style_loss": {"gram": 1.0}, **values}
        return values

    @model_validator(mode="after")
    def _check(self) -> Self:
        # Only here, as both import torch, and the command line takes its options from this model.
        from fastst.loss_network.vgg import check_layers
        from fastst.losses.statistics.registry import check_style_loss

        check_style_loss(self.style_loss)
        if self.form == "sums" and (set(self.style_loss) != {"gram"} or self._beyond_the_papers()):
            raise UsageError(
                "form sums is of the Gram matrix, at one scale, without palette, hatch and recoloring; "
                "leave these out, or the form"
            )
        check_layers((*self.style_layers, self.content_layer, self.coarse_content_layer))
        if not self.style_layers:
            raise UsageError("no style layers: give at least one, such as relu2_2")
        if not sum(self.scales):
            raise UsageError("no scales: give at least one weight above 0, such as 1 for the full size")
        return self

    def _beyond_the_papers(self) -> bool:
        return len(self.scales) > 1 or self.palette_weight > 0 or self.hatch_weight > 0 or self.recolor

    def content_at(self, scale: int) -> tuple[str, float]:
        """Return the content layer and weight at a scale: 0 is the full size, 1 the half, and so on."""
        if scale == 0:
            return self.content_layer, self.content_weight
        return self.coarse_content_layer, self.coarse_content_weight

    def layers_at(self, scale: int) -> tuple[str, ...]:
        """Return every layer that the stylized picture is taken to at a scale."""
        return tuple({**self.style_layers, self.content_at(scale)[0]: 0.0})

    @property
    def layers(self) -> tuple[str, ...]:
        """Every layer that the stylized picture is taken to at any scale."""
        return tuple({layer: None for scale in range(len(self.scales)) for layer in self.layers_at(scale)})


# What an objective was before it knew scales.
_BEFORE_SCALES: Mapping[str, Any] = {
    "content_weight": 1.0,
    "tv_weight": 1.0,
    "palette_weight": 0.0,
    "hatch_weight": 0.0,
    "scales": (1.0,),
    "recolor": False,
}


def recorded_objective(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an objective that a checkpoint or a saved training records.

    One from before there were other statistics means the Gram matrix, and one from before there were scales
    the full size alone, whatever the defaults are now.
    """
    return {"style_loss": {"gram": 1.0}, **_BEFORE_SCALES, **by_their_names(record)}
