"""A folder that any static host serves: a page that stylizes photos and the camera in the browser."""

import io
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import torch
from PIL import Image

from fastst.errors import UsageError
from fastst.files import StrPath, atomic_path
from fastst.images.tensors import read_tensor, to_image
from fastst.networks.checkpoint import Checkpoint
from fastst.networks.styles import load_style, style_label
from fastst.runtime import __version__
from fastst.web.runtime import runtime_archive, runtime_files

_PAGE = Path(__file__).parent / "page"
# What the page opens with, and what the styles' small pictures are of.
_SAMPLE = Path(__file__).parents[1] / "photos" / "chelsea.jpg"
_PAINTED_AT, _THUMBNAIL = 400, 160
# Written last, so that a folder without it is one that was not finished.
_FIRST_OPENED = "index.html"


def export_web(
    styles: Sequence[StrPath],
    folder: StrPath,
    *,
    runtime: StrPath | None = None,
    overwrite: bool = False,
    on_style: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Write a page that stylizes photos and the camera with some styles in the browser.

    Nothing that its visitors show it leaves their machine. See docs/web.md for how to serve it.

    Args:
        styles: names, checkpoints and mixes, at least one.
        folder: where to; made if it is not there.
        runtime: the archive of onnxruntime-web from npm; None: fetched once, and kept in the cache.
        overwrite: whether to write into a folder that has something in it already.
        on_style: called with the number of styles that are done and of all.

    Returns:
        The folder's size in bytes, as written.

    Raises:
        UsageError: if there is no such style, the folder has something in it, or ONNX is not installed.
        FaststError: if a checkpoint cannot be read, onnxruntime-web cannot be had, or a file cannot be
            written.
    """
    folder = Path(folder)
    if not styles:
        raise UsageError("the page has no style; name at least one")
    _check_folder(folder, overwrite=overwrite)
    if not (find_spec("onnx") and find_spec("onnxruntime")):
        raise UsageError("export needs ONNX and its runtime; pip install 'fastst[onnx]'")
    archive = runtime_archive(None if runtime is None else Path(runtime))
    written = 0
    for name, content in _files([os.fspath(style) for style in styles], archive, on_style):
        with atomic_path(folder / name) as temporary:
            temporary.write_bytes(content)
        written += len(content)
    return written


def _check_folder(folder: Path, *, overwrite: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is a file; --web takes a folder")
    if not overwrite and folder.is_dir() and any(folder.iterdir()):
        raise UsageError(
            f"{folder}: is not empty; choose another folder for --web, or give --overwrite to write into it"
        )


def _files(
    styles: Sequence[str], archive: Path, on_style: Callable[[int, int], None]
) -> Iterator[tuple[str, bytes]]:
    """Yield the page's files, by name; the one that is opened first comes last."""
    # Only here, as it imports ONNX, which is an extra.
    from fastst.web.catalogue import Catalogue, WebStyle

    catalogue = Catalogue()
    for done, (style, name) in enumerate(zip(styles, _file_names(styles), strict=True)):
        on_style(done, len(styles))
        painter = load_style(style)
        catalogue.add(WebStyle(name=name, photo=painter, live=load_style(style, for_video=True)))
        yield f"thumbnails/{name}.jpg", _thumbnail(painter)
    on_style(len(styles), len(styles))
    yield from catalogue.files.items()
    for name, content in runtime_files(archive):
        yield f"runtime/{name}", content
    yield "sample.jpg", _SAMPLE.read_bytes()
    told = {"fastst": __version__, "styles": catalogue.styles}
    yield "styles.json", json.dumps(told, ensure_ascii=False).encode()
    yield from _page()


def _page() -> Iterator[tuple[str, bytes]]:
    files = {file.relative_to(_PAGE).as_posix(): file for file in _PAGE.rglob("*") if file.is_file()}
    for name in sorted(files, key=lambda name: (name == _FIRST_OPENED, name)):
        yield name, files[name].read_bytes()


def _file_names(styles: Sequence[str]) -> list[str]:
    """Return a name for each style's files that is fit for an address, and no other style's.

    Raises:
        UsageError: if a style is named twice.
    """
    if twice := next((style for style in styles if styles.count(style) > 1), None):
        raise UsageError(f"{twice}: is named twice; name each style once")
    names: list[str] = []
    for style in styles:
        name = re.sub(r"[^a-z0-9.]+", "-", style_label(style).lower()).strip("-.") or "style"
        names.append(name if name not in names else f"{name}-{len(names)}")
    return names


def _thumbnail(checkpoint: Checkpoint) -> bytes:
    """Return the sample in a style, as a small JPEG."""
    with torch.inference_mode():
        (painted,) = checkpoint.network(read_tensor(_SAMPLE, size=_PAINTED_AT))
    file = io.BytesIO()
    small = to_image(painted).resize((_THUMBNAIL, _THUMBNAIL), Image.Resampling.LANCZOS)
    small.save(file, "JPEG", quality=85)
    return file.getvalue()
