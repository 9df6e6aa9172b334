"""Options that are fields of settings models."""

import inspect
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
import typer
from pydantic import BaseModel, Field

import fastst
from fastst.cli.derived import given_of, with_options_of
from fastst.cli.main import app
from fastst.evaluation.settings import BenchOptions, EvaluateOptions
from fastst.live.settings import LiveSettings
from fastst.losses.settings import ObjectiveSettings
from fastst.optimization.settings import OptimizationSettings, ReferenceOptions
from fastst.studio.settings import StudioSettings
from fastst.stylize.options import LoadOptions, SheetOptions, StylizeOptions, VideoLoadOptions
from fastst.training.settings import TrainingSettings
from fastst.video.settings import VideoSettings


class Pasta(BaseModel):
    """A dish."""

    minutes: Annotated[int, Field(ge=1)] | None = Field(None, description="How long it cooks.")
    salt: float = Field(1.5, description="Spoons of it.")
    shape: Literal["long", "short"] = Field("long", description="long or short.")
    sauces: dict[str, float] = Field({"pesto": 1.0}, description="Such as pesto:1,butter:0.5.")
    drained: bool = Field(True, description="Without its water.")
    hot: bool = Field(False, description="With chili.")
    recipe: Path | None = Field(None, description="A file.")
    secret: int = 7


class Wine(BaseModel):
    """What goes with it."""

    year: int = Field(1990, description="When it grew.")


# The frames of a camera are as large as its pictures.
LEFT_OUT = {("webcam", "memory")}


def given_by(*arguments: str) -> dict[str, Any]:
    """What a command gets."""
    caught: dict[str, Any] = {}

    @with_options_of(Pasta, Wine)
    def cook(guest: str, *, given: dict[str, Any], quickly: bool = False) -> None:
        caught.update(given, guest=guest, quickly=quickly)

    cooking = typer.Typer()
    cooking.command()(cook)
    cooking(list(arguments), standalone_mode=False)
    return caught


def test_what_was_given_comes_in_and_nothing_else() -> None:
    assert given_by("Ada") == {"guest": "Ada", "quickly": False}
    assert given_by("Ada", "--quickly", "--minutes", "9", "--salt", "2", "--year", "1991") == {
        "guest": "Ada",
        "quickly": True,
        "minutes": 9,
        "salt": 2.0,
        "year": 1991,
    }


def test_each_type_is_read_as_its_own() -> None:
    given = given_by(
        "Ada", "--shape", "short", "--sauces", "butter:2", "--no-drained", "--hot", "--recipe", "a"
    )
    assert given["shape"] == "short" and given["sauces"] == "butter:2"
    assert given["drained"] is False and given["hot"] is True and given["recipe"] == Path("a")
    assert given_of(Wine, given) == {}


@pytest.mark.parametrize("arguments", [["--secret", "1"], ["--no-hot"], ["--minutes", "long"]])
def test_what_is_no_option_is_refused(arguments: list[str]) -> None:
    with pytest.raises(Exception, match=r"No such option|valid integer"):
        given_by("Ada", *arguments)


@pytest.mark.parametrize(
    ("command", "models"),
    [
        ("train", [TrainingSettings, ObjectiveSettings]),
        ("optimize", [ReferenceOptions, OptimizationSettings, ObjectiveSettings]),
        ("stylize", [StylizeOptions, LoadOptions]),
        ("sheet", [SheetOptions]),
        ("video", [VideoSettings, VideoLoadOptions]),
        ("webcam", [LiveSettings, VideoLoadOptions]),
        ("studio", [StudioSettings]),
        ("evaluate", [EvaluateOptions]),
        ("bench", [BenchOptions]),
    ],
)
def test_commands_show_the_models_help_and_defaults(command: str, models: list[type[BaseModel]]) -> None:
    root: Any = typer.main.get_command(app)
    options = {option.name: option for option in root.commands[command].params}
    for model in models:
        for name, field in model.model_fields.items():
            if field.description is None or (command, name) in LEFT_OUT:
                continue
            assert options[name].help == field.description
            assert options[name].default is None  # so that the model's own holds
            shown = options[name].show_default
            if isinstance(field.default, (int, float, str)) and not isinstance(field.default, bool):
                assert shown == str(field.default)


@pytest.mark.parametrize(
    ("function", "models"),
    [
        (fastst.load, [LoadOptions]),
        (fastst.style_sheet, [SheetOptions]),
        (fastst.stylize_video, [VideoLoadOptions]),
        (fastst.run_webcam, [VideoLoadOptions]),
        (fastst.optimize, [ReferenceOptions]),
        (fastst.optimize_file, [ReferenceOptions]),
        (fastst.evaluate, [EvaluateOptions]),
        (fastst.evaluate_flicker, [EvaluateOptions]),
        (fastst.bench, [BenchOptions]),
    ],
)
def test_functions_have_the_models_defaults(function: Any, models: list[type[BaseModel]]) -> None:
    fields = {name: field for model in models for name, field in model.model_fields.items()}
    shared = {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if name in fields
    }
    assert shared
    assert shared == {name: fields[name].default for name in shared}
