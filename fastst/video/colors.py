"""Between a video's YCbCr and RGB, with matrix and range as the video's tags say, so that no color shifts."""

from dataclasses import replace

import numpy as np
from av import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorTrc, Interpolation, VideoReformatter
from numpy.typing import NDArray

from fastst.errors import FaststError
from fastst.video.frame import ColorTags

_UNKNOWN, _LIMITED, _FULL = 2, 1, 2
_BT709, _BT601, _BT2020 = 1, 6, 9
# By matrix in H.273, the constant that libswscale knows it by.
_SCALER_MATRIX = {1: 1, 4: 4, 5: 5, 6: 5, 7: 7, 9: 9}
_UNREADABLE_MATRICES = frozenset((8, 10, 11, 12, 13, 14))
_HDR_TRANSFERS = frozenset((ColorTrc.SMPTE2084, ColorTrc.ARIB_STD_B67))
_HD_HEIGHT = 720
# Rounding and chroma at full resolution; without these flags libswscale is some levels off.
_EXACT = Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP


def color_tags(frame: VideoFrame) -> ColorTags:
    """Read a decoded frame's tags, filling in what players assume where they are missing.

    That is BT.709 from 720 lines up and BT.601 below, in limited range. RGB videos are written as BT.709.
    """
    if frame.format.is_rgb or frame.format.has_palette:
        return ColorTags()
    matrix = int(frame.colorspace)
    if matrix not in _SCALER_MATRIX and matrix not in _UNREADABLE_MATRICES:
        matrix = _BT709 if frame.height >= _HD_HEIGHT else _BT601
    return ColorTags(
        matrix=matrix,
        primaries=int(frame.color_primaries),
        transfer=int(frame.color_trc),
        full_range=int(frame.color_range) == _FULL,
    )


def is_hdr(tags: ColorTags) -> bool:
    """Whether the transfer is that of a high dynamic range: PQ or HLG."""
    return tags.transfer in _HDR_TRANSFERS


def without_hdr(tags: ColorTags) -> ColorTags:
    """Return the tags that a video has once ``RgbReader`` mapped it into the range of ordinary screens."""
    if not is_hdr(tags):
        return tags
    return replace(tags, matrix=_BT709, primaries=_BT709, transfer=_BT709)


class RgbReader:
    """Turns decoded frames into RGB of one size.

    Frames of a high dynamic range are mapped to BT.709: networks were trained on photos, and a style's
    colors make no sense on PQ's scale.

    libswscale is vectorised for planes of red, green and blue, and not for pixels of all three: to planes and
    from there to pixels is the same to the bit, and takes 0.95 ms of a core where the straight way takes 3.2
    (640 x 480 from yuv420p).
    """

    def __init__(self, tags: ColorTags) -> None:
        self._tags = tags
        self._to_planes, self._to_pixels = VideoReformatter(), VideoReformatter()

    def __call__(
        self, frame: VideoFrame, width: int, height: int, *, with_alpha: bool
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
        """Return RGB (H, W, 3), and alpha (H, W) if asked for.

        Raises:
            FaststError: if the video's color matrix is one that cannot be converted.
        """
        tags = self._tags
        if tags.matrix in _UNREADABLE_MATRICES:
            raise FaststError(
                f"its color matrix (number {tags.matrix} of H.273) cannot be read; convert it first"
            )
        hdr = {"dst_color_trc": ColorTrc.BT709, "dst_color_primaries": ColorPrimaries.BT709}
        if not (frame.format.is_rgb or frame.format.has_palette):
            frame.colorspace = tags.matrix
            frame.color_range = _FULL if tags.full_range else _LIMITED
        planes = self._to_planes.reformat(
            frame,
            width=width,
            height=height,
            format="gbrap" if with_alpha else "gbrp",
            interpolation=_interpolation(frame, width) | _EXACT,
            **(hdr if is_hdr(tags) else {}),
        )
        converted = self._to_pixels.reformat(planes, format="rgba" if with_alpha else "rgb24")
        pixels = converted.to_ndarray().astype(np.uint8, copy=False)
        if not with_alpha:
            return pixels, None
        return np.ascontiguousarray(pixels[..., :3]), np.ascontiguousarray(pixels[..., 3])


class RgbWriter:
    """Turns RGB into frames for an encoder.

    Args:
        pixel_format: the encoder's, such as yuv420p.
        tags: to encode by.
    """

    def __init__(self, pixel_format: str, tags: ColorTags) -> None:
        self._format = pixel_format
        self._tags = tags
        self._scaler = VideoReformatter()

    def __call__(self, rgb: NDArray[np.uint8], alpha: NDArray[np.uint8] | None) -> VideoFrame:
        """Convert RGB (H, W, 3) and maybe alpha (H, W)."""
        if alpha is None:
            frame = VideoFrame.from_ndarray(rgb, "rgb24")
        else:
            frame = VideoFrame.from_ndarray(np.dstack((rgb, alpha)), "rgba")
        converted = self._scaler.reformat(
            frame,
            format=self._format,
            dst_colorspace=_SCALER_MATRIX[self._tags.matrix],
            dst_color_range=_FULL if self._tags.full_range else _LIMITED,
            interpolation=Interpolation.BICUBIC | _EXACT,
        )
        converted.color_primaries = self._tags.primaries
        converted.color_trc = self._tags.transfer
        return converted


def _interpolation(frame: VideoFrame, width: int) -> Interpolation:
    return Interpolation.AREA if width < frame.width / 2 else Interpolation.LANCZOS
