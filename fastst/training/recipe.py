"""Recipes: the settings of a training as YAML, such as those in configs/, and what is given beside them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from fastst.errors import FaststError, UsageError
from fastst.files import StrPath, check_is_file
from fastst.settings import validated
from fastst.training.settings import TrainingSettings

_LARGEST_RECIPE = 2**20


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
        raise FaststError(f"{path}: is larger than {_LARGEST_RECIPE} bytes, so not a recipe; see configs/")
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
