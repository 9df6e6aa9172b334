"""The graphs that are kept so that the next photo needs no torch."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fastst.images.pictures import Picture
from fastst.networks import build
from fastst.networks.checkpoint import save_checkpoint
from fastst.networks.header import Metadata
from fastst.stylize.kept import KeptStylizer, graph_file
from fastst.stylize.kept import keep as keep_at
from fastst.stylize.kept import load_kept as load_from
from fastst.stylize.load import load
from fastst.stylize.options import StylizeOptions
from fastst.stylize.stylizer import Stylizer

pytest.importorskip("onnxruntime")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("FASTST_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "graphs"


@pytest.fixture
def style(tmp_path: Path) -> str:
    """A checkpoint of a small network."""
    return write_style(tmp_path / "small.safetensors", seed=0)


def write_style(path: Path, *, seed: int) -> str:
    import torch

    torch.manual_seed(seed)
    options = {"width": 8, "half": 8, "blocks": 1}
    metadata = Metadata(
        architecture="brush", options=options, title="Small", steps=0, data="none", fastst_version="0"
    )
    save_checkpoint(path, build("brush", **options), metadata)
    return str(path)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo of 90 x 60 pixels, half transparent."""
    pixels = np.random.default_rng(0).integers(0, 256, (60, 90, 4), dtype=np.uint8)
    path = tmp_path / "photo.png"
    Image.fromarray(pixels, "RGBA").save(path)
    return path


USUAL = StylizeOptions()


def load_kept(style: str, photos: list[Path], *, options: StylizeOptions) -> KeptStylizer | None:
    graph = graph_file(style, photos, options=options)
    return load_from(graph) if graph else None


def keep(style: str, stylizer: Stylizer, *, photo: Path) -> None:
    graph = graph_file(style, [photo], options=USUAL)
    assert graph is not None
    keep_at(graph, stylizer)


def test_repaints_as_torch_does_with_transparency(style: str, photo: Path, cache: Path) -> None:
    stylizer = load(style, device="cpu")
    assert load_kept(style, [photo], options=USUAL) is None

    keep(style, stylizer, photo=photo)
    kept = load_kept(style, [photo], options=USUAL)

    assert kept is not None
    picture = Picture.of(Image.open(photo))
    for options in (USUAL, StylizeOptions(size=64)):
        found = kept.stylize_picture(picture, options=options)
        expected = stylizer.stylize_picture(picture, options=options)
        difference = np.asarray(found.rgb).astype(int) - np.asarray(expected.rgb).astype(int)
        assert np.abs(difference).max() <= 1
        assert found.alpha is not None and expected.alpha is not None
        assert found.alpha.tobytes() == expected.alpha.tobytes()


@pytest.mark.parametrize(
    "options",
    [StylizeOptions(strength=0.5), StylizeOptions(keep_colors=True), StylizeOptions(stroke_size=2)],
)
def test_other_options_are_for_torch(style: str, photo: Path, cache: Path, options: StylizeOptions) -> None:
    keep(style, load(style, device="cpu"), photo=photo)

    assert load_kept(style, [photo], options=options) is None


def test_several_photos_large_and_thin_ones_are_for_torch(style: str, photo: Path, cache: Path) -> None:
    keep(style, load(style, device="cpu"), photo=photo)
    thin, large = photo.with_name("thin.png"), photo.with_name("large.png")
    Image.new("RGB", (31, 90)).save(thin)
    Image.new("RGB", (1001, 1000)).save(large)

    assert load_kept(style, [photo, photo], options=USUAL) is None
    assert load_kept(style, [thin], options=USUAL) is None
    assert load_kept(style, [large], options=USUAL) is None
    assert load_kept(style, [large], options=StylizeOptions(size=500)) is not None


def test_a_style_that_was_trained_anew_is_not_taken_for_the_old(style: str, photo: Path, cache: Path) -> None:
    keep(style, load(style, device="cpu"), photo=photo)
    write_style(Path(style), seed=1)

    assert load_kept(style, [photo], options=USUAL) is None


def test_a_mix_is_for_torch(style: str, photo: Path, cache: Path) -> None:
    assert load_kept(f"{style}:0.5+{style}:0.5", [photo], options=USUAL) is None


def test_a_damaged_graph_is_passed_over(style: str, photo: Path, cache: Path) -> None:
    keep(style, load(style, device="cpu"), photo=photo)
    (graph,) = cache.iterdir()
    graph.write_bytes(graph.read_bytes()[:100])

    assert load_kept(style, [photo], options=USUAL) is None

    keep(style, load(style, device="cpu"), photo=photo)  # and made anew
    assert load_kept(style, [photo], options=USUAL) is not None


def test_the_graphs_used_last_are_kept(
    style: str, photo: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fastst.stylize.kept._MOST_GRAPHS", 1)
    keep(style, load(style, device="cpu"), photo=photo)
    other = write_style(Path(style).with_name("other.safetensors"), seed=1)

    keep(other, load(other, device="cpu"), photo=photo)

    assert load_kept(other, [photo], options=USUAL) is not None
    assert load_kept(style, [photo], options=USUAL) is None
