import io
import tarfile
from itertools import islice
from pathlib import Path

import datasets
import numpy as np
import pytest
import torch
from PIL import Image

from fastst.data import content_dataset
from fastst.data.hub import HubCrops
from fastst.errors import UsageError

COUNT = 12


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    # After every epoch over several files, datasets waits five seconds for remote readers to shut down.
    monkeypatch.setattr(datasets.config, "SLEEP_TIME_ON_THREADS_SHUTDOWN", 0.02, raising=False)


def picture(number: int) -> Image.Image:
    return Image.new("RGB", (40, 36), (number * 20, 0, 0))


@pytest.fixture
def image_folder(tmp_path: Path) -> str:
    folder = tmp_path / "set" / "train"
    folder.mkdir(parents=True)
    for number in range(COUNT):
        picture(number).save(folder / f"{number:02}.png")
    return str(folder.parent)


@pytest.fixture
def parquet(tmp_path: Path) -> str:
    """Two files, the pictures in the second column, one of them damaged."""
    folder = tmp_path / "parquet"
    folder.mkdir()
    for part in range(2):
        picture(0).save(tmp_path / "one.png")
        numbers = range(part * 6, part * 6 + 6)
        encoded = []
        for number in numbers:
            picture(number).save(tmp_path / "one.png")
            encoded.append({"bytes": (tmp_path / "one.png").read_bytes(), "path": None})
        if part:
            encoded[2]["bytes"] = encoded[2]["bytes"][:40]
        features = datasets.Features({"label": datasets.Value("int64"), "photo": datasets.Image()})
        table = datasets.Dataset.from_dict({"label": list(numbers), "photo": encoded}, features=features)
        table.to_parquet(folder / f"train-0000{part}.parquet")
    return str(folder)


def reds(crops: torch.utils.data.IterableDataset, count: int) -> list[int]:
    return [round(float(crop[0].mean()) * 255 / 20) for crop in islice(crops, count)]


def test_an_epoch_shows_every_picture_and_the_next_comes_in_another_order(image_folder: str) -> None:
    shown = reds(HubCrops(image_folder, size=16, seed=0, start=0), 2 * COUNT)
    assert sorted(shown[:COUNT]) == sorted(shown[COUNT:]) == list(range(COUNT))
    assert shown[:COUNT] != shown[COUNT:]
    assert shown[:COUNT] != list(range(COUNT))


@pytest.mark.parametrize("start", [1, 5, COUNT, COUNT + 3])
def test_a_later_start_goes_on_exactly(parquet: str, start: int) -> None:
    from_zero = list(islice(HubCrops(parquet, size=16, seed=3, start=0), start + 6))
    resumed = list(islice(HubCrops(parquet, size=16, seed=3, start=start), 6))
    assert all(torch.equal(one, other) for one, other in zip(from_zero[start:], resumed, strict=True))


def test_damaged_pictures_are_replaced(parquet: str) -> None:
    shown = reds(HubCrops(parquet, size=16, seed=0, start=0), COUNT)
    assert set(shown) >= set(range(COUNT)) - {8, shown[-1]}
    assert 8 not in shown


def test_workers_keep_the_order(parquet: str) -> None:
    crops = HubCrops(parquet, size=16, seed=1, start=2)
    expected = torch.stack(list(islice(crops, 8)))
    loader = torch.utils.data.DataLoader(crops, batch_size=2, num_workers=2)
    assert torch.equal(torch.cat(list(islice(loader, 4))), expected)


def test_seeds_differ(image_folder: str) -> None:
    one, other = (reds(HubCrops(image_folder, size=16, seed=seed, start=0), COUNT) for seed in (0, 1))
    assert one != other


def test_a_set_without_pictures_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "numbers"
    folder.mkdir()
    datasets.Dataset.from_dict({"label": np.arange(3)}).to_parquet(folder / "train.parquet")
    with pytest.raises(UsageError, match="no column of pictures, only label"):
        HubCrops(str(folder), size=16, seed=0, start=0)


def test_a_name_that_leads_nowhere_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    # An endpoint at which nothing listens stands for a machine without internet.
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(UsageError, match="cannot be reached") as caught:
        HubCrops("nobody/nothing", size=16, seed=0, start=0)
    assert "\n" not in str(caught.value)


@pytest.fixture
def archive(tmp_path: Path) -> str:
    """WebDataset's format: a TAR of files, those of one sample under one name."""
    folder = tmp_path / "archives"
    folder.mkdir()
    with tarfile.open(folder / "000.tar", "w") as tar:
        for number in range(COUNT):
            encoded = io.BytesIO()
            picture(number).save(encoded, format="PNG")
            for suffix, content in (("png", encoded.getvalue()), ("json", b"{}")):
                entry = tarfile.TarInfo(f"{number:03}.{suffix}")
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
    return str(folder)


@pytest.mark.parametrize("of_one_file", [False, True])
@pytest.mark.parametrize("kind", ["parquet", "archive"])
def test_data_names_a_set_here(request: pytest.FixtureRequest, kind: str, of_one_file: bool) -> None:
    folder = request.getfixturevalue(kind)
    source = str(next(Path(folder).iterdir())) if of_one_file else folder
    crops = content_dataset(source, size=32, seed=0, start=0, length=100)
    assert isinstance(crops, HubCrops)
    found = set(reds(crops, 2 * COUNT))
    assert len(found) >= 5 and found <= set(range(COUNT))
