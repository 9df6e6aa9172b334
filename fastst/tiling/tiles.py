"""Cut a picture into tiles that overlap by as much as a network sees."""

from dataclasses import dataclass

from torch import Tensor

from fastst.tiling.geometry import Geometry


@dataclass(frozen=True)
class Span:
    """A tile's part of one side of the picture, in pixels.

    Attributes:
        start: the first pixel that the tile is responsible for.
        stop: one past the last.
        outer_start: the first pixel that the network is given.
        outer_stop: one past the last.
        is_last: whether the picture ends here.
    """

    start: int
    stop: int
    outer_start: int
    outer_stop: int
    is_last: bool

    @property
    def outer(self) -> slice:
        """What the network is given, as a slice of the picture."""
        return slice(self.outer_start, self.outer_stop)

    @property
    def inner(self) -> slice:
        """What the tile is responsible for, as a slice of the picture."""
        return slice(self.start, self.stop)

    def inner_of(self, length: int) -> slice:
        """What the tile is responsible for, as a slice of a map of ``length`` that the network made of it.

        The map's stride is whole, since tiles begin at multiples of the alignment. At the picture's end the
        map may reach beyond it, where the network padded; a run on the whole picture has those values too.
        """
        stride = max(1, round((self.outer_stop - self.outer_start) / length))
        end = length if self.is_last else (self.stop - self.outer_start) // stride
        return slice((self.start - self.outer_start) // stride, end)


@dataclass(frozen=True)
class Tile:
    """A rectangle of the picture, with what the network must see around it."""

    rows: Span
    columns: Span

    @property
    def outer(self) -> tuple[slice, slice]:
        """What the network is given, as slices of the picture."""
        return self.rows.outer, self.columns.outer

    @property
    def inner(self) -> tuple[slice, slice]:
        """What the tile is responsible for, as slices of the picture."""
        return self.rows.inner, self.columns.inner

    def inner_of(self, maps: Tensor) -> Tensor:
        """The part of (N, C, H, W), made by the network of this tile, that the tile is responsible for."""
        height, width = maps.shape[-2:]
        return maps[..., self.rows.inner_of(height), self.columns.inner_of(width)]


def cut(height: int, width: int, *, side: int, geometry: Geometry) -> list[Tile]:
    """Cut a picture into tiles of about equal size, ``side`` px a side at most, row by row.

    Around its own pixels each tile sees ``geometry.reach`` px more, as far as the picture goes: at the
    picture's border the network pads as it does on the whole, and between tiles nothing that it pads comes
    to be used.
    """
    rows, columns = (_spans(length, side=side, geometry=geometry) for length in (height, width))
    return [Tile(row, column) for row in rows for column in columns]


def _spans(length: int, *, side: int, geometry: Geometry) -> list[Span]:
    alignment = geometry.alignment
    pieces = -(-length // max(alignment, side // alignment * alignment))
    step = -(-length // (pieces * alignment)) * alignment
    spans = []
    for start in range(0, length, step):
        stop = min(start + step, length)
        outer = max(0, start - geometry.halo), min(length, stop + geometry.halo)
        spans.append(Span(start, stop, *outer, is_last=stop == length))
    return spans


def whole(height: int, width: int) -> Tile:
    """The picture as one tile."""
    rows, columns = (Span(0, length, 0, length, is_last=True) for length in (height, width))
    return Tile(rows, columns)
