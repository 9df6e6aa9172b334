"""Writers on a disk that is full from the beginning."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from fastst.errors import FaststError
from fastst.video.codecs import choose_encoding
from fastst.video.frame import FilmFacts, Frame
from fastst.video.gif_writing import GifWriter
from fastst.video.writing import ContainerWriter, FilmWriter

FULL, OPEN = Path("/dev/full"), Path("/proc/self/fd")
FACTS = FilmFacts(width=320, height=240, rate=Fraction(25), time_base=Fraction(1, 25))


def film_writer(path: Path) -> ContainerWriter:
    encoding = choose_encoding(path, codec="mpeg4", crf=None, preset=None, has_alpha=False)
    return FilmWriter(path, Path("out.mkv"), FACTS, encoding)


def gif_writer(path: Path) -> ContainerWriter:
    return GifWriter(path, Path("out.gif"), FACTS)


def noise(number: int) -> Frame:
    rgb = np.random.default_rng(number).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    return Frame(rgb=rgb, time=Fraction(number, 25), duration=Fraction(1, 25))


def times_open(path: Path) -> int:
    return sum(file.is_symlink() and file.readlink() == path for file in OPEN.iterdir())


@pytest.mark.skipif(not (FULL.exists() and OPEN.exists()), reason="this system has no full disk to offer")
@pytest.mark.parametrize(("name", "make"), [("film.mkv", film_writer), ("video.gif", gif_writer)])
# After a single frame it is the end of the file that does not fit.
@pytest.mark.parametrize("frames", [1, 100])
def test_a_full_disk_is_told_and_the_file_let_go(
    name: str, make: Callable[[Path], ContainerWriter], frames: int, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.symlink_to(FULL)
    writer = make(path)
    with pytest.raises(FaststError, match=r"out\.(mkv|gif): cannot be written \(no space left on device\)"):
        for number in range(frames):
            writer.write(noise(number))
        assert times_open(FULL) == 1
        writer.close()
    assert times_open(FULL) == 0
