import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from fastst.errors import UsageError
from fastst.networks.checkpoint import save_checkpoint
from fastst.networks.header import Metadata
from fastst.networks.registry import build
from fastst.web.export import export_web


@pytest.fixture
def own_style(tmp_path: Path) -> Path:
    """A checkpoint of another architecture, which has no network of its own for the camera."""
    metadata = Metadata(architecture="swift", title="Mine", steps=1, data="none", fastst_version="0.1.0")
    path = tmp_path / "My Style!.safetensors"
    save_checkpoint(path, build("swift"), metadata)
    return path


def told(folder: Path) -> list[dict]:
    return json.loads((folder / "styles.json").read_text())["styles"]


def test_the_folder_has_all_that_the_page_is_told_of(archive: Path, own_style: Path, tmp_path: Path) -> None:
    folder = tmp_path / "page"
    size = export_web(["starry-night", "the-scream", own_style], folder, runtime=archive)
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert size == sum(file.stat().st_size for file in files)
    assert {"index.html", "sample.jpg", "styles.json"} <= {file.name for file in files}
    styles = told(folder)
    assert [style["name"] for style in styles] == ["starry-night", "the-scream", "my-style"]
    assert styles[0]["title"] == "The Starry Night"
    for style in styles:
        assert (folder / "thumbnails" / f"{style['name']}.jpg").is_file()
        for kind in ("photo", "live"):
            assert (folder / style[kind]["graph"]).is_file()
            assert np.fromfile(folder / style[kind]["weights"], np.float16).size > 0
    starry, scream, mine = styles
    assert starry["photo"]["graph"] == scream["photo"]["graph"] != starry["live"]["graph"]
    assert starry["photo"]["family"] == scream["photo"]["family"]
    assert mine["live"] == mine["photo"]
    assert mine["photo"]["recolor"] is None
    assert len(starry["live"]["recolor"]["root"]) == 9


def test_styles_of_unlike_descent_are_of_two_families(archive: Path, own_style: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    metadata = Metadata(architecture="swift", title="Other", steps=1, data="none", fastst_version="0.1.0")
    save_checkpoint(other, build("swift"), metadata)
    export_web([own_style, other], tmp_path / "page", runtime=archive)
    one, two = told(tmp_path / "page")
    assert one["photo"]["graph"] == two["photo"]["graph"]
    assert one["photo"]["family"] != two["photo"]["family"]


def test_a_mix_is_a_style_too(archive: Path, tmp_path: Path) -> None:
    export_web(["great-wave.film:3+udnie.film"], tmp_path / "page", runtime=archive)
    (style,) = told(tmp_path / "page")
    assert style["name"] == "great-wave.film-0.75-udnie.film-0.25"


def test_a_folder_with_something_in_it_is_left_alone(archive: Path, own_style: Path, tmp_path: Path) -> None:
    folder = tmp_path / "page"
    folder.mkdir()
    export_web([own_style], folder, runtime=archive)
    with pytest.raises(UsageError, match=r"page: is not empty; .*--overwrite"):
        export_web([own_style], folder, runtime=archive)
    export_web([own_style], folder, runtime=archive, overwrite=True)
    with pytest.raises(UsageError, match="is a file; --web takes a folder"):
        export_web([own_style], folder / "styles.json", runtime=archive)


def test_no_style_and_one_twice_are_refused(archive: Path, own_style: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no style"):
        export_web([], tmp_path / "page", runtime=archive)
    with pytest.raises(UsageError, match="named twice"):
        export_web([own_style, own_style], tmp_path / "page", runtime=archive)
    assert not (tmp_path / "page").exists()
