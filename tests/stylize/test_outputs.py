from pathlib import Path

import pytest
from PIL import Image

from fastst.errors import UsageError
from fastst.stylize.outputs import copy_beside, plan_outputs


def paint(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (6, 4)).save(path)
    return path


def targets(sources: list[Path], output: Path | str, base: Path) -> list[str]:
    return [target.relative_to(base).as_posix() for _, target in plan_outputs(sources, output)]


def test_one_file_to_a_folder(tmp_path):
    photo = paint(tmp_path / "in/a.jpg")
    (tmp_path / "there.d").mkdir()
    assert targets([photo], tmp_path / "plain", tmp_path) == ["plain/a.jpg"]
    assert targets([photo], tmp_path / "there.d", tmp_path) == ["there.d/a.jpg"]
    assert targets([photo], f"{tmp_path}/v1.0/", tmp_path) == ["v1.0/a.jpg"]


def test_folders_are_mirrored_and_unwritable_suffixes_become_png(tmp_path):
    for name in ("x/a.jpg", "x/deep/b.gif", "x/c.png"):
        paint(tmp_path / name)
    expected = ["out/a.jpg", "out/c.png", "out/deep/b.png"]
    assert targets([tmp_path / "x"], tmp_path / "out", tmp_path) == expected


def test_names_that_clash_are_made_distinct(tmp_path):
    sources = [tmp_path / "x", tmp_path / "y", tmp_path / "z"]
    for folder in sources:
        paint(folder / "a.jpg")
    paint(tmp_path / "x/a.png")
    paint(tmp_path / "y/a.gif")
    paint(tmp_path / "z/A.JPG")
    plan = targets(sources, tmp_path / "out", tmp_path)
    assert plan == [
        "out/a.jpg",
        "out/a.png",
        "out/a-2.png",
        "out/a-2.jpg",
        "out/A-3.JPG",
        "out/a-4.jpg",
    ]


def test_nothing_to_do_is_a_usage_error(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no pictures there"):
        plan_outputs([tmp_path / "empty"], tmp_path / "out")
    with pytest.raises(UsageError):
        plan_outputs([], tmp_path / "out")


def test_outputs_that_do_not_fit(tmp_path):
    one, two = paint(tmp_path / "a.png"), paint(tmp_path / "b.png")
    taken = tmp_path / "taken"
    taken.touch()
    with pytest.raises(UsageError, match=r"cannot write \.xyz"):
        plan_outputs([one], tmp_path / "o.xyz")
    with pytest.raises(UsageError, match="a folder is needed"):
        plan_outputs([one, two], tmp_path / "o.png")
    with pytest.raises(UsageError, match="a folder is needed"):
        plan_outputs([one, two], taken)


def test_standard_output_is_no_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="nothing is written to standard output"):
        plan_outputs([paint(tmp_path / "a.png")], "-")
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]


def beside(sources: list[Path | str], style: str) -> list[str]:
    return [target.as_posix() for _, target in plan_outputs(sources, None, style=style)]


def test_without_an_output_copies_lie_beside_their_photos(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paint(Path("in/a.jpg"))
    paint(Path("in/deep/b.gif"))
    assert beside(["in/a.jpg", "in/deep/b.gif"], "udnie") == ["in/a.udnie.jpg", "in/deep/b.udnie.png"]
    assert beside(["in"], "udnie") == ["in.udnie/a.jpg", "in.udnie/deep/b.png"]
    monkeypatch.chdir(tmp_path / "in")
    assert beside(["."], "udnie") == [
        f"{tmp_path.as_posix()}/in.udnie/a.jpg",
        f"{tmp_path.as_posix()}/in.udnie/deep/b.png",
    ]


def test_a_style_is_named_in_the_files_of_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    photo = paint(Path("a.v2.jpg"))
    plan = plan_outputs([photo], "out", style="udnie:0.5+the-scream:0.5")
    assert plan == [(photo, Path("out/a.v2.udnie-0.5+the-scream-0.5.jpg"))]
    with pytest.raises(UsageError, match="a folder is needed"):
        plan_outputs([photo], "out.png", style="udnie")


def test_two_photos_of_one_name_get_two_copies(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for suffix in ("gif", "ppm"):
        paint(Path(f"a.{suffix}"))
    assert beside(["a.gif", "a.ppm"], "udnie") == ["a.udnie.png", "a.udnie-2.png"]


def test_the_place_beside():
    assert copy_beside("films/a.b.mp4", "udnie") == Path("films/a.b.udnie.mp4")
