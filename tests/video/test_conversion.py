import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from PIL import Image

from fastst.errors import FaststError, UsageError
from fastst.stylize.stylizer import Stylizer
from fastst.video.conversion import stylize_film
from fastst.video.settings import VideoSettings
from tests.films import FilmMaker, frame_times, frames, packets, picture


def test_every_frame_at_its_time_and_the_sound_bit_for_bit(
    identity: Stylizer, make_film: FilmMaker, tmp_path: Path
) -> None:
    film, out = make_film(frames=30, sound=True), tmp_path / "out.mp4"
    result = stylize_film(identity, film, out)
    assert (result.frames, result.stopped, result.notes) == (30, False, ())
    assert frame_times(out) == frame_times(film)
    assert packets(out, "audio") == packets(film, "audio")
    with av.open(str(film)) as before, av.open(str(out)) as after:
        assert after.streams.video[0].duration == before.streams.video[0].duration


def test_subtitles_chapters_titles_and_languages_come_along(
    identity: Stylizer, make_film: FilmMaker, tmp_path: Path
) -> None:
    film, out = tmp_path / "told.mkv", tmp_path / "out.mkv"
    with av.open(str(make_film(frames=50, sound=True))) as plain, av.open(str(film), "w") as told:
        copies = {
            stream.index: told.add_stream_from_template(stream, opaque=True) for stream in plain.streams
        }
        lines = told.add_mux_stream("subrip", time_base=Fraction(1, 1000))
        lines.metadata["language"] = "nld"
        told.metadata["title"] = "Een video"
        second = Fraction(1, 1000)
        told.set_chapters(
            [
                {"id": 1, "start": 0, "end": 800, "time_base": second, "metadata": {"title": "one"}},
                {"id": 2, "start": 800, "end": 2000, "time_base": second, "metadata": {"title": "two"}},
            ]
        )
        for number, text in enumerate((b"Hallo", b"Dag")):
            packet = av.Packet(text)
            packet.stream, packet.time_base = lines, second
            packet.pts = packet.dts = 900 * number
            packet.duration = 500
            told.mux(packet)
        for packet in plain.demux():
            if packet.dts is not None:
                packet.stream = copies[packet.stream.index]
                told.mux(packet)
    result = stylize_film(identity, film, out)
    assert result.notes == ()
    assert packets(out, "subtitle") == packets(film, "subtitle") != []
    assert packets(out, "audio") == packets(film, "audio")
    with av.open(str(out)) as written:
        assert written.metadata["title"] == "Een video"
        assert [stream.language for stream in written.streams if stream.type == "subtitle"] == ["nld"]
        assert [chapter["metadata"]["title"] for chapter in written.chapters()] == ["one", "two"]
    stylize_film(identity, film, out, VideoSettings(start=1.2), overwrite=True)
    # It was already being shown.
    assert packets(out, "subtitle") == [(0, b"Dag")]
    with av.open(str(out)) as written:
        (chapter,) = written.chapters()
        assert (chapter["metadata"]["title"], chapter["start"]) == ("two", 0)
        assert float(chapter["end"] * chapter["time_base"]) == pytest.approx(0.8)


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="a second decoder is not installed")
def test_a_second_decoder_plays_it(identity: Stylizer, make_film: FilmMaker, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    stylize_film(identity, make_film(frames=10, sound=True), out)
    probe = ["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v"]
    probe += ["-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", str(out)]
    done = subprocess.run(probe, capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("10", "")


def test_variable_frame_times_are_kept_exactly(
    identity: Stylizer, make_film: FilmMaker, tmp_path: Path
) -> None:
    times = [0, 512, 700, 701, 5000, 5512, 9000, 20000]
    film, out = make_film(frames=8, times=times), tmp_path / "out.mp4"
    stylize_film(identity, film, out)
    assert frame_times(out) == [Fraction(time, 12800) for time in times]


@pytest.mark.parametrize(
    ("rotation", "corner"), [(None, (0, 0)), (90, (-1, 0)), (-90, (0, -1)), (180, (-1, -1))]
)
def test_a_phone_film_comes_out_upright(
    identity: Stylizer,
    make_film: FilmMaker,
    tmp_path: Path,
    rotation: int | None,
    corner: tuple[int, int],
) -> None:
    def marked(number: int, width: int, height: int) -> np.ndarray:
        pixels = np.zeros((height, width, 3), np.uint8)
        pixels[:16, :16] = 255  # top left as filmed
        return pixels

    out = tmp_path / "out.mp4"
    stylize_film(identity, make_film(frames=3, rotation=rotation, picture_of=marked), out)
    with av.open(str(out)) as film:
        frame = next(film.decode(video=0))
        assert frame.rotation == 0
        assert (frame.width, frame.height) == ((48, 64) if rotation in (90, -90) else (64, 48))
        pixels = frame.to_ndarray(format="rgb24")
    assert pixels[corner].min() > 220
    assert pixels[-1 - corner[0], -1 - corner[1]].max() < 30


@pytest.mark.parametrize(("width", "height"), [(15, 15), (63, 48), (64, 1)])
def test_odd_sides_are_rounded_up(
    identity: Stylizer, make_film: FilmMaker, tmp_path: Path, width: int, height: int
) -> None:
    film = make_film("odd.mkv", size=(width, height), codec="ffv1", pixel_format="yuv444p", options={})
    out = tmp_path / "out.mp4"
    stylize_film(identity, film, out)
    with av.open(str(out)) as written:
        stream = written.streams.video[0]
        assert (stream.width, stream.height) == (width + width % 2, height + height % 2)
    assert len(frame_times(out)) == 12


@pytest.mark.parametrize(
    "tags",
    [
        {"colorspace": 1, "color_primaries": 1, "color_trc": 1, "color_range": 1},
        {"colorspace": 1, "color_primaries": 1, "color_trc": 1, "color_range": 2},
        {"colorspace": 6, "color_primaries": 6, "color_trc": 6, "color_range": 1},
        {"colorspace": 9, "color_primaries": 9, "color_trc": 14, "color_range": 1},
    ],
)
def test_colors_and_their_tags_stay(
    identity: Stylizer, make_film: FilmMaker, tmp_path: Path, tags: dict[str, int]
) -> None:
    film, out = make_film(frames=2, tags=tags), tmp_path / "out.mkv"
    stylize_film(identity, film, out, VideoSettings(crf=1))
    with av.open(str(film)) as before, av.open(str(out)) as after:
        for name, value in tags.items():
            assert getattr(after.streams.video[0].codec_context, name) == value
        one, other = next(before.decode(video=0)), next(after.decode(video=0))
        # In the video's own YCbCr: what every player starts from.
        for plane, copy in zip(one.to_ndarray(), other.to_ndarray(), strict=True):
            assert np.abs(plane.astype(int) - copy).mean() < 1.5


def test_an_hdr_film_is_mapped_to_ordinary_screens_and_says_so(
    identity: Stylizer, make_film: FilmMaker, tmp_path: Path
) -> None:
    tags = {"colorspace": 9, "color_primaries": 9, "color_trc": 16, "color_range": 1}
    film = make_film(frames=2, tags=tags, pixel_format="yuv420p10le")
    result = stylize_film(identity, film, tmp_path / "out.mp4")
    assert "HDR" in result.notes[0]
    with av.open(str(tmp_path / "out.mp4")) as written:
        context = written.streams.video[0].codec_context
        assert (context.color_trc, context.color_primaries, context.pix_fmt) == (1, 1, "yuv420p")


def test_transparency_is_laid_over_white_in_a_film_and_kept_in_pictures(
    identity: Stylizer, make_film: FilmMaker, tmp_path: Path
) -> None:
    def half(number: int, width: int, height: int) -> np.ndarray:
        pixels = np.zeros((height, width, 4), np.uint8)
        pixels[:, width // 2 :] = (200, 0, 0, 255)
        return pixels

    film = make_film("clear.mov", frames=2, codec="qtrle", pixel_format="argb", picture_of=half)
    stylize_film(identity, film, tmp_path / "out.mp4")
    shown = frames(tmp_path / "out.mp4")[0]
    assert shown[24, 8].min() > 245
    assert shown[24, 56, 0] > 180 and shown[24, 56, 1] < 20
    stylize_film(identity, film, tmp_path / "pictures")
    with Image.open(tmp_path / "pictures" / "000001.png") as png:
        assert png.mode == "RGBA"
        assert png.getpixel((8, 24))[3] == 0 and png.getpixel((56, 24)) == (200, 0, 0, 255)


def test_start_and_duration_cut_sound_and_pictures_alike(
    identity: Stylizer, make_film: FilmMaker, tmp_path: Path
) -> None:
    film, out = make_film(frames=60, sound=True), tmp_path / "out.mkv"
    result = stylize_film(identity, film, out, VideoSettings(start=0.8, duration=1.0))
    assert result.frames == 25
    assert frame_times(out)[0] == 0 and len(frame_times(out)) == 25
    assert np.abs(frames(out)[0].astype(int) - picture(20)).mean() < 6
    copied, whole = packets(out, "audio"), packets(film, "audio")
    # 8000 samples in packets of 1024, and whatever begins within.
    assert 7 <= len(copied) <= 9
    assert {data for _, data in copied} <= {data for _, data in whole}


def test_a_film_that_begins_late_begins_at_0(
    identity: Stylizer, make_film: FilmMaker, tmp_path: Path
) -> None:
    film = make_film("late.ts", time_base=Fraction(1, 90000), first_time=900_000)
    assert frame_times(film)[0] > 9
    stylize_film(identity, film, tmp_path / "out.mp4")
    assert frame_times(tmp_path / "out.mp4")[0] == 0


def test_size_is_the_long_side(identity: Stylizer, make_film: FilmMaker, tmp_path: Path) -> None:
    stylize_film(identity, make_film(rotation=90), tmp_path / "out.mp4", VideoSettings(size=32))
    assert frames(tmp_path / "out.mp4")[0].shape == (32, 24, 3)


def test_a_damaged_film_goes_on_and_says_so(identity: Stylizer, make_film: FilmMaker, tmp_path: Path) -> None:
    film = make_film("film.mkv", frames=50, sound=True, options={"g": "5"})
    data = bytearray(film.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 1500] = bytes(1500)
    film.write_bytes(data)
    result = stylize_film(identity, film, tmp_path / "out.mp4")
    assert 20 < result.frames < 50
    assert result.notes


def test_a_film_cut_short_says_how_much_is_there(
    identity: Stylizer, make_film: FilmMaker, tmp_path: Path
) -> None:
    film = make_film("video.mp4", frames=100, options={"g": "10"})
    with (
        av.open(str(film)) as whole,
        av.open(str(tmp_path / "front.mp4"), "w", options={"movflags": "faststart"}) as front,
    ):
        stream = front.add_stream_from_template(whole.streams.video[0])
        for packet in whole.demux(video=0):
            if packet.size:
                packet.stream = stream
                front.mux(packet)
    data = (tmp_path / "front.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(data[: len(data) * 2 // 3])
    result = stylize_film(identity, tmp_path / "cut.mp4", tmp_path / "out.mp4")
    assert 0 < result.frames < 100
    assert any("of 4.0 s" in note for note in result.notes)


def test_a_size_that_changes_on_the_way_is_levelled(
    identity: Stylizer, make_film: FilmMaker, tmp_path: Path
) -> None:
    small = make_film("a.ts", size=(64, 48), time_base=Fraction(1, 90000))
    large = make_film("b.ts", size=(128, 96), time_base=Fraction(1, 90000), first_time=100_000)
    joined = tmp_path / "joined.ts"
    joined.write_bytes(small.read_bytes() + large.read_bytes())
    result = stylize_film(identity, joined, tmp_path / "out.mp4")
    assert result.frames >= 20
    assert any("changes from 64x48 to 128x96" in note for note in result.notes)
    assert {pixels.shape for pixels in frames(tmp_path / "out.mp4")} == {(48, 64, 3)}


@pytest.mark.parametrize("kept", [False, True])
def test_where_a_film_was_taken_goes_along_only_when_asked(
    identity: Stylizer, make_film: FilmMaker, tmp_path: Path, kept: bool
) -> None:
    film, out = tmp_path / "told.mkv", tmp_path / "out.mkv"
    with av.open(str(make_film(frames=4))) as plain, av.open(str(film), "w") as told:
        copy = told.add_stream_from_template(plain.streams.video[0], opaque=True)
        told.metadata.update({"title": "A video", "LOCATION": "+52.37+004.89/", "com.gps.position": "52"})
        for packet in plain.demux(video=0):
            if packet.dts is not None:
                packet.stream = copy
                told.mux(packet)
    stylize_film(identity, film, out, VideoSettings(all_metadata=kept))
    with av.open(str(out)) as written:
        assert written.metadata["title"] == "A video"
        assert ("LOCATION" in written.metadata) == kept
    assert (b"+52.37" in out.read_bytes()) == kept


def test_frames_that_do_not_fit_into_memory_are_refused_before_the_work(
    make_film: FilmMaker, tmp_path: Path
) -> None:
    small = Stylizer(torch.nn.Identity(), {}, device="cpu")
    small.tiler.room = 640 * 480 * 41
    film = make_film(size=(640, 480), frames=2)
    with pytest.raises(UsageError, match=r"frames of 640 x 480 take more memory .*, or more --memory"):
        stylize_film(small, film, tmp_path / "out.mp4")
    assert stylize_film(small, film, tmp_path / "out.mp4", VideoSettings(size=320)).frames == 2


def test_a_gif_that_claims_more_pixels_than_any_film_is_refused_from_its_header(
    identity: Stylizer, tmp_path: Path
) -> None:
    gif = tmp_path / "a.gif"
    frames = [Image.new("L", (64, 48), grey) for grey in (0, 255)]
    frames[0].save(gif, save_all=True, append_images=frames[1:])
    data = bytearray(gif.read_bytes())
    data[6:10] = (16000).to_bytes(2, "little") * 2
    gif.write_bytes(data)
    with pytest.raises(FaststError, match=r"is 16000 x 16000, and the limit for a video is 200 megapixels"):
        stylize_film(identity, gif, tmp_path / "out.mp4")
