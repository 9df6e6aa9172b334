"""The styles that the page offers for a mix are those that mix."""

from pathlib import Path

import pytest

from fastst.networks.checkpoint import load_checkpoint, save_checkpoint
from fastst.networks.styles import load_style, shipped_paths
from fastst.studio.choices import NOTHING, mixing_choices


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two own styles, built like the shipped ones: one of their descent, and one that began from nothing."""
    monkeypatch.setenv("FASTST_STYLES", str(tmp_path))
    shipped = load_checkpoint(shipped_paths()["udnie"])
    for name, start in (("kin", "udnie"), ("stranger", "nothing")):
        header = shipped.metadata.model_copy(update={"title": name, "training": {"init": start}})
        save_checkpoint(tmp_path / f"{name}.safetensors", shipped.network, header)


@pytest.mark.usefixtures("own")
def test_only_what_can_be_mixed_is_offered() -> None:
    offered = [name for _, name in mixing_choices("starry-night")]
    assert {"udnie", "kin"} <= set(offered) and not {"stranger", "starry-night"} & set(offered)
    for name in filter(None, offered):
        load_style(f"starry-night:0.5+{name}:0.5")


@pytest.mark.usefixtures("own")
def test_a_style_of_no_descent_has_nothing_to_be_mixed_with() -> None:
    assert mixing_choices("stranger") == [NOTHING]
