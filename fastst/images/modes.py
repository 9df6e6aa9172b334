"""Bring whatever Pillow opens to upright 8-bit sRGB, with the transparency set apart."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from fastst.images.hidden import filled

_SRGB = ImageCms.createProfile("sRGB")
_UNREADABLE_PROFILE = (ImageCms.PyCMSError, OSError, TypeError, ValueError)
_PIXELS_AT_ONCE = 2**20
_DEEP_MODES = ("I", "F")
# What is customarily white, by numpy's name of the type.
_WHITE_LEVELS = {
    "uint8": (255.0,),
    "uint16": (65535.0,),
    "int16": (2.0**15 - 1,),
    "uint32": (65535.0, 2.0**32 - 1),
    "int32": (65535.0, 2.0**31 - 1),
    "float": (1.0, 255.0, 65535.0),
}


def to_rgb_and_alpha(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Split a loaded picture of any mode into its sRGB colors and its transparency.

    EXIF orientation is applied. An ICC profile is converted to sRGB; one that cannot be used is
    ignored. Of an animation, the frame that is loaded counts. Colors that are hidden, as the
    picture is wholly clear there, are replaced by those nearby.

    Returns:
        The colors, mode RGB, and the transparency, mode L (255 is opaque), or None where the
        picture has none. Neither carries metadata.
    """
    image = _upright(image)
    profile = image.info.get("icc_profile")
    colors, alpha = _split_alpha(image)
    rgb = _to_srgb(colors, profile)
    if alpha is not None:
        rgb = filled(rgb, alpha)
    for part in (rgb, alpha):
        if part is not None:
            part.info = {}
    return rgb, alpha


def _upright(image: Image.Image) -> Image.Image:
    image.load()
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # Pillow raises anything at all over broken EXIF; the pixels are still good
        return image.copy()


def _split_alpha(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    if image.mode.startswith(_DEEP_MODES):
        return Image.fromarray(to_8_bit(np.asarray(image))), _deep_alpha(image)
    if image.mode == "LA" or (image.mode == "L" and image.has_transparency_data):
        # Still gray, as a profile for gray does not fit RGB.
        return image.convert("L"), image.convert("RGBA").getchannel("A")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        return rgba.convert("RGB"), rgba.getchannel("A")
    if image.mode == "1":
        return image.convert("L"), None
    if image.mode in ("L", "RGB", "CMYK", "LAB"):
        return image, None
    return image.convert("RGB"), None


def to_8_bit(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Scale an array (H, W) or (H, W, C) of any numbers so that black and white stay what they are.

    The type does not say which value is white, so it is the lowest of the customary ones that holds every
    value. Whole numbers of which some are negative use all of their range. What is no number is black, and
    what is infinite white or black.
    """
    is_float = values.dtype.kind == "f"
    numbers = (band[np.isfinite(band)] if is_float else band for band in _bands(values))
    brightest = max((float(band.max()) for band in numbers if band.size), default=0.0)
    darkest = float(values.min()) if values.dtype.kind == "i" else 0.0
    black, white = black_and_white("float" if is_float else values.dtype.name, darkest, brightest)
    levels = np.empty(values.shape, np.uint8)
    for band, scaled in zip(_bands(values), _bands(levels), strict=True):
        share = (
            np.nan_to_num(band.astype(np.float32), nan=black, posinf=white, neginf=black) - np.float32(black)
        ) / np.float32(white - black)
        scaled[:] = np.rint(share.clip(0, 1) * 255)
    return levels


def black_and_white(kind: str, darkest: float, brightest: float) -> tuple[float, float]:
    """Return which values are black and white, as ``to_8_bit`` has it.

    Args:
        kind: "float", or numpy's name of a type of whole numbers.
        darkest: the picture's least value.
        brightest: its largest.
    """
    if kind.startswith("int") and darkest < 0:
        limits = np.iinfo(kind)
        return float(limits.min), float(limits.max)
    return 0.0, next((level for level in _WHITE_LEVELS[kind] if brightest <= level), brightest)


def _bands(values: NDArray[Any]) -> list[NDArray[Any]]:
    """Rows of about a megapixel: the work on a large picture takes no more memory than on a small one."""
    rows = max(1, _PIXELS_AT_ONCE // values.shape[1])
    return [values[start : start + rows] for start in range(0, len(values), rows)]


def _deep_alpha(image: Image.Image) -> Image.Image | None:
    see_through = image.info.get("transparency")
    if not isinstance(see_through, int):
        return None
    opaque = np.asarray(image) != see_through
    return Image.fromarray(opaque.astype(np.uint8) * 255)


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if image.mode == "LAB":
        return _converted(image, ImageCms.createProfile("LAB"))
    if profile:
        try:
            return _converted(image, ImageCms.ImageCmsProfile(io.BytesIO(profile)))
        except _UNREADABLE_PROFILE:
            pass
    return image.convert("RGB")


def _converted(
    image: Image.Image, profile: ImageCms.ImageCmsProfile | ImageCms.core.CmsProfile
) -> Image.Image:
    converted = ImageCms.profileToProfile(image, profile, _SRGB, outputMode="RGB")
    assert converted is not None
    return converted
