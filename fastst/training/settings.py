"""Everything that decides how a style is trained; a recipe in configs/ is one of these as YAML."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from fastst.errors import FaststError, UsageError
from fastst.files import StrPath, check_is_file
from fastst.losses.settings import ObjectiveSettings
from fastst.networks.lineage import FROM_NOTHING
from fastst.networks.styles import BASES
from fastst.settings import validated

_LARGEST_RECIPE = 2**20


class TrainingSettings(BaseModel):
    """The settings of one training, with their defaults.

    ``size`` is the side of the square training crops and ``style_size`` the painting's long side,
    both in pixels: together they set the scale of the strokes. ``style_mask`` is a picture that is
    white where the painting's style is to be taken from. ``steps`` and ``minutes`` stop the
    training at whichever comes first; ``batch`` is per process. ``init`` is the style whose network the
    training starts from: the ``architecture``'s base, if there is one. ``FROM_NOTHING`` starts from random
    weights, and is what ``options`` given without an ``init`` make of it. ``edges`` is how much of a photo's
    contours is to stay: the strength is turned down where less does, and a little up where more does; 0
    leaves it as it is; see ``fastst.training.balance``. ``steady`` is the weight of the
    unsteadiness of film, which calms flicker; see ``fastst.training.step``.
    """

    # YAML reads an unquoted year as a number.
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, allow_inf_nan=False)

    painting: Path
    output: Path
    title: str | None = None
    painter: str | None = None
    year: str | None = None
    licence: str | None = None

    data: str = "synthetic"
    size: int = Field(256, ge=64, le=2048)
    style_size: int = Field(400, ge=64, le=4096)
    style_mask: Path | None = None
    batch: int = Field(2, ge=1)
    accumulation: int = Field(1, ge=1)
    steps: int = Field(2000, ge=1)
    minutes: float | None = Field(None, gt=0)

    architecture: str = "brush"
    options: dict[str, int] = {}
    init: str = BASES["brush"]
    objective: ObjectiveSettings = ObjectiveSettings()
    edges: float = Field(0.72, ge=0, lt=1)
    steady: float = Field(0.0, ge=0)

    optimizer: Literal["muon", "adam"] = "muon"
    learning_rate: float = Field(3e-3, gt=0)
    warm_up: int = Field(40, ge=0)
    average: float = Field(0.995, ge=0, lt=1)
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    seed: int = Field(0, ge=0, lt=2**63)

    save_every: int = Field(100, ge=1)
    preview_every: int = Field(0, ge=0)
    preview_photos: Path | None = None
    loss_network_weights: Path | None = None

    @field_validator("title", "painter", "year", "licence", "data")
    @classmethod
    def _check_text(cls, text: str | None) -> str | None:
        if text is not None and not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError as error:
                raise ValueError("holds what is no character") from error
        return text

    @model_validator(mode="before")
    @classmethod
    def _begin_a_chosen_network_where_it_can(cls, values: Any) -> Any:
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


class _RecipeLoader(yaml.SafeLoader):
    """Plain YAML without references, a few of which can stand for more than any memory holds."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Compose a node; see yaml."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("references are not read")
        return super().compose_node(parent, index)


def read_recipe(path: StrPath) -> dict[str, Any]:
    """Return a YAML recipe as a mapping of setting names to values.

    Raises:
        FaststError: if the file is missing or not YAML.
        UsageError: if it is YAML but not a mapping.
    """
    path = Path(path)
    check_is_file(path, what="a recipe")
    if path.stat().st_size > _LARGEST_RECIPE:
        raise FaststError(f"{path}: is larger than {_LARGEST_RECIPE} bytes, so it is no recipe; see configs/")
    try:
        recipe = yaml.load(path.read_text(encoding="utf-8"), Loader=_RecipeLoader)
    except OSError as error:
        raise FaststError(f"{path}: the recipe cannot be read ({error.strerror})") from error
    except (yaml.YAMLError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise FaststError(f"{path}: is not a YAML recipe; see configs/ for examples") from error
    if not isinstance(recipe, dict):
        raise UsageError(
            f"{path}: holds no settings; a recipe is a mapping such as configs/starry-night.yaml"
        )
    return recipe


def gather_settings(
    recipe: Path | None,
    *,
    given: Mapping[str, Any],
    options: Mapping[str, Any] | None = None,
    objective: Mapping[str, Any] | None = None,
) -> TrainingSettings:
    """Lay what was given over a recipe's values, if there is a recipe; None stands for not given.

    Args:
        recipe: a YAML file, or None.
        given: settings by name.
        options: the architecture's options by name.
        objective: the objective's settings by name.

    Raises:
        UsageError: if a setting is unknown or out of range, or there is no painting or no output.
        FaststError: if the recipe cannot be read.
    """
    values = read_recipe(recipe) if recipe else {}
    values |= _those_given(given)
    for name, more in (("options", options), ("objective", objective)):
        if chosen := _those_given(more or {}):
            below = values.get(name) or {}
            if not isinstance(below, dict):
                raise UsageError(f"{recipe}: {name}: must be a mapping")
            values[name] = {**below, **chosen}
    if "painting" not in values:
        raise UsageError("no painting: name a picture file, or a recipe with --config")
    if "output" not in values:
        raise UsageError(
            "no output: say where the checkpoint goes, such as -o my-style.safetensors, or --name my-style"
        )
    return validated(TrainingSettings, values, origin=str(recipe) if recipe else "train")


def _those_given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
