"""Videos that are unlike most: what comes out of the reader, and what it says of them."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from fastst.stylize.stylizer import Stylizer
from fastst.video.conversion import stylize_film
from fastst.video.frame import Frame
from fastst.video.reading import FilmReader
from tests.films import FilmMaker, frames, packets, write_film


def read(path: Path, **options: Any) -> tuple[list[Frame], list[av.Packet], list[str]]:
    """Return a video's frames, the packets to copy, and the notes."""
    film = FilmReader(str(path), **options)
    try:
        items = list(film.items())
        pictures = [item for item in items if isinstance(item, Frame)]
        return pictures, [item for item in items if isinstance(item, av.Packet)], film.notes
    finally:
        film.close()


def copied(source: Path, target: Path, change: Callable[[av.Packet], bytes | None]) -> Path:
    """Copy a video with packets changed in place, in their content (returned) or in their times."""
    with av.open(str(source)) as old, av.open(str(target), "w") as new:
        streams = {stream.index: new.add_stream_from_template(stream) for stream in old.streams}
        for packet in old.demux():
            if not packet.size:
                continue
            content = change(packet)
            if content is not None:
                changed = av.Packet(content)
                changed.pts, changed.dts, changed.time_base = packet.pts, packet.dts, packet.time_base
                changed.duration, changed.is_keyframe = packet.duration, packet.is_keyframe
            else:
                changed = packet
            changed.stream = streams[packet.stream.index]
            new.mux(changed)
    return target


class TestPixelsThatAreNotSquare:
    @pytest.fixture
    def dvd(self, tmp_path: Path) -> Path:
        """180x144 px, shown 16:9."""
        return write_film(
            tmp_path / "dvd.mp4", size=(180, 144), tags={"sample_aspect_ratio": Fraction(64, 45)}
        )

    def test_a_film_says_so(self, identity: Stylizer, dvd: Path, tmp_path: Path) -> None:
        stylize_film(identity, dvd, tmp_path / "out.mp4")
        with av.open(str(tmp_path / "out.mp4")) as film:
            video = film.streams.video[0]
            assert (video.width, video.height, video.sample_aspect_ratio) == (180, 144, Fraction(64, 45))

    @pytest.mark.parametrize("output", ["out.gif", "out/%d.png"])
    def test_what_cannot_say_so_has_them_stretched(
        self, identity: Stylizer, dvd: Path, tmp_path: Path, output: str
    ) -> None:
        (tmp_path / "out").mkdir()
        stylize_film(identity, dvd, tmp_path / output)
        written = tmp_path / output.replace("%d", "1")
        assert frames(written)[0].shape == (144, 256, 3)

    def test_size_is_what_is_seen(self, dvd: Path) -> None:
        pictures, _, _ = read(dvd, square_pixels=True, size=128)
        assert pictures[0].rgb.shape == (72, 128, 3)


class TestTrimmedClips:
    """Clips cut without encoding them anew: what was cut away is in the file, but hidden."""

    @pytest.fixture
    def clip(self, make_film: FilmMaker, tmp_path: Path) -> Path:
        whole = make_film(frames=50, sound=True, options={"g": "25", "bf": "0"})

        def earlier(packet: av.Packet) -> None:
            shift = round(Fraction(6, 5) / packet.time_base)
            packet.pts, packet.dts = packet.pts - shift, packet.dts - shift

        return copied(whole, tmp_path / "clip.mp4", earlier)

    def test_hidden_sound_stays_hidden(self, clip: Path) -> None:
        pictures, sound, notes = read(clip)
        assert len(pictures) == 20
        times = [packet.pts * packet.time_base for packet in sound if packet.pts is not None]
        # The codec's run-up is kept: 128 ms is one packet at 8 kHz.
        assert -Fraction(13, 50) < times[0] <= 0
        assert times[-1] > Fraction(1, 2)
        assert notes == []

    def test_it_is_as_long_as_it_was(self, identity: Stylizer, clip: Path, tmp_path: Path) -> None:
        stylize_film(identity, clip, tmp_path / "out.mkv")
        with av.open(str(tmp_path / "out.mkv")) as film:
            assert film.duration is not None
            assert 0.8 <= film.duration / 1_000_000 < 1.15


@pytest.mark.parametrize("suffix", [".mkv", ".mp4", ".ts"])
def test_sound_may_be_longer_than_the_pictures(make_film: FilmMaker, tmp_path: Path, suffix: str) -> None:
    whole = make_film(frames=100, sound=True)

    def loud(packet: av.Packet) -> None:
        if packet.stream.type == "audio":  # three times as slow: 12 s
            packet.pts, packet.dts = packet.pts * 3, packet.dts * 3

    _, sound, notes = read(copied(whole, tmp_path / f"long{suffix}", loud))
    assert sound[-1].pts is not None
    assert sound[-1].pts * sound[-1].time_base > 10
    assert notes == []


def test_closed_captions_are_said_to_be_left_out(make_film: FilmMaker, tmp_path: Path) -> None:
    # ATSC A/53 part 4 in a message of H.264 (SEI, type 4): one pair of bytes, "erase display".
    captions = bytes.fromhex("b5 0031 47413934 03 c1 ff fc942c ff")
    message = b"\x06\x04" + bytes([len(captions)]) + captions + b"\x80"

    def with_captions(packet: av.Packet) -> bytes:
        return len(message).to_bytes(4) + message + bytes(packet)

    film = copied(make_film(), tmp_path / "captions.mp4", with_captions)
    pictures, _, notes = read(film)
    assert len(pictures) == 12
    assert notes == [f"{film}: its closed captions lie in the pictures, and are left out"]


class TestInterlacedFilms:
    @staticmethod
    def woven(number: int, width: int, height: int) -> NDArray[np.uint8]:
        """A bar that moves 8 px from half-picture to half-picture."""
        pixels = np.full((height, width, 3), 40, np.uint8)
        for field in range(2):
            left = 8 * (2 * number + field) % (width - 16)
            pixels[field::2, left : left + 16] = 220
        return pixels

    @staticmethod
    def combs(pixels: NDArray[np.uint8]) -> float:
        """How much neighbouring lines differ, beyond lines of the same half-picture."""
        grey = pixels.mean(axis=2)
        near, far = np.abs(grey[1:-1] - grey[:-2]).mean(), np.abs(grey[2:] - grey[:-2]).mean()
        return float(near - far)

    @pytest.fixture
    def film(self, tmp_path: Path) -> Path:
        return write_film(
            tmp_path / "woven.mp4",
            size=(128, 96),
            picture_of=self.woven,
            options={"x264-params": "tff=1"},
        )

    def test_they_are_made_whole(self, film: Path) -> None:
        assert self.combs(frames(film)[5]) > 20
        pictures, _, notes = read(film)
        assert [picture.time for picture in pictures] == [Fraction(number, 25) for number in range(12)]
        assert {picture.duration for picture in pictures} == {Fraction(1, 25)}
        assert max(self.combs(picture.rgb) for picture in pictures[1:-1]) < 2
        assert notes == [f"{film}: is interlaced; it is written deinterlaced"]

    def test_a_part_of_one(self, film: Path) -> None:
        pictures, _, _ = read(film, start=0.2, duration=0.12)
        assert [picture.time for picture in pictures] == [Fraction(number, 25) for number in range(3)]

    def test_progressive_ones_are_left_alone(self, make_film: FilmMaker) -> None:
        film = make_film()
        pictures, _, notes = read(film)
        assert notes == []
        # Two scalers, whose chroma differs a little.
        assert np.abs(pictures[3].rgb.astype(int) - frames(film)[3]).mean() < 3


@pytest.mark.parametrize("codec", ["libvpx-vp9", "libvpx"])
def test_transparency_of_webm_survives(identity: Stylizer, tmp_path: Path, codec: str) -> None:
    def half_clear(number: int, width: int, height: int) -> NDArray[np.uint8]:
        pixels = np.full((height, width, 4), (200, 40, 40, 255), np.uint8)
        pixels[:, width // 2 :, 3] = 0
        return pixels

    film = write_film(
        tmp_path / "cut.webm",
        frames=4,
        codec=codec,
        pixel_format="yuva420p",
        time_base=Fraction(1, 1000),
        picture_of=half_clear,
        options={"auto-alt-ref": "0"},
    )
    stylize_film(identity, film, tmp_path / "out.webm")
    pictures, _, _ = read(tmp_path / "out.webm")
    assert len(pictures) == 4
    for one in pictures:
        assert one.alpha is not None
        assert one.alpha[:, :28].min() > 250
        assert one.alpha[:, 36:].max() < 5


def test_an_avi_has_the_films_rate(identity: Stylizer, make_film: FilmMaker, tmp_path: Path) -> None:
    stylize_film(identity, make_film(), tmp_path / "out.avi")
    with av.open(str(tmp_path / "out.avi")) as film:
        assert film.streams.video[0].average_rate == 25
    assert len(packets(tmp_path / "out.avi", "video")) == 12


def test_frames_that_come_irregularly_keep_their_times_in_an_avi(
    identity: Stylizer, make_film: FilmMaker, tmp_path: Path
) -> None:
    times = [0, 1, 2, 3, 20, 21, 22, 40, 41, 60]
    stylize_film(identity, make_film(frames=10, times=[512 * time for time in times]), tmp_path / "out.avi")
    with av.open(str(tmp_path / "out.avi")) as film:
        # There are empty packets where no frame is due.
        found = [float(packet.dts * packet.time_base) for packet in film.demux(video=0) if packet.size]
    assert found == pytest.approx(np.array(times) / 25, abs=0.021)
