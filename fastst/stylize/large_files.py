"""Picture files too large for memory: unpacked to disk, stylized in tiles, and packed again, strip by strip.

libvips reads and writes them, because it streams every format and any kind of TIFF, converts colors, depth
and size on the way, and installs from wheels alone: the extra ``large``.
"""

import contextlib
import importlib
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from PIL import ExifTags

from fastst.errors import FaststError
from fastst.files import atomic_path
from fastst.images.metadata import metadata_worth_keeping
from fastst.images.modes import black_and_white
from fastst.images.pictures import MAX_PIXELS, fitted_size, picture_header, picture_page
from fastst.stylize.options import DEFAULT_OPTIONS, StylizeOptions
from fastst.stylize.stylizer import Stylizer
from fastst.stylize.tiling.canvas import DiskCanvas
from fastst.stylize.tiling.memory import default_memory, memory_left
from fastst.temporaries import temporary_folder

# Decoding with Pillow takes three copies at its peak, each of four bytes a pixel.
_PILLOW_BYTES = 12
# Kinds of numbers whose white is known beforehand.
_STREAMED = frozenset(("uchar", "ushort"))
_NUMPY_NAMES = {"short": "int16", "int": "int32", "uint": "uint32"}
_READABLE_FORMATS = frozenset(("TIFF", "JPEG", "PNG", "WEBP"))
_TIFF: dict[str, Any] = {"tile": True, "tile_width": 256, "tile_height": 256, "compression": "deflate"}
_SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    ".tif": _TIFF,
    ".tiff": _TIFF,
    ".png": {},
    ".jpg": {"Q": 95},
    ".jpeg": {"Q": 95},
    ".webp": {"Q": 95},
}
# Below the 4 GiB that offsets in a plain TIFF can reach, with room for its tables.
_BIG_TIFF_BYTES = 3_900_000_000


def goes_by_disk(source: Path, target: Path, *, size: int | None, stylizer: Stylizer) -> bool:
    """Whether a file is better stylized by ``stylize_large_file`` than in memory.

    So it is where Pillow could not hold it within the stylizer's memory, and beyond ``MAX_PIXELS``; but a
    picture other than a TIFF that is larger than that is refused as ever, since a small file may hold it.
    It takes pyvips, and formats that libvips reads and writes.
    """
    if target.suffix.lower() not in _SAVE_OPTIONS:
        return False
    with picture_header(source) as header:
        if header is None or header.format not in _READABLE_FORMATS:
            return False
        pixels, is_tiff = header.width * header.height, header.format == "TIFF"
        width, height = fitted_size(header.size, size)
    if pixels > MAX_PIXELS and not is_tiff:
        return False
    largest = max(pixels, width * height)
    return (largest > MAX_PIXELS or largest * _PILLOW_BYTES > _host_memory(stylizer)) and _vips() is not None


def _host_memory(stylizer: Stylizer) -> int:
    cpu = torch.device("cpu")
    return stylizer.tiler.room if stylizer.device.type == "cpu" else memory_left(default_memory(cpu), cpu)


def _vips() -> Any | None:
    try:
        return importlib.import_module("pyvips")
    except (ImportError, OSError):  # OSError: pyvips is there, and libvips is not
        return None


def stylize_large_file(
    stylizer: Stylizer,
    source: Path,
    target: Path,
    *,
    options: StylizeOptions = DEFAULT_OPTIONS,
    all_metadata: bool = False,
    on_progress: Callable[[float], None] = lambda share: None,
) -> None:
    """Stylize a picture file of any size, as ``Stylizer.stylize_picture`` does a picture.

    The memory taken does not grow with the picture. Beside ``target`` it takes 6 to 7 bytes of disk for each
    pixel while it works. Orientation, color profile, transparency and deeper pixels are treated as by
    ``read_picture``. A TIFF comes out tiled, compressed without loss, as BigTIFF where it must be, and keeps
    of the metadata the resolution and XMP; other formats keep EXIF too.

    Raises:
        UsageError: if the memory is too little for any tile.
        FaststError: if the file cannot be read or written, or the disk has no room for the work.
    """
    with picture_header(source) as header:
        page = picture_page(str(source), header) if header else 0
        info = metadata_worth_keeping(header, everything=all_metadata) if header else {}
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(target.parent) as folder:
            photo = _unpack(source, folder, page=page, size=options.size)
            painted = photo.blank(photo.height, photo.width)
            stylizer.stylize_canvas(photo, painted, options=options, on_progress=on_progress)
            _pack(photo, painted, target, info)
    except OSError as error:
        reason = error.strerror or str(error)
        raise FaststError(f"{target}: cannot be written ({reason}); choose another place with -o") from error


def _unpack(source: Path, folder: Path, *, page: int, size: int | None) -> DiskCanvas:
    """Write the upright sRGB picture, with its transparency if any, as raw pixels into the folder."""
    vips = _vips()
    assert vips is not None
    try:
        image = _opened(vips, source, page=page)
        image = _as_srgb(vips, image)
        width, height = fitted_size((image.width, image.height), size)
        if (width, height) != (image.width, image.height):
            image = image.resize(width / image.width, vscale=height / image.height, kernel="lanczos3")
        image = image[: 4 if image.hasalpha() else 3].cast("uchar")
        _check_disk(folder, width * height * (image.bands + 3), source)
        image.rawsave(os.fspath(folder / "photo.raw"))
    except vips.Error as error:
        raise FaststError(
            f"{source}: is cut short or damaged ({_reason(error)}); fetch or copy it again"
        ) from error
    canvas = DiskCanvas(folder / "photo.raw", height, width, bands=image.bands)
    if image.bands > 3:
        canvas.fill_hidden()
    return canvas


def _opened(vips: Any, source: Path, *, page: int) -> Any:
    options = {"page": page} if page else {}
    image = vips.Image.new_from_file(os.fspath(source), access="sequential", fail_on="error", **options)
    orientation = _orientation(source)
    if orientation > 1 or image.format not in _STREAMED:
        # What is turned or has to be looked through first cannot be read from top to bottom; libvips unpacks
        # it to disk first.
        image = vips.Image.new_from_file(os.fspath(source), access="random", fail_on="error", **options)
    image = image.copy()
    # Pillow's answer, which knows XMP too.
    image.set_type(vips.GValue.gint_type, "orientation", orientation)
    return image.autorot()


def _orientation(source: Path) -> int:
    with picture_header(source) as header:
        try:
            found = header.getexif().get(ExifTags.Base.Orientation, 1) if header else 1
        except Exception:  # Pillow raises anything at all over broken EXIF; the pixels are still good
            return 1
    return found if found in range(1, 9) else 1


def _as_srgb(vips: Any, image: Any) -> Any:
    """Convert as ``fastst.images.modes`` does, so that no color depends on how much memory there is."""
    if image.get_typeof("icc-profile-data"):
        # As there, a profile that cannot be used is ignored.
        with contextlib.suppress(vips.Error):
            image = image.icc_transform("srgb", embedded=True)
    if image.interpretation == "cmyk":
        ink, black = image[:3], image[3]
        light = ((255 - ink) * (255 - black) / 255).rint().cast("uchar")
        return light.copy(interpretation="srgb")
    if image.format not in _STREAMED:
        colors = image.bands - image.hasalpha()
        scaled = _scaled(image[:colors])
        if image.hasalpha():
            scaled = scaled.bandjoin(_scaled(image[colors]))
        return scaled.copy(interpretation="b-w" if colors == 1 else "srgb").colourspace("srgb")
    return image.colourspace("srgb")


def _scaled(image: Any) -> Any:
    kind = _NUMPY_NAMES.get(image.format, "float")
    darkest = image.min() if kind.startswith("int") else 0.0  # each is a pass over the whole file
    black, white = black_and_white(kind, darkest, image.max())
    share = ((image - black) / (white - black)).cast("float")
    return (255 * (share > 1).ifthenelse(1, (share < 0).ifthenelse(0, share))).rint().cast("uchar")


def _check_disk(folder: Path, needed: int, source: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise FaststError(
            f"{source}: takes {needed / 1e9:.1f} GB of disk beside the output while it is stylized, and "
            f"{free / 1e9:.1f} are free; choose another place with -o"
        )


def _pack(photo: DiskCanvas, painted: DiskCanvas, target: Path, info: Mapping[str, Any]) -> None:
    vips = _vips()
    assert vips is not None
    suffix = target.suffix.lower()
    options = dict(_SAVE_OPTIONS[suffix])
    if "compression" in options:
        options["bigtiff"] = painted.height * painted.width * photo.bands > _BIG_TIFF_BYTES
    with atomic_path(target) as temporary:
        try:
            image = _raw(vips, painted)
            if photo.bands > 3:
                image = image.bandjoin(_raw(vips, photo)[3])
            _with_metadata(vips, image, info).write_to_file(os.fspath(temporary), **options)
        except vips.Error as error:
            raise FaststError(
                f"{target}: cannot be written as {suffix[1:].upper()} ({_reason(error)}); try .tif"
            ) from error


def _raw(vips: Any, canvas: DiskCanvas) -> Any:
    size = canvas.width, canvas.height, canvas.bands
    image = vips.Image.rawload(os.fspath(canvas.path), *size, access="sequential")
    return image.copy(interpretation="srgb")


def _with_metadata(vips: Any, image: Any, info: Mapping[str, Any]) -> Any:
    if "dpi" in info:
        across, down = info["dpi"]
        image = image.copy(xres=across / 25.4, yres=down / 25.4)
    image = image.copy()
    for name, key in (("exif-data", "exif"), ("xmp-data", "xmp")):
        if key in info:
            image.set_type(vips.GValue.blob_type, name, info[key])
    return image


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[-1].strip() if lines else type(error).__name__
