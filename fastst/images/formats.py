"""The formats of picture files: which are read, which are written, and what is none of them."""

from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from fastst.errors import UsageError
from fastst.files import StrPath

# Named one by one, because Pillow would hand an EPS file to Ghostscript, which runs programs.
_READABLE_FORMATS = frozenset(
    ("PNG", "JPEG", "MPO", "WEBP", "TIFF", "BMP", "DIB", "GIF", "AVIF", "HEIF", "JPEG2000", "PPM", "TGA")
)
OUTPUT_FORMATS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
    ".avif": "AVIF",
}
FORMATS_WITH_ALPHA = frozenset({"PNG", "WEBP", "TIFF", "AVIF"})
TIFF_STARTS = (b"II*\0", b"MM\0*")
_SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", *TIFF_STARTS)
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1")


def formats_at_hand() -> list[str]:
    """Return Pillow's names of the formats that can be read here."""
    Image.init()
    _add_heic()
    return [name for name in Image.ID if name in _READABLE_FORMATS]


@cache
def _add_heic() -> None:
    """Let Pillow read what phones write, where the extra for it is installed."""
    with suppress(ImportError):
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False)


def why_not_a_picture(file: BinaryIO) -> str:
    """Say of an open file that Pillow cannot read what it is."""
    file.seek(0)
    start = file.read(16)
    if start[4:8] == b"ftyp" and start[8:12] in _HEIC_BRANDS:
        return (
            "is a HEIC picture; pip install 'fastst[heic]' to read it, or convert it to JPEG first"
            if find_spec("pillow_heif") is None
            else "is cut short or damaged; fetch or copy it again"
        )
    if start.startswith(_SIGNATURES):
        return "is cut short or damaged; fetch or copy it again"
    return "is not a picture that can be read; give a PNG, JPEG, WebP, TIFF, BMP or GIF file"


def check_output_suffix(path: StrPath) -> None:
    """Refuse an output name whose suffix names no format that can be written.

    Raises:
        UsageError: listing the formats that can.
    """
    suffix = Path(path).suffix
    if suffix.lower() not in OUTPUT_FORMATS:
        known = ", ".join(OUTPUT_FORMATS)
        raise UsageError(
            f"{path}: cannot write {suffix or 'a name without suffix'}; end it with one of {known}"
        )


def can_write(path: StrPath) -> bool:
    """Whether the suffix names a format that ``write_picture`` writes."""
    return Path(path).suffix.lower() in OUTPUT_FORMATS
