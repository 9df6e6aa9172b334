"""Pictures in and out: files to upright sRGB pictures, and back."""

import io
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image, PngImagePlugin, UnidentifiedImageError

from fastst.errors import FaststError, UsageError
from fastst.files import StrPath, atomic_path, check_is_file, readable_file
from fastst.images.formats import (
    FORMATS_WITH_ALPHA,
    OUTPUT_FORMATS,
    TIFF_STARTS,
    check_output_suffix,
    formats_at_hand,
    why_not_a_picture,
)
from fastst.images.metadata import metadata_worth_keeping, save_options
from fastst.images.modes import to_rgb_and_alpha

MAX_PIXELS = 200_000_000
# Networks are given no less: a thinner picture is widened for the time.
LEAST_SIDE = 32
# The loss network halves its maps three times, and statistics need more than one value.
LEAST_FOR_LOSSES = 16
LONGEST_SIDE = 1_000_000

# Pillow refuses a PNG for a color profile or a text of more than 1 MB, however sound its pixels are.
PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_MEMORY = 64 * 2**20

_ANIMATED_FORMATS = frozenset(("GIF", "PNG", "WEBP", "AVIF"))
_LONGEST_HEADER = 2**16
# TIFF's tag for what a page is, and its bit for a smaller copy of another page.
_NEW_SUBFILE_TYPE, _REDUCED = 254, 1

_pillow_limit_lock = threading.Lock()


@dataclass(frozen=True)
class Picture:
    """A picture ready to work on.

    Attributes:
        rgb: the colors, mode RGB, upright, sRGB.
        alpha: the transparency, mode L, of the same size, 255 where opaque; None if there is none.
        info: metadata to write with it; see ``fastst.images.metadata``.
    """

    rgb: Image.Image
    alpha: Image.Image | None = None
    info: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, image: Image.Image, *, all_metadata: bool = False) -> "Picture":
        """Take in a Pillow image of any mode; ``all_metadata`` as in ``read_picture``."""
        rgb, alpha = to_rgb_and_alpha(image)
        return cls(rgb=rgb, alpha=alpha, info=metadata_worth_keeping(image, everything=all_metadata))


def read_picture(path: StrPath, *, all_metadata: bool = False) -> Picture:
    """Read a picture file of any common format and mode.

    EXIF orientation is applied, an ICC profile is converted to sRGB, deeper pixels are scaled to
    8 bits, and transparency is kept apart.

    Args:
        path: the file.
        all_metadata: keep of the metadata also the place where it was taken and the camera's own notes.

    Raises:
        FaststError: if the file is missing, a folder, empty, not a picture, cut short, may not be
            read, is an animation or has several pages, or has more than ``MAX_PIXELS`` pixels.
    """
    path = Path(path)
    with readable_file(path, if_folder="is a folder, not a picture; name a file in it") as file:
        return decode_picture(file, name=str(path), all_metadata=all_metadata)


@contextmanager
def picture_header(path: Path) -> Iterator[Image.Image | None]:
    """Open a picture without decoding it, whatever its size; None where ``read_picture`` would refuse it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            check_is_file(path, what="a picture")
            with _pillow_without_pixel_limit():
                image = Image.open(path, formats=formats_at_hand())
        except Exception:  # as in decode_picture
            yield None
            return
        with image:
            yield image


def decode_picture(file: BinaryIO, *, name: str, all_metadata: bool = False) -> Picture:
    """Read a picture from an open file; ``name`` is for errors, which are those of ``read_picture``."""
    with warnings.catch_warnings():
        # Pillow warns about odd metadata, which nobody who asked for the pixels can act on.
        warnings.simplefilter("ignore")
        try:
            _check_header_ends(name, file)
            if file.read(4) in TIFF_STARTS:
                from fastst.images.tiff import read_unusual_tiff  # what it stands on takes long to import

                unusual = read_unusual_tiff(
                    file, name=name, check_size=lambda size: _check_pixels(name, size)
                )
                if unusual is not None:
                    return Picture.of(unusual, all_metadata=all_metadata)
            file.seek(0)
            with _pillow_without_pixel_limit():
                image = Image.open(file, formats=formats_at_hand())
            _check_pixels(name, image.size)
            image.seek(picture_page(name, image))
            _check_pixels(name, image.size)
            image.load()
            return Picture.of(image, all_metadata=all_metadata)
        except FaststError:
            raise
        except UnidentifiedImageError as error:
            raise FaststError(f"{name}: {why_not_a_picture(file)}") from error
        except MemoryError as error:
            raise FaststError(f"{name}: is too large for the memory of this machine") from error
        except Exception as error:  # the decoders raise a dozen kinds over damaged bytes
            raise FaststError(f"{name}: is cut short or damaged; fetch or copy it again") from error


@contextmanager
def _pillow_without_pixel_limit() -> Iterator[None]:
    """Let ``Image.open`` read a header of any size, so that the refusal can name that size."""
    with _pillow_limit_lock:
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _check_header_ends(name: str, file: BinaryIO) -> None:
    """Refuse a PPM and its like whose comments have no end in sight: Pillow reads them byte by byte."""
    start = file.read(_LONGEST_HEADER)
    file.seek(0)
    if re.match(rb"P[1-7fFy]\s", start) and len(start) == _LONGEST_HEADER:
        tokens = re.sub(rb"#[^\n]*", b"", start).split(maxsplit=4)
        if len(tokens) < 3:
            raise FaststError(f"{name}: its header is longer than {_LONGEST_HEADER} bytes; save it again")


def _check_pixels(name: str, size: tuple[int, int]) -> None:
    width, height = size
    if max(width, LEAST_SIDE) * max(height, LEAST_SIDE) > MAX_PIXELS >= width * height:
        raise FaststError(
            f"{name}: is {width} x {height}; a picture so thin would have to be made {LEAST_SIDE} px wide to "
            f"be stylized, and that is more than {MAX_PIXELS / 1e6:.0f} megapixels; cut it into parts"
        )
    if width * height > MAX_PIXELS:
        raise FaststError(
            f"{name}: is {width} x {height}, {width * height / 1e6:.0f} megapixels, and the limit is "
            f"{MAX_PIXELS / 1e6:.0f}; make it smaller first, or give a TIFF and install fastst[large]"
        )


def picture_page(name: str, image: Image.Image) -> int:
    """Return the page of an opened file that holds its picture: 0, but where smaller copies come first.

    Raises:
        FaststError: if the file holds several pictures, as an animation or as pages, or a small copy alone.
    """
    if image.format in _ANIMATED_FORMATS and getattr(image, "is_animated", False):
        raise FaststError(f"{name}: is an animation; stylize it with `fastst video`, or save the one frame")
    if image.format != "TIFF":
        return 0
    pages = [page for page in range(getattr(image, "n_frames", 1)) if not _is_small_copy(image, page)]
    image.seek(0)
    if len(pages) > 1:
        raise FaststError(f"{name}: holds {len(pages)} pages; save each as a picture of its own")
    if not pages:
        raise FaststError(
            f"{name}: shows only a small copy of its picture, as RAW files of cameras do; develop it first, "
            "and give the JPEG or TIFF"
        )
    return pages[0]


def _is_small_copy(image: Image.Image, page: int) -> bool:
    image.seek(page)
    kind = getattr(image, "tag_v2", {}).get(_NEW_SUBFILE_TYPE, 0)
    return bool(kind & _REDUCED) if isinstance(kind, int) else False


def write_picture(picture: Picture, path: StrPath, *, quality: int = 95) -> None:
    """Write a picture, whole or not at all, in the format that the suffix names.

    Transparency is kept where the format has it and laid over white elsewhere.

    Args:
        picture: what to write.
        path: where; missing folders are made.
        quality: 1 to 100, for JPEG, WebP and AVIF.

    Raises:
        UsageError: if the suffix names no format that can be written.
        FaststError: if the file cannot be written, or the format cannot hold a picture that large.
    """
    check_output_suffix(path)
    file_format = OUTPUT_FORMATS[Path(path).suffix.lower()]
    image = with_alpha(picture) if file_format in FORMATS_WITH_ALPHA else _over_white(picture)
    options = save_options(picture.info, file_format)
    if file_format in ("JPEG", "WEBP", "AVIF"):
        options["quality"] = quality
    # Into memory first: Pillow's encoders do not notice where a full disk takes a part of what they write.
    encoded = io.BytesIO()
    try:
        image.save(encoded, format=file_format, **options)
    except (ValueError, OSError) as error:
        raise FaststError(f"{path}: cannot be written as {file_format} ({error}); try .png") from error
    with atomic_path(path) as temporary:
        temporary.write_bytes(encoded.getbuffer())


def with_alpha(picture: Picture) -> Image.Image:
    """The picture as one image, mode RGBA if it has transparency, else RGB."""
    if picture.alpha is None:
        return picture.rgb
    return Image.merge("RGBA", (*picture.rgb.split(), picture.alpha))


def _over_white(picture: Picture) -> Image.Image:
    if picture.alpha is None:
        return picture.rgb
    return Image.composite(picture.rgb, Image.new("RGB", picture.rgb.size, "white"), picture.alpha)


def fit(image: Image.Image, size: int | None) -> Image.Image:
    """Resize so that the long side is ``size`` px, keeping the aspect; None changes nothing.

    Raises:
        UsageError: if ``size`` is below 1 or makes more than ``MAX_PIXELS`` pixels.
    """
    if size is None:
        return image
    check_size(size)
    width, height = fitted_size(image.size, size)
    if width * height > MAX_PIXELS:
        raise UsageError(
            f"size {size} makes a picture of more than {MAX_PIXELS / 1e6:.0f} megapixels; choose less"
        )
    return image.resize((width, height), Image.Resampling.LANCZOS)


def fitted_size(sides: tuple[int, int], size: int | None) -> tuple[int, int]:
    """Width and height scaled so that the longer is ``size`` px; None changes nothing."""
    scale = 1 if size is None else size / max(sides)
    width, height = (max(1, round(side * scale)) for side in sides)
    return width, height


def check_size(size: int | None) -> None:
    """Refuse a size that no picture can have.

    Raises:
        UsageError: if it is below 1 px or above ``LONGEST_SIDE``.
    """
    if size is not None and not 1 <= size <= LONGEST_SIDE:
        raise UsageError(f"size is {size}; it is the long side in pixels, so give 1 to {LONGEST_SIDE}")
