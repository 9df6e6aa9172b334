"""GIFs and pictures at either end of a video, and names that are refused."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from fastst.errors import FaststError, UsageError
from fastst.stylize.stylizer import Stylizer
from fastst.video.conversion import stylize_film
from fastst.video.settings import VideoSettings
from tests.films import FilmMaker, frame_times, picture


def test_a_gif_in_and_out_keeps_its_times(identity: Stylizer, tmp_path: Path) -> None:
    pictures = [Image.fromarray(picture(number)) for number in range(4)]
    gif, out = tmp_path / "in.gif", tmp_path / "out.gif"
    pictures[0].save(gif, save_all=True, append_images=pictures[1:], duration=[100, 50, 200, 70], loop=0)
    stylize_film(identity, gif, out)
    with Image.open(gif) as before, Image.open(out) as after:
        assert after.n_frames == before.n_frames == 4
        for number, duration in enumerate([100, 50, 200, 70]):
            before.seek(number)
            after.seek(number)
            assert after.info["duration"] == duration
            difference = np.abs(
                np.asarray(after.convert("RGB"), float) - np.asarray(before.convert("RGB"), float)
            )
            assert difference.mean() < 8


def test_pictures_in_and_out_by_number(identity: Stylizer, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in (1, 2, 10):
        Image.fromarray(picture(number)).save(folder / f"frame{number}.png")
    stylize_film(identity, folder, tmp_path / "out.mkv", VideoSettings(fps=10, crf=0))
    assert frame_times(tmp_path / "out.mkv") == [0, Fraction(1, 10), Fraction(2, 10)]
    stylize_film(identity, str(folder / "frame%d.png"), str(tmp_path / "out" / "f%03d.png"))
    for number, name in ((1, "f001"), (2, "f002"), (10, "f003")):
        with Image.open(tmp_path / "out" / f"{name}.png") as png:
            assert np.array_equal(np.asarray(png), picture(number))


def test_a_picture_of_another_shape_gets_black_bars(identity: Stylizer, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number, size in enumerate([(64, 36), (36, 64), (128, 72)]):
        Image.new("RGB", size, (200, 90, 30)).save(tmp_path / "in" / f"{number}.png")
    result = stylize_film(identity, tmp_path / "in", tmp_path / "out")
    assert result.notes == (
        f"{tmp_path / 'in'}: 1 picture has another shape than the first, and got black bars",
    )
    written = [np.array(Image.open(file)) for file in sorted((tmp_path / "out").iterdir())]
    assert [pixels.shape for pixels in written] == [(36, 64, 3)] * 3
    # 36x64 in a height of 36 is 20 px wide, from 22 on.
    assert written[1][:, :20].max() == written[1][:, 44:].max() == 0
    assert (np.abs(written[1][4:-4, 26:38].astype(int) - (200, 90, 30)) <= 3).all()
    assert (written[2] > 20).all()


class TestRefusals:
    def test_sound_without_pictures(self, identity: Stylizer, tmp_path: Path) -> None:
        with av.open(str(tmp_path / "song.wav"), "w") as song:
            stream = song.add_stream("pcm_s16le", rate=8000)
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
            frame.sample_rate = 8000
            song.mux(stream.encode(frame))
        with pytest.raises(FaststError, match="no moving pictures, only audio"):
            stylize_film(identity, tmp_path / "song.wav", tmp_path / "out.mp4")

    @pytest.mark.parametrize(
        ("output", "settings", "said"),
        [
            ("out.xyz", {}, "cannot write .xyz"),
            ("video.mp4", {}, "overwrite the input"),
            ("out.mkv", {"fps": 30}, "fps is for folders of pictures"),
            ("out.mp4", {"codec": "no-such"}, "no such encoder"),
            ("out.mp4", {"codec": "aac"}, "for audio"),
            ("out.gif", {"crf": 20}, "leave them out"),
            ("out.mp4", {"codec": "mpeg4", "crf": 20}, "takes no crf"),
            ("out.mp4", {"preset": "no-such"}, "preset no-such"),
            ("out.mp4", {"size": 99999}, "at most"),
            ("f%d.xyz", {}, "xyz"),
        ],
    )
    def test_what_cannot_be_asked_for(
        self,
        identity: Stylizer,
        make_film: FilmMaker,
        tmp_path: Path,
        output: str,
        settings: dict[str, object],
        said: str,
    ) -> None:
        film = make_film()
        with pytest.raises(UsageError, match=said):
            stylize_film(identity, film, tmp_path / output, VideoSettings.model_validate(settings))
        assert [file.name for file in tmp_path.iterdir()] == ["video.mp4"]

    @pytest.mark.parametrize("content", [b"", b"not a video\n" * 100])
    def test_what_is_no_film(self, identity: Stylizer, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "bad.mp4").write_bytes(content)
        with pytest.raises(FaststError, match=r"bad\.mp4: is "):
            stylize_film(identity, tmp_path / "bad.mp4", tmp_path / "out.mp4")

    def test_start_after_the_end(self, identity: Stylizer, make_film: FilmMaker, tmp_path: Path) -> None:
        with pytest.raises(FaststError, match="after the start"):
            stylize_film(identity, make_film(), tmp_path / "out.mp4", VideoSettings(start=99))
