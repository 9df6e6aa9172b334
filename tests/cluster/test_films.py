from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from fastst.cluster.films import paint_film
from fastst.cluster.portable import PortableStylizer, load_portable
from fastst.errors import FaststError, UsageError
from fastst.video.conversion import stylize_film
from fastst.video.settings import VideoSettings
from tests.cluster.here import Here
from tests.films import FilmMaker, frame_times, frames, packets, picture

PARTS = {"part_seconds": 0.4}
LOSSLESS = VideoSettings(codec="h264", crf=0)


@pytest.fixture(scope="module")
def portable() -> PortableStylizer:
    return load_portable("starry-night.film", device="cpu", for_video=True)


def wandering(number: int, width: int, height: int) -> NDArray[np.uint8]:
    """Colors that change slowly, so that every frame depends on those before it; and a cut."""
    pixels = picture(number, width, height).astype(int)
    pixels = pixels[..., ::-1] if number >= 40 else pixels
    drift = np.array([3, -2, 1]) * number
    return (pixels + drift).clip(0, 255).astype(np.uint8)


def film_of(make_film: FilmMaker, **options: Any) -> Path:
    return make_film(
        **{"frames": 60, "picture_of": wandering, "options": {"g": "12", "bf": "2"}, "sound": True, **options}
    )


def same(one: Path, other: Path) -> None:
    assert frame_times(one) == frame_times(other)
    assert packets(one, "audio") == packets(other, "audio")
    for first, second in zip(frames(one), frames(other), strict=True):
        np.testing.assert_array_equal(first, second)
    with av.open(str(one)) as first_film, av.open(str(other)) as second_film:
        assert len(first_film.streams) == len(second_film.streams)
        assert first_film.streams.video[0].duration == second_film.streams.video[0].duration
        assert first_film.duration == second_film.duration


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_a_film_in_parts_is_the_film_in_one_piece(
    portable: PortableStylizer, make_film: FilmMaker, tmp_path: Path, suffix: str
) -> None:
    film = film_of(make_film)
    whole, parts = tmp_path / f"whole.{suffix}", tmp_path / f"parts.{suffix}"
    stylize_film(portable.stylizer(), film, whole, LOSSLESS)
    pool = Here()
    result = paint_film(pool, portable, film, parts, LOSSLESS, **PARTS)
    assert (result.frames, result.stopped) == (60, False)
    assert pool.calls == [4, 4]  # colors and then pictures of four parts
    same(parts, whole)
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(
        ["video.mp4", f"whole.{suffix}", f"parts.{suffix}"]
    )


@pytest.mark.parametrize(
    "made",
    [
        {"times": [512 * number + 100 * (number % 3) for number in range(60)]},  # a rate that varies
        {"time_base": Fraction(1, 24000), "first_time": 5005},  # that begins late
        {"options": {"g": "12", "bf": "2", "x264-params": "open-gop=1"}},  # pictures before a key frame
        {"codec": "mpeg4", "options": {"g": "10"}},
        {"pixel_format": "yuv444p", "rotation": 90},
    ],
    ids=["varying", "late", "open", "mpeg4", "turned"],
)
def test_films_that_are_less_usual(
    portable: PortableStylizer, make_film: FilmMaker, tmp_path: Path, made: dict[str, Any]
) -> None:
    film = film_of(make_film, **made)
    whole, parts = tmp_path / "whole.mkv", tmp_path / "parts.mkv"
    stylize_film(portable.stylizer(), film, whole, LOSSLESS)
    assert paint_film(Here(), portable, film, parts, LOSSLESS, **PARTS).frames == 60
    same(parts, whole)


@pytest.mark.parametrize(
    "chosen",
    [{"start": 0.7, "duration": 1.3}, {"size": 40, "strength": 0.6, "keep_colors": True}],
    ids=["a part", "changed"],
)
def test_what_is_chosen_for_a_film_goes_for_its_parts(
    portable: PortableStylizer, make_film: FilmMaker, tmp_path: Path, chosen: dict[str, Any]
) -> None:
    film, settings = film_of(make_film), LOSSLESS.model_copy(update=chosen)
    whole, parts = tmp_path / "whole.mp4", tmp_path / "parts.mp4"
    stylize_film(portable.stylizer(), film, whole, settings)
    paint_film(Here(), portable, film, parts, settings, **PARTS)
    same(parts, whole)


def test_smoothed_parts_begin_where_a_scene_does(
    portable: PortableStylizer, make_film: FilmMaker, tmp_path: Path
) -> None:
    pytest.importorskip("cv2")
    film, settings = film_of(make_film), LOSSLESS.model_copy(update={"smooth": True})
    whole, parts, pool = tmp_path / "whole.mp4", tmp_path / "parts.mp4", Here()
    stylize_film(portable.stylizer(), film, whole, settings)
    paint_film(pool, portable, film, parts, settings, part_seconds=0.1)
    same(parts, whole)
    measured, painted = pool.calls
    assert 2 <= painted < measured


def test_without_being_lossless_it_has_the_same_times_and_loses_no_more(
    portable: PortableStylizer, make_film: FilmMaker, tmp_path: Path
) -> None:
    film, whole, parts = film_of(make_film), tmp_path / "whole.mp4", tmp_path / "parts.mp4"
    exact = tmp_path / "exact.mp4"
    stylize_film(portable.stylizer(), film, exact, LOSSLESS)
    stylize_film(portable.stylizer(), film, whole)
    paint_film(Here(), portable, film, parts, **PARTS)
    assert frame_times(parts) == frame_times(whole)
    pictures = frames(exact)
    lost = [
        np.mean([np.abs(one.astype(int) - other) for one, other in zip(frames(coded), pictures, strict=True)])
        for coded in (whole, parts)
    ]
    assert lost[1] < 1.1 * lost[0]


def test_a_part_that_is_lost_is_painted_again(
    portable: PortableStylizer, make_film: FilmMaker, tmp_path: Path
) -> None:
    film, whole, parts = film_of(make_film), tmp_path / "whole.mp4", tmp_path / "parts.mp4"
    stylize_film(portable.stylizer(), film, whole, LOSSLESS)
    pool = Here(lambda number, item: number == 1 and item[0] in (0, 2))
    paint_film(pool, portable, film, parts, LOSSLESS, **PARTS)
    assert pool.calls == [4, 4, 2]
    same(parts, whole)


def test_a_part_that_kills_every_process_ends_it_and_leaves_nothing(
    portable: PortableStylizer, make_film: FilmMaker, tmp_path: Path
) -> None:
    film = film_of(make_film)
    pool = Here(lambda number, item: number > 0 and item[0] == 1)
    with pytest.raises(FaststError, match="part 2 of 4 of the video: every process that works on it dies"):
        paint_film(pool, portable, film, tmp_path / "out.mp4", **PARTS)
    assert [file.name for file in tmp_path.iterdir()] == ["video.mp4"]


@pytest.mark.parametrize(
    ("source", "output", "said"),
    [
        ("video.mp4", "out.gif", "is no video that can be put together"),
        ("video.mp4", "out.avi", "is no video that can be put together"),
        ("video.mp4", "video.mp4", "would overwrite the input"),
        (".", "out.mp4", "take videos from files"),
        ("https://example.org/video.mp4", "out.mp4", "take videos from files"),
    ],
)
def test_what_cannot_be_cut_or_joined_is_refused(
    portable: PortableStylizer, make_film: FilmMaker, tmp_path: Path, source: str, output: str, said: str
) -> None:
    make_film(frames=3)
    given = source if "://" in source else tmp_path / source
    with pytest.raises(UsageError, match=said):
        paint_film(Here(), portable, given, tmp_path / output)
