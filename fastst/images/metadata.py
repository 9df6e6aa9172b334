"""Carry what a picture says about itself from the photo to the stylized copy."""

import math
from collections.abc import Mapping
from typing import Any

from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngImageFile, PngInfo

from fastst.images.xmp import still_true

# The rest of a picture's first EXIF folder describes how its pixels are laid out in the file, and
# the orientation has been applied; a copy that repeats them would be wrong.
_KEPT_EXIF_TAGS = frozenset(
    {
        ExifTags.Base.ImageDescription,
        ExifTags.Base.Make,
        ExifTags.Base.Model,
        ExifTags.Base.Software,
        ExifTags.Base.DateTime,
        ExifTags.Base.Artist,
        ExifTags.Base.Copyright,
    }
)
# What describes the photo's own pixels, where things were in them, or other files beside it.
_STALE_EXIF_TAGS = frozenset(
    {
        ExifTags.Base.ComponentsConfiguration,
        ExifTags.Base.CompressedBitsPerPixel,
        0x9214,  # SubjectArea, which Pillow has under no name
        ExifTags.Base.ColorSpace,
        ExifTags.Base.ExifImageWidth,
        ExifTags.Base.ExifImageHeight,
        ExifTags.Base.RelatedSoundFile,
        ExifTags.Base.ExifInteroperabilityOffset,
        ExifTags.Base.SubjectLocation,
        ExifTags.Base.Gamma,
    }
)
# May hold a thumbnail of the photo, and where it was taken.
_PRIVATE_EXIF_TAGS = frozenset({ExifTags.Base.MakerNote})
_XMP_TEXT_KEY = "XML:com.adobe.xmp"
# EXIF and XMP as ImageMagick hides them in text, orientation and all.
_NOT_TEXT = (_XMP_TEXT_KEY, "Raw profile type ")
_JPEG_SEGMENT_BYTES = 65_500
_JPEG_MAX_DPI = 65_535


def metadata_worth_keeping(image: Image.Image, *, everything: bool = False) -> dict[str, Any]:
    """What of an opened picture's metadata is still true of a stylized copy.

    That is without orientation, thumbnails and whatever describes the photo's own file; and, unless
    ``everything`` is asked for, without the place where it was taken and the camera's own notes.

    Returns:
        Any of ``exif`` (bytes), ``dpi`` (a pair of floats), ``xmp`` (bytes), ``comment`` (bytes) and ``text``
        (a dict, from PNG).
    """
    xmp = image.info.get("xmp") or image.info.get(_XMP_TEXT_KEY)
    xmp = xmp.encode("utf-8", "replace") if isinstance(xmp, str) else xmp
    found = {
        "exif": _exif(image, everything=everything),
        "dpi": _dpi(image.info.get("dpi")),
        "xmp": still_true(xmp, everything=everything) if isinstance(xmp, bytes) else None,
        "comment": image.info.get("comment"),
        "text": _text(image),
    }
    return {key: value for key, value in found.items() if value}


def _exif(image: Image.Image, *, everything: bool) -> bytes | None:
    try:
        exif = image.getexif()
        kept = Image.Exif()
        for tag in _KEPT_EXIF_TAGS & set(exif):
            kept[tag] = exif[tag]
        left_out = _STALE_EXIF_TAGS if everything else _STALE_EXIF_TAGS | _PRIVATE_EXIF_TAGS
        entries = {
            tag: value for tag, value in exif.get_ifd(ExifTags.IFD.Exif).items() if tag not in left_out
        }
        if entries:
            kept[ExifTags.IFD.Exif] = entries
        if everything and (position := exif.get_ifd(ExifTags.IFD.GPSInfo)):
            kept[ExifTags.IFD.GPSInfo] = dict(position)
        return kept.tobytes() if len(kept) else None
    except Exception:  # Pillow raises anything at all over broken EXIF; the picture is still good
        return None


def _dpi(dpi: Any) -> tuple[float, float] | None:
    try:
        across, down = (float(value) for value in dpi)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    # TIFF without a unit reads as 1 dpi.
    sound = all(math.isfinite(value) and 1 < value <= _JPEG_MAX_DPI for value in (across, down))
    return (across, down) if sound else None


def _text(image: Image.Image) -> dict[str, str]:
    # Not ``image.text``, which decodes the whole picture for what may stand behind the pixels.
    if not isinstance(image, PngImageFile):
        return {}
    return {
        key: str(value)
        for key, value in image.info.items()
        if isinstance(key, str) and isinstance(value, str) and not key.startswith(_NOT_TEXT)
    }


def save_options(info: Mapping[str, Any], file_format: str) -> dict[str, Any]:
    """Pillow's ``save`` arguments that write ``info`` into a file of that Pillow format.

    What the format has no room for is left out.
    """
    options = {key: info[key] for key in ("exif", "dpi", "xmp", "comment") if key in info}
    if file_format == "PNG":
        options["pnginfo"] = _png_info(info)
    if file_format == "JPEG":
        return {key: value for key, value in options.items() if len(value) <= _JPEG_SEGMENT_BYTES}
    return options


def _png_info(info: Mapping[str, Any]) -> PngInfo:
    chunks = PngInfo()
    for key, value in info.get("text", {}).items():
        chunks.add_itxt(key, value)
    if "xmp" in info:
        chunks.add_itxt(_XMP_TEXT_KEY, info["xmp"].decode("utf-8", "replace"))
    return chunks
