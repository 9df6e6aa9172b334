"""A data set that several processes read together: files of their own, or every so manieth picture."""

import io
import tarfile
from itertools import islice
from pathlib import Path

import datasets
import pytest
import torch
from PIL import Image

from fastst.data import content_dataset


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "SLEEP_TIME_ON_THREADS_SHUTDOWN", 0.02, raising=False)


def encoded(number: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 36), (number * 20, 0, 0)).save(file, format="PNG")
    return file.getvalue()


def parquet(folder: Path, counts: list[int]) -> str:
    """Files with so many pictures each, numbered through."""
    folder.mkdir()
    first = 0
    for part, count in enumerate(counts):
        photos = [{"bytes": encoded(number), "path": None} for number in range(first, first + count)]
        features = datasets.Features({"photo": datasets.Image()})
        table = datasets.Dataset.from_dict({"photo": photos}, features=features)
        table.to_parquet(folder / f"train-0000{part}.parquet")
        first += count
    return str(folder)


def archives(folder: Path, counts: list[int]) -> str:
    """The same as WebDataset has them: a TAR file each."""
    folder.mkdir()
    first = 0
    for part, count in enumerate(counts):
        with tarfile.open(folder / f"{part:03}.tar", "w") as tar:
            for number in range(first, first + count):
                entry = tarfile.TarInfo(f"{number:03}.png")
                entry.size = len(encoded(number))
                tar.addfile(entry, io.BytesIO(encoded(number)))
        first += count
    return str(folder)


def crops(source: str, process: int, *, count: int, start: int = 0, processes: int = 2) -> list[torch.Tensor]:
    found = content_dataset(
        source, size=32, seed=0, start=start, length=1000, process=process, processes=processes
    )
    return list(islice(iter(found), count))


def shown(source: str, process: int, *, count: int) -> list[int]:
    return [round(float(crop[0].mean()) * 255 / 20) for crop in crops(source, process, count=count)]


@pytest.mark.parametrize("made", [parquet, archives])
@pytest.mark.parametrize("counts", [[6, 6], [4, 4, 4], [12]], ids=["even", "odd", "one"])
def test_together_they_see_every_picture_once_an_epoch(made, counts: list[int], tmp_path: Path) -> None:
    source = made(tmp_path / "set", counts)
    first, second = (shown(source, process, count=6) for process in (0, 1))
    assert sorted(first + second) == list(range(12))


@pytest.mark.parametrize("made", [parquet, archives])
def test_nobody_waits_for_one_that_has_more(made, tmp_path: Path) -> None:
    source = made(tmp_path / "set", [3, 9])
    few, many = sorted(
        (shown(source, process, count=18) for process in (0, 1)), key=lambda seen: len(set(seen[:9]))
    )
    # In the first epoch one has 3 and the other 9; in the next, the files may be shared out the other way.
    assert sorted(few[:3] + many[:9]) == list(range(12))
    assert len(few) == len(many) == 18


def test_a_later_start_goes_on_exactly(tmp_path: Path) -> None:
    source = parquet(tmp_path / "set", [3, 9])
    for process in (0, 1):
        straight = crops(source, process, count=10)
        resumed = crops(source, process, start=2 * 4, count=6)  # 4 samples of each process are over
        assert all(torch.equal(one, other) for one, other in zip(straight[4:], resumed, strict=True))


def test_crops_differ_between_processes(tmp_path: Path) -> None:
    source = parquet(tmp_path / "set", [1, 1])
    one, other = (crops(source, process, count=1)[0] for process in (0, 1))
    assert one.shape == other.shape and not torch.equal(one, other)
