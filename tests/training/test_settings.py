from pathlib import Path

import pytest

from fastst.errors import FaststError, UsageError
from fastst.training.recipe import gather_settings


def recipe(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "recipe.yaml"
    path.write_text(text)
    return path


GIVEN = {"painting": Path("a.jpg"), "output": Path("a.safetensors")}


class TestGatherSettings:
    def test_what_is_given_wins_over_the_recipe(self, tmp_path: Path) -> None:
        path = recipe(tmp_path, "steps: 7\nsize: 128\noptions: {width: 8}\nobjective: {content_weight: 2}\n")
        settings = gather_settings(
            path,
            given={**GIVEN, "steps": 9, "size": None},
            options={"width": None},
            objective={"style_weight": 3.0, "content_weight": None},
        )
        assert (settings.steps, settings.size, settings.options) == (9, 128, {"width": 8})
        assert (settings.objective.content_weight, settings.objective.style_weight) == (2.0, 3.0)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("stepz: 5", "stepz: there is no such setting"),
            ("steps: -1", "steps"),
            ("objective: {style_layers: {relu8_1: 1}}", "relu8_1"),
            ("- a list", "holds no settings"),
            ("a: b: c", "not a YAML recipe"),
            ("output: style.pth", "safetensors"),
        ],
    )
    def test_a_bad_recipe_is_said_in_one_line(self, tmp_path: Path, text: str, said: str) -> None:
        given = {"painting": Path("a.jpg")} if "output" in text else GIVEN
        with pytest.raises(FaststError, match=said) as caught:
            gather_settings(recipe(tmp_path, text), given=given)
        assert "\n" not in str(caught.value)

    def test_painting_and_output_are_needed(self) -> None:
        with pytest.raises(UsageError, match="no painting"):
            gather_settings(None, given={"output": Path("a.safetensors")})
        with pytest.raises(UsageError, match="no output"):
            gather_settings(None, given={"painting": Path("a.jpg")})

    @pytest.mark.parametrize(
        ("text", "init"),
        [
            ("steps: 9", "base"),
            ("architecture: classic", "nothing"),
            ("options: {width: 8}", "nothing"),
            ("{init: starry-night, options: {width: 8}}", "starry-night"),
            ("init: nothing", "nothing"),
        ],
    )
    def test_a_chosen_network_begins_from_nothing(self, tmp_path: Path, text: str, init: str) -> None:
        settings = gather_settings(recipe(tmp_path, text), given=GIVEN)
        assert settings.init == init
        assert settings.what_decides_the_result()["init"] == init

    def test_the_style_loss_as_a_recipe_and_as_the_command_line_write_it(self, tmp_path: Path) -> None:
        path = recipe(tmp_path, "style_mask: mask.png\nobjective: {style_loss: {moments: 1, mrf: 0.5}}\n")
        settings = gather_settings(path, given=GIVEN)
        assert settings.objective.style_loss == {"moments": 1.0, "mrf": 0.5}
        assert settings.style_mask == Path("mask.png")
        settings = gather_settings(path, given=GIVEN, objective={"style_loss": "gram+histogram:2"})
        assert settings.objective.style_loss == {"gram": 1.0, "histogram": 2.0}

    @pytest.mark.parametrize("path", sorted(Path("configs").glob("*.yaml")), ids=lambda path: path.stem)
    def test_every_shipped_recipe_is_valid(self, path: Path) -> None:
        assert gather_settings(path, given={}).title


@pytest.mark.parametrize(
    "recipe",
    [
        "a: &a [x, x]\nb: [*a, *a]\n",
        "a: &a {b: 1}\nc:\n  <<: [*a, *a]\n",
        "year: 2023-13-45\n",
        "steps: !!int abc\n",
        "steps: " + "9" * 10_000 + "\n",
        "steps: " + "[" * 5000 + "\n",
        'title: "\\ud800"\n',
        "title: !!python/object:os.system x\n",
        "minutes: .inf\n",
        "minutes: 1e999\n",
        "objective: 5\n",
        "options: {width: [1]}\n",
        "painter: [1]\n",
        "? [a, b]\n: 1\n",
        "1: 2\n",
        "steps: " + "x" * 2**21 + "\n",
    ],
    ids=lambda recipe: recipe[:24],
)
def test_hostile_recipes_are_one_line(recipe: str, tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(recipe, encoding="utf-8")
    with pytest.raises(FaststError) as caught:
        gather_settings(path, given={"painting": "a.png", "output": "a.safetensors"})
    message = str(caught.value)
    assert "recipe.yaml" in message and len(message) < 300


@pytest.mark.parametrize("name", ["title", "painter", "year", "license"])
def test_half_a_character_is_refused_before_the_training(name: str) -> None:
    with pytest.raises(UsageError, match=name):
        gather_settings(None, given={"painting": "a.png", "output": "a.safetensors", name: "a\udce9"})
