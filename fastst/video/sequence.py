"""Videos as one picture file a frame: a folder, or a pattern such as frames/%04d.png."""

import os
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from av import Packet
from PIL import Image, ImageOps
from PIL.Image import Resampling

from fastst.errors import FaststError, UsageError
from fastst.images.finding import find_pictures, is_folder
from fastst.images.formats import check_output_suffix
from fastst.images.pictures import Picture, read_picture, write_picture
from fastst.video.codecs import FILM_CODECS
from fastst.video.frame import FilmFacts, Frame, fitted

# No name has more digits than these can ask for.
_NUMBER = re.compile(r"%(?:0?([0-9]{1,2}))?d")
_FILM_SUFFIXES = frozenset((*FILM_CODECS, ".gif"))
_DIGITS = frozenset("0123456789")
_DIGITS_IN_FOLDERS = 6


def is_pattern(name: str) -> bool:
    """Whether the name holds a place for the frame's number, as in %04d.png.

    A file that is there under that very name is none, nor is a video's name: My%20dog.mp4 is a dog.
    """
    path = Path(name)
    if _NUMBER.search(path.name) is None or path.suffix.lower() in _FILM_SUFFIXES:
        return False
    try:
        return not path.is_file()
    except (OSError, ValueError):
        return True


def means_a_sequence(name: str) -> bool:
    """Whether the name is that of a sequence: a pattern, a folder, or a name without suffix."""
    path = Path(name)
    return is_pattern(name) or is_folder(path) or name.endswith(("/", os.sep)) or not path.suffix


def find_frames(source: str) -> list[Path]:
    """The files of a sequence in their order: 2 before 10, numbers may be missing.

    Raises:
        FaststError: if there are none, or the folder cannot be listed.
    """
    if is_pattern(source):
        try:
            files = _matching(source)
        except OSError as error:
            folder = Path(source).parent
            raise FaststError(f"{folder}: cannot be listed ({error.strerror}); check the name") from error
    else:
        files = [file for file, relative in find_pictures([source]) if relative.parent == Path()]
    if not files:
        raise FaststError(
            f"{source}: no pictures there; name a folder of frames or a pattern like f/%04d.png"
        )
    return sorted(files, key=lambda file: _natural(file.name))


class SequenceReader:
    """A sequence of pictures at a constant rate.

    Attributes:
        facts: about the frames to come.
        notes: pictures that could not be read, a line each; grows while reading.

    Raises:
        FaststError: if there are no pictures, or the first cannot be read.
    """

    def __init__(
        self,
        source: str,
        *,
        fps: float,
        size: int | None = None,
        start: float = 0.0,
        duration: float | None = None,
    ) -> None:
        self.notes: list[str] = []
        self._source = source
        self._other_shapes = 0
        rate = Fraction(str(fps)).limit_denominator(1001)
        begin = round(Fraction(str(start)) * rate)
        end = None if duration is None else begin + max(1, round(Fraction(str(duration)) * rate))
        self._files = find_frames(source)[begin:end]
        if not self._files:
            raise FaststError(f"{source}: has no frames after the start asked for; choose less")
        first = read_picture(self._files[0])
        self._size = fitted(*first.rgb.size, size)
        self.facts = FilmFacts(
            width=self._size[0],
            height=self._size[1],
            rate=rate,
            time_base=1 / rate,
            frames=len(self._files),
            seconds=len(self._files) / rate,
            has_alpha=first.alpha is not None,
        )

    def close(self) -> None:
        """Do nothing: no file is open between frames."""

    def items(self) -> Iterator[Frame | Packet]:
        """Yield the frames; one that cannot be read leaves the one before it standing."""
        for number, file in enumerate(self._files):
            try:
                picture = read_picture(file)
            except FaststError as error:
                self.notes.append(str(error))
                continue
            alpha = _alpha_of(picture) if self.facts.has_alpha else None
            self._other_shapes += not self._has_the_shape(picture)
            yield Frame(
                rgb=np.array(self._fit(picture.rgb)),
                time=number / self.facts.rate,
                duration=1 / self.facts.rate,
                alpha=None if alpha is None else np.array(self._fit(alpha)),
            )

        if self._other_shapes:
            count = f"{self._other_shapes} {'picture has' if self._other_shapes == 1 else 'pictures have'}"
            self.notes.append(f"{self._source}: {count} another shape than the first, and got black bars")

    def _fit(self, image: Image.Image) -> Image.Image:
        return image if image.size == self._size else ImageOps.pad(image, self._size, Resampling.LANCZOS)

    def _has_the_shape(self, picture: Picture) -> bool:
        if picture.rgb.size == self._size:
            return True
        return ImageOps.contain(Image.new("1", picture.rgb.size), self._size).size == self._size


class SequenceWriter:
    """A sequence being written: each picture whole or not at all, numbered from 1.

    Args:
        output: a pattern, or a folder, which gets 000001.png and so on.

    Raises:
        UsageError: if the pattern's suffix names no picture format that can be written.
    """

    def __init__(self, output: str) -> None:
        self._pattern = output if is_pattern(output) else str(Path(output, f"%0{_DIGITS_IN_FOLDERS}d.png"))
        check_output_suffix(self._pattern)
        self._count = 0

    def write(self, item: Frame | Packet) -> None:
        """Write a frame; a packet of sound is left out, as pictures have none.

        Raises:
            FaststError: if the file cannot be written.
        """
        if isinstance(item, Packet):
            return
        self._count += 1
        alpha = None if item.alpha is None else Image.fromarray(item.alpha)
        write_picture(Picture(rgb=Image.fromarray(item.rgb), alpha=alpha), self.path_of(self._count))

    def path_of(self, number: int) -> Path:
        """Where the frame of that number goes."""
        folder, name = os.path.split(self._pattern)
        return Path(folder, _NUMBER.sub(lambda found: f"{number:0{found[1] or 1}d}", name, count=1))

    def files_there(self) -> list[Path]:
        """The files whose names the pattern has already, in their order; none where that cannot be known."""
        try:
            return sorted(_matching(self._pattern))
        except OSError:
            return []

    def close(self) -> None:
        """Do nothing: each picture is finished as it is written."""

    def discard(self) -> None:
        """Do nothing: the pictures so far are whole."""


def check_not_over_source(source: str, output: str) -> None:
    """Refuse to write a sequence among the pictures that are being read.

    Raises:
        UsageError: if both are in the same folder and the names could meet.
    """
    folder = Path(source).parent if is_pattern(source) else Path(source)
    target = Path(output).parent if is_pattern(output) else Path(output)
    if os.path.realpath(folder) == os.path.realpath(target):
        raise UsageError(f"{output}: the output would mix with the input; choose another -o")


def _matching(pattern: str) -> list[Path]:
    before, after = _around_number(Path(pattern).name)
    name = re.compile(re.escape(before) + r"[0-9]+" + re.escape(after))
    return [file for file in Path(pattern).parent.iterdir() if name.fullmatch(file.name)]


def _around_number(name: str) -> tuple[str, str]:
    found = _NUMBER.search(name)
    assert found is not None
    return name[: found.start()], name[found.end() :]


def _natural(name: str) -> list[tuple[int, str]]:
    """Key that sorts runs of digits by their value."""
    return [
        (int(part), "") if part[:1] in _DIGITS else (-1, part) for part in re.split(r"([0-9]+)", name) if part
    ]


def _alpha_of(picture: Picture) -> Image.Image:
    return Image.new("L", picture.rgb.size, 255) if picture.alpha is None else picture.alpha
