import wave
from pathlib import Path

import av
import numpy as np
import pytest
from av import VideoFrame
from PIL import Image

from fastst.errors import FaststError
from fastst.video.opening import Turn, open_input, turn_by_angle, turn_of
from fastst.video.sequence import find_frames, is_pattern
from tests.films import FilmMaker


def playlist(folder: Path, film: Path) -> list[Path]:
    files = {
        "list.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{film}\n#EXT-X-ENDLIST\n",
        "list.ffconcat": f"ffconcat version 1.0\nfile '{film.name}'\n",
        "list.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=a\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n",
        "text.txt": "Some text.\n" * 50,
        "list.mp4": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{film}\n#EXT-X-ENDLIST\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    return [folder / name for name in files]


def test_files_that_open_other_files_are_no_films(make_film: FilmMaker, tmp_path: Path) -> None:
    film = make_film("a.ts", frames=3)
    for path in playlist(tmp_path, film):
        with pytest.raises(FaststError, match=r"is no video"):
            open_input(str(path))
    for address in (f"file://{film}", f"concat://{film}", f"subfile://{film}", "data://text"):
        with pytest.raises(FaststError):
            open_input(address)


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv", "avi", "ts", "m4v"])
def test_every_kind_of_film_is_opened(suffix: str, make_film: FilmMaker) -> None:
    with open_input(str(make_film(f"a.{suffix}", frames=3))) as film:
        assert len(film.streams.video) == 1


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "bmp", "webp"])
def test_a_photo_is_no_film(suffix: str, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    options = {} if suffix == "bmp" else {"exif": exif}
    Image.new("RGB", (64, 48)).save(tmp_path / f"a.{suffix}", **options)
    with pytest.raises(FaststError, match=r"is a picture; stylize it with `fastst stylize`"):
        open_input(str(tmp_path / f"a.{suffix}"))


def test_an_animated_webp_is_named(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 6), color) for color in ("red", "blue")]
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:])
    with pytest.raises(FaststError, match="is an animated WEBP"):
        open_input(str(tmp_path / "a.webp"))


def test_sound_alone_is_told(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(16000))
    with open_input(str(tmp_path / "a.wav")) as found:
        assert [stream.type for stream in found.streams] == ["audio"]


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_side_data_without_a_name_does_not_matter(angle: int, make_film: FilmMaker) -> None:
    class Unnamed:
        """A frame with side data that PyAV cannot name."""

        def __init__(self, frame: VideoFrame) -> None:
            self.rotation = frame.rotation

        @property
        def side_data(self) -> object:
            raise ValueError("31 is not a valid Type")

    with av.open(str(make_film(frames=2, rotation=angle))) as film:
        frame = next(film.decode(video=0))
    assert turn_of(Unnamed(frame)) == turn_of(frame)  # type: ignore[arg-type]


def test_turns_by_angle() -> None:
    pixels = np.arange(6, dtype=np.uint8).reshape(2, 3)
    for quarters in range(4):
        assert np.array_equal(turn_by_angle(90 * quarters).apply(pixels), np.rot90(pixels, quarters))
    assert turn_by_angle(45) == Turn()


def test_names_that_only_look_like_patterns(tmp_path: Path) -> None:
    assert is_pattern("f/%04d.png") and is_pattern("%d.jpg")
    assert not is_pattern("My%20dog.mp4") and not is_pattern("My%20dance.GIF")
    there = tmp_path / "My%20dog.png"
    assert is_pattern(str(there))
    there.touch()
    assert not is_pattern(str(there))
    assert not is_pattern("%0" + "9" * 1000 + "d.png")


def test_frames_are_sorted_by_numbers_of_any_kind(tmp_path: Path) -> None:
    names = ["2.png", "10.png", "\u00b21.png", "\u0663.png"]
    for name in names:
        (tmp_path / name).touch()
    assert [path.name for path in find_frames(str(tmp_path))][-2:] == ["2.png", "10.png"]
