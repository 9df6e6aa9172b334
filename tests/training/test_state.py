from pathlib import Path
from typing import Any

import pytest

from fastst.networks.checkpoint import Metadata
from fastst.training.settings import gather_settings
from fastst.training.state import checkpoint_header


def header(**given: Any) -> Metadata:
    paths = {"painting": Path("/home/me/olive_trees-2.jpg"), "output": Path("/home/me/a.safetensors")}
    return checkpoint_header(
        gather_settings(None, given={**paths, **given}),
        architecture="swift",
        options={"width": 4},
        steps=5,
        pictures=20,
    )


def test_a_title_of_its_own_wins_over_the_files_name() -> None:
    assert header().title == "Olive Trees 2"
    assert header(title="Olives").title == "Olives"


def test_no_path_is_kept() -> None:
    kept = header(style_mask=Path("/home/me/mask.png"), data="/home/me/coco", init="/home/me/b.safetensors")
    assert "/home/me" not in kept.model_dump_json()
    recorded = [kept.training[name] for name in ("painting", "style_mask", "data", "init")]
    assert recorded == ["olive_trees-2.jpg", "mask.png", "coco", "b.safetensors"]
    assert (kept.data, kept.steps, kept.training["pictures"]) == ("coco", 5, 20)


@pytest.mark.parametrize(("given", "init"), [({}, "base"), ({"architecture": "classic"}, "nothing")])
def test_where_it_began(given: dict[str, Any], init: str) -> None:
    assert header(**given).training["init"] == init
