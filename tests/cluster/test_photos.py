import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from torch import Tensor, nn

from fastst.cluster.folders import Folder
from fastst.cluster.photos import PhotosProgress, paint_photos
from fastst.cluster.portable import PortableStylizer, load_portable
from fastst.errors import UsageError
from fastst.stylize.options import StylizeOptions
from fastst.stylize.stylizer import Stylizer
from tests.cluster.here import Here


class Invert(nn.Module):
    def forward(self, image: Tensor) -> Tensor:
        return 1 - image


class Inverting(PortableStylizer):
    def stylizer(self) -> Stylizer:
        return Stylizer(Invert(), {}, device="cpu")


BRUSHES = Inverting((), False, None, "cpu", "torch", None)


def paint(folder: Path, *names: str, value: int = 55) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (6, 4), (value,) * 3).save(folder / name)
    return folder


def names(folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def run(source: Path, target: Path, pool: Here | None = None, **options: Any) -> PhotosProgress:
    return paint_photos(pool or Here(), BRUSHES, Folder(str(source)), Folder(str(target)), **options)


def test_every_picture_is_painted_under_its_name(tmp_path: Path) -> None:
    source = paint(tmp_path / "in", "a.png", "deep/er/b.gif", "deep/b.png", ".hidden/c.png")
    (source / "notes.txt").write_text("no picture")
    result = run(source, tmp_path / "out")
    assert names(tmp_path / "out") == ["a.png", "deep/b.png", "deep/er/b.png"]
    assert (result.painted, result.there, result.failed, result.total) == (3, 0, 0, 3)
    assert (np.asarray(Image.open(tmp_path / "out/deep/er/b.png")) == 200).all()


def test_copies_that_would_be_one_are_numbered_and_the_style_is_named(tmp_path: Path) -> None:
    source = paint(tmp_path / "in", "a.gif", "a.png", "A.bmp")
    run(source, tmp_path / "out", style="waves:0.5")
    assert names(tmp_path / "out") == ["A.waves-0.5.bmp", "a.waves-0.5-2.png", "a.waves-0.5.png"]


def test_what_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    source = paint(tmp_path / "in", "a.png", "b.png")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.png").write_text("mine")
    result = run(source, tmp_path / "out")
    assert (tmp_path / "out/a.png").read_text() == "mine"
    assert (result.painted, result.there) == (1, 1)
    assert run(source, tmp_path / "out").painted == 0


def test_it_is_painted_again_where_that_is_asked_for(tmp_path: Path) -> None:
    source = paint(tmp_path / "in", "a.png", "b.png")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.png").write_text("mine")
    lost_once = Here(lambda number, item: number == 0 and item.name == "a.png")
    assert run(source, tmp_path / "out", lost_once, overwrite=True).painted == 2
    assert lost_once.calls == [2, 1]
    assert (np.asarray(Image.open(tmp_path / "out/a.png")) == 200).all()


def test_what_fails_is_reported_and_the_rest_go_on(tmp_path: Path) -> None:
    source = paint(tmp_path / "in", "a.png", "c.png")
    (source / "b.png").write_text("no picture")
    said: list[str] = []
    result = run(source, tmp_path / "out", on_failure=said.append)
    assert (result.painted, result.failed) == (2, 1)
    report = (tmp_path / "out/failures.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in report] == [{"picture": "b.png", "error": said[0]}]
    assert said[0].startswith(f"{source}/b.png: is not a picture")
    paint(source, "b.png")
    assert run(source, tmp_path / "out").failed == 0
    assert names(tmp_path / "out") == ["a.png", "b.png", "c.png"]


def test_what_is_lost_with_a_process_is_painted_by_another(tmp_path: Path) -> None:
    source = paint(tmp_path / "in", *(f"{number}.png" for number in range(9)))
    pool = Here(lambda number, item: number == 0 and item.name in ("3.png", "5.png"))
    result = run(source, tmp_path / "out", pool)
    assert (result.painted, result.failed, pool.calls) == (9, 0, [9, 2])
    assert len(names(tmp_path / "out")) == 9


def test_what_kills_every_process_is_reported_in_the_end(tmp_path: Path) -> None:
    source = paint(tmp_path / "in", "a.png", "b.png")
    said: list[str] = []
    result = run(source, tmp_path / "out", Here(lambda _, item: item.name == "a.png"), on_failure=said.append)
    assert (result.painted, result.failed) == (1, 1)
    assert said == [
        f"{source}/a.png: every process that paints it dies; it may take more memory than there is: give "
        "less --memory, or a smaller --size"
    ]


def test_a_target_in_the_source_is_no_part_of_it(tmp_path: Path) -> None:
    source = paint(tmp_path / "in", "a.png", "deep/b.png")
    assert run(source, source / "deep/out").painted == 2
    assert run(source, source / "deep/out").there == 2


def test_no_pictures_or_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(UsageError, match="no pictures there"):
        run(tmp_path / "in", tmp_path / "out")
    with pytest.raises(UsageError, match="no such folder"):
        run(tmp_path / "gone", tmp_path / "out")


def test_an_error_of_the_machine_rather_than_of_a_photo_ends_it(tmp_path: Path) -> None:
    source = paint(tmp_path / "in", "a.png")
    portable = load_portable("starry-night.film", engine="no-engine")
    with pytest.raises(UsageError, match="no-engine"):
        paint_photos(Here(), portable, Folder(str(source)), Folder(str(tmp_path / "out")))


def test_progress_tells_the_rate_and_the_time_left(tmp_path: Path) -> None:
    source = paint(tmp_path / "in", *(f"{number}.png" for number in range(5)))
    seen: list[PhotosProgress] = []
    run(source, tmp_path / "out", on_progress=seen.append, options=StylizeOptions(size=8))
    assert [progress.done for progress in seen] == [1, 2, 3, 4, 5]
    half = PhotosProgress(painted=40, there=50, failed=10, total=200, seconds=10.0)
    assert (half.rate, half.seconds_left) == (5.0, 20.0)
    assert PhotosProgress(painted=1, there=0, failed=0, total=None, seconds=9.0).seconds_left is None


def test_the_processes_of_a_machine_share_its_memory() -> None:
    pool = Here()
    pool.per_machine = 4
    portable = load_portable("starry-night.film", device="cpu")
    whole, shared = (each.stylizer().tiler.room for each in (portable, portable.shared_by(pool)))
    assert shared < whole / 2
    with pytest.raises(UsageError, match="nobodys"):
        load_portable("starry-night.film", device="nobodys").stylizer()
