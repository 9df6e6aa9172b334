"""Between a video's YCbCr and RGB."""

import av
import numpy as np
import pytest
from av.video.reformatter import Interpolation

from fastst.video.colors import RgbReader, RgbWriter
from fastst.video.frame import ColorTags
from tests.films import picture

TAGS = [ColorTags(), ColorTags(matrix=6), ColorTags(matrix=9, full_range=True)]
EXACT = Interpolation.LANCZOS | Interpolation.ACCURATE_RND
EXACT |= Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP


@pytest.mark.parametrize("tags", TAGS)
@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p10le", "nv12", "rgb24", "gray"])
@pytest.mark.parametrize("size", [(64, 48), (50, 37)])
def test_by_way_of_planes_the_pixels_are_the_same(
    tags: ColorTags, pixel_format: str, size: tuple[int, int]
) -> None:
    frame = av.VideoFrame.from_ndarray(picture(3), "rgb24").reformat(format=pixel_format)
    found, alpha = RgbReader(tags)(frame, *size, with_alpha=False)
    width, height = size
    straight = frame.reformat(width=width, height=height, format="rgb24", interpolation=EXACT)
    assert alpha is None and found.dtype == np.uint8 and found.shape == (height, width, 3)
    assert np.abs(found.astype(int) - straight.to_ndarray()).max() <= 1


def test_transparency_comes_along() -> None:
    rgba = np.dstack((picture(3), np.arange(64 * 48, dtype=np.uint8).reshape(48, 64)))
    frame = av.VideoFrame.from_ndarray(rgba, "rgba")
    rgb, alpha = RgbReader(ColorTags())(frame, 64, 48, with_alpha=True)
    np.testing.assert_array_equal(rgb, rgba[..., :3])
    np.testing.assert_array_equal(alpha, rgba[..., 3])


@pytest.mark.parametrize("tags", TAGS)
def test_there_and_back(tags: ColorTags) -> None:
    encoded = RgbWriter("yuv444p", tags)(picture(3), None)
    assert (int(encoded.color_primaries), int(encoded.color_trc)) == (tags.primaries, tags.transfer)
    found, _ = RgbReader(tags)(encoded, 64, 48, with_alpha=False)
    assert np.abs(found.astype(int) - picture(3)).max() <= 3
