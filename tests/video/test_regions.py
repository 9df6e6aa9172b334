"""Videos in regions: a video for each style alone tells what must be where."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import fastst
from fastst.networks import build
from fastst.networks.checkpoint import save_checkpoint
from fastst.networks.header import Metadata
from tests.films import FilmMaker

WIDTH, HEIGHT = 64, 48


@pytest.fixture(scope="module")
def styles(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Two tiny networks with other random weights each."""
    metadata = Metadata(
        architecture="classic", options={"width": 4}, title="", steps=0, data="", fastst_version=""
    )
    files = [str(tmp_path_factory.mktemp("style") / f"{seed}.safetensors") for seed in range(2)]
    for seed, file in enumerate(files):
        torch.manual_seed(seed)
        save_checkpoint(file, build("classic", width=4), metadata)
    return files


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """A mask of the left half, at another size than the video's."""
    mask = Image.new("L", (3 * WIDTH, 3 * HEIGHT))
    mask.paste(255, (0, 0, 3 * WIDTH // 2, 3 * HEIGHT))
    mask.save(tmp_path / "left.png")
    return tmp_path / "left.png"


def repaint(style: str | None, film: Path, **options: Any) -> np.ndarray:
    """The frames, (N, H, W, 3), without the loss of a video's codec."""
    folder = film.parent / "out"
    result = fastst.stylize_video(style, film, folder / "%d.png", engine="torch", overwrite=True, **options)
    frames = []
    for number in range(1, result.frames + 1):
        with Image.open(folder / f"{number}.png") as frame:
            frames.append(np.asarray(frame))
    return np.stack(frames).astype(int)


@pytest.mark.parametrize(
    "options", [{}, {"strength": 0.5, "keep_colors": True, "size": 128}, {"smooth": True}], ids=str
)
def test_each_style_in_its_region_of_every_frame(
    options: dict[str, Any], styles: list[str], left: Path, make_film: FilmMaker
) -> None:
    if "smooth" in options:
        pytest.importorskip("cv2", exc_type=ImportError)
    film = make_film(frames=4)
    one, other = (repaint(style, film, **options) for style in styles)
    both = repaint(None, film, regions=[(left, styles[0]), f"rest:{styles[1]}"], feather=4, **options)
    assert both.shape == one.shape
    third = both.shape[2] // 3
    assert np.array_equal(both[:, :, :third], one[:, :, :third])
    assert np.array_equal(both[:, :, -third:], other[:, :, -third:])
    assert np.abs(one - other).mean() > 5


def test_what_no_mask_covers_stays_the_film(styles: list[str], left: Path, make_film: FilmMaker) -> None:
    film = make_film(frames=3)
    both = repaint(None, film, regions=[(left, styles[0])])
    untouched = repaint(styles[0], film, strength=0)
    assert np.array_equal(both[:, :, -20:], untouched[:, :, -20:])
    assert not np.array_equal(both[:, :, :20], untouched[:, :, :20])


def test_frames_that_change_their_size(styles: list[str], left: Path, make_film: FilmMaker) -> None:
    clock = {"time_base": Fraction(1, 90000)}
    small, large = make_film("a.ts", **clock), make_film("b.ts", size=(128, 96), first_time=100_000, **clock)
    film = small.with_name("joined.ts")
    film.write_bytes(small.read_bytes() + large.read_bytes())
    both = repaint(None, film, regions=[(left, styles[0]), ("rest", styles[1])])
    other = repaint(styles[1], film)
    assert both.shape == other.shape == (len(other), HEIGHT, WIDTH, 3) and len(other) > 12
    assert np.array_equal(both[:, :, -20:], other[:, :, -20:])


def test_a_mask_of_another_shape_is_refused_before_anything_is_written(
    styles: list[str], tmp_path: Path, make_film: FilmMaker
) -> None:
    film, tall = make_film(frames=3, rotation=90), tmp_path / "tall.png"
    Image.new("L", (HEIGHT, WIDTH), 255).save(tall)
    upright = repaint(None, film, regions=[(tall, styles[0])])
    assert upright.shape[1:3] == (WIDTH, HEIGHT)
    lying, out = make_film("lying.mp4", frames=3), tmp_path / "new" / "out.mkv"
    with pytest.raises(fastst.UsageError, match=r"tall\.png: is 48 x 64, but the video is 64 x 48; make"):
        fastst.stylize_video(None, lying, out, regions=[(tall, styles[0])], engine="torch")
    assert not out.parent.exists()
