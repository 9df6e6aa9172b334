"""What the processes of a pool do for a video: measure the colors of a part, then paint it."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from fastst.cluster.portable import PortableStylizer
from fastst.engines.base import frame_colors
from fastst.errors import FaststError
from fastst.files import atomic_path
from fastst.networks.recolor import Colors
from fastst.stylize.frames import FilmColors
from fastst.stylize.regions import RegionStylizer
from fastst.stylize.stylizer import Stylizer
from fastst.video.codecs import Encoding
from fastst.video.conversion import check_memory, frame_stylizer_of
from fastst.video.cutting import Part, PartReader
from fastst.video.frame import FilmFacts
from fastst.video.joining import PaintedPart, PartWriter
from fastst.video.settings import VideoSettings


@dataclass(frozen=True)
class Film:
    """A video to be painted in parts.

    Attributes:
        source: the file, where every process finds it.
        output: the video to come.
        facts: about its frames.
        settings: what is chosen.
    """

    source: str
    output: Path
    facts: FilmFacts
    settings: VideoSettings

    def frames(self, part: Part) -> PartReader:
        """Return the frames of a part."""
        start = Fraction(str(self.settings.start))
        return PartReader(self.source, part, facts=self.facts, size=self.settings.size, start=start)


@dataclass(frozen=True)
class MeasuredPart:
    """What has to be known of a part before it and those after it can be painted.

    Attributes:
        part: which.
        means: of the colors of each frame, (N, ...).
        covariances: likewise.
        is_new_scene: whether smoothing takes nothing of the frame before into its first.
    """

    part: Part
    means: Tensor
    covariances: Tensor
    is_new_scene: bool

    def lead(self, colors: FilmColors) -> None:
        """Let the colors of a video run through this part."""
        for mean, covariance in zip(self.means, self.covariances, strict=True):
            colors.follow((mean, covariance))


@dataclass(frozen=True)
class MeasureParts:
    """Measures parts; see ``Work``."""

    film: Film

    def begin(self) -> Callable[[Part], MeasuredPart]:
        """Nothing is to be made ready."""
        return self._measure

    def _measure(self, part: Part) -> MeasuredPart:
        reader = self.film.frames(part)
        colors: list[Colors] = []
        is_new_scene = False
        for frame in reader:
            if not colors and self.film.settings.smooth and reader.before is not None:
                from fastst.video.smoothing import is_new_scene as is_new  # needs OpenCV

                is_new_scene = is_new(reader.before.rgb, frame.rgb)
            colors.append(frame_colors(frame.rgb))
        if not colors:
            raise FaststError(
                f"{self.film.source}: not one frame can be read from {float(part.begin):.1f} s on; leave out "
                "--workers and --cluster"
            )
        means, covariances = (torch.stack(each) for each in zip(*colors, strict=True))
        return MeasuredPart(part, means, covariances, is_new_scene)


@dataclass(frozen=True)
class PaintParts:
    """Paints parts into files of a folder; see ``Work``."""

    film: Film
    portable: PortableStylizer
    encoding: Encoding
    folder: Path

    def begin(self) -> Callable[[tuple[Part, Colors | None]], PaintedPart]:
        """Make the styles ready."""
        stylizer = self.portable.stylizer()
        check_memory(stylizer, self.film.facts, self.film.source)
        return partial(self._paint, stylizer)

    def _paint(self, stylizer: Stylizer | RegionStylizer, item: tuple[Part, Colors | None]) -> PaintedPart:
        part, colors = item
        paint = frame_stylizer_of(stylizer, self.film.settings, film_colors=FilmColors(colors))
        output = self.film.output
        file = self.folder / f"{part.number:06}{output.suffix}"
        with atomic_path(file) as temporary:
            writer = PartWriter(temporary, output, self.film.facts, self.encoding)
            try:
                for frame in self.film.frames(part):
                    writer.write(frame.painted(paint(frame.rgb)))
                return writer.close(part.number, file)
            except BaseException:
                writer.discard()
                raise
