from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from fastst.errors import FaststError, UsageError
from fastst.images.masks import Mask, partition, read_mask, resized_by_area, split_pair


def save(pixels: object, path: Path) -> Path:
    Image.fromarray(np.asarray(pixels, dtype=np.uint8)).save(path)
    return path


class TestReadMask:
    def test_grey_says_how_much(self, tmp_path: Path) -> None:
        mask = read_mask(save([[0, 51, 255]], tmp_path / "mask.png"))
        torch.testing.assert_close(mask.weights, torch.tensor([[[[0.0, 0.2, 1.0]]]]))

    def test_transparent_is_outside(self, tmp_path: Path) -> None:
        mask = read_mask(save([[[255] * 4, [255, 255, 255, 0]]], tmp_path / "mask.png"))
        assert mask.weights.tolist() == [[[[1.0, 0.0]]]]

    @pytest.mark.parametrize(
        ("content", "said"),
        [(b"", "empty"), (b"no picture", "not a picture"), (None, "no such file")],
    )
    def test_unreadable_is_said_in_one_line(self, content: bytes | None, said: str, tmp_path: Path) -> None:
        path = tmp_path / "sky.png"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(FaststError, match=said) as caught:
            read_mask(path)
        assert "sky.png" in str(caught.value) and "\n" not in str(caught.value)

    def test_black_with_a_jpegs_noise_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"sky\.png: is black all over"):
            read_mask(save([[0, 2], [3, 0]], tmp_path / "sky.png"))


def test_the_shape_must_be_the_pictures_and_the_size_may_differ() -> None:
    mask = Mask(Path("sky.png"), torch.ones(1, 1, 100, 150))
    mask.check_aspect((341, 512), picture="the photo")
    with pytest.raises(UsageError, match=r"sky\.png: is 150 x 100, but the photo is 341 x 512"):
        mask.check_aspect((512, 341), picture="the photo")


def test_resized_by_area() -> None:
    mask = torch.tensor([[1.0, 0, 1, 1], [0, 0, 1, 1]])[None, None]
    assert resized_by_area(mask, (1, 2)).tolist() == [[[[0.25, 1.0]]]]
    # 3 pixels to 2: each covers one and a half, whole pixels counting
    assert resized_by_area(torch.ones(1, 1, 3, 3), (2, 5)).tolist() == torch.ones(1, 1, 2, 5).tolist()


def test_partition_shares_overlaps_and_leaves_the_rest() -> None:
    first, second = torch.tensor([1.0, 1.0, 0.5, 0.0]), torch.tensor([0.0, 1.0, 0.25, 0.0])
    (one, other), rest = partition([first.view(1, 1, 1, 4), second.view(1, 1, 1, 4)])
    assert one.flatten().tolist() == [1.0, 0.5, 0.5, 0.0]
    assert other.flatten().tolist() == [0.0, 0.5, 0.25, 0.0]
    assert rest.flatten().tolist() == [0.0, 0.0, 0.25, 1.0]


class TestSplitPair:
    def test_at_the_first_colon(self) -> None:
        assert split_pair("sky.png:starry-night", written="") == ("sky.png", "starry-night")
        assert split_pair("sky.png:/a/b:c.png", written="") == ("sky.png", "/a/b:c.png")
        assert split_pair("sky.png", written="") == ("sky.png", "")

    def test_nothing_before_the_colon(self) -> None:
        with pytest.raises(UsageError, match="write it as MASK:STYLE"):
            split_pair(":style", written="MASK:STYLE")


def test_a_name_with_colons_of_its_own_is_split_where_a_file_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("mask 10:20.png", "mask 10", "a:b"):
        (tmp_path / name).touch()
    told = {"written": "MASK:STYLE"}
    assert split_pair("mask 10:20.png:starry-night", **told) == ("mask 10:20.png", "starry-night")
    assert split_pair("mask 10:20.png", **told) == ("mask 10:20.png", "")
    assert split_pair("mask 10:other:style", **told) == ("mask 10", "other:style")
    assert split_pair("a:b:c:d", **told) == ("a:b", "c:d")
    assert split_pair("none.png:style", **told) == ("none.png", "style")
    assert split_pair("rest:style", **told) == ("rest", "style")
