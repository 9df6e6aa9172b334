"""What becomes of sound and subtitles in each kind of file, by reading it back."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from fastst.errors import UsageError
from fastst.stylize.stylizer import Stylizer
from fastst.video.conversion import stylize_film
from fastst.video.settings import VideoSettings

_RATE, _SECONDS, _TONE = 44_100, 2, 440.0
_LINES = ["hello there", "seconds later"]


def film_with(path: Path, sound: str | None, *, subtitles: str | None = None) -> Path:
    """Write a video of grey frames with a tone, and with two lines of text."""
    with av.open(str(path), "w") as film:
        video = film.add_stream("mpeg4", rate=10)
        video.width = video.height = 32
        tone = film.add_stream(sound, rate=_RATE) if sound else None
        if tone is not None:
            tone.codec_context.layout, tone.codec_context.bit_rate = "mono", 64_000
        text = film.add_stream(subtitles) if subtitles else None
        if text is not None:
            text.codec_context.subtitle_header = (
                b"[Script Info]\n\n[V4+ Styles]\nFormat: Name\nStyle: Default\n"
            )
            text.time_base = Fraction(1, 1000)
        for number in range(10 * _SECONDS):
            frame = av.VideoFrame.from_ndarray(np.full((32, 32, 3), 128, np.uint8), "rgb24")
            frame.pts = number
            film.mux(video.encode(frame))
        film.mux(video.encode(None))
        if tone is not None:
            wave = 0.5 * np.sin(2 * np.pi * _TONE * np.arange(_RATE * _SECONDS) / _RATE)
            samples = av.AudioFrame.from_ndarray((32767 * wave).astype(np.int16)[None], "s16", "mono")
            samples.sample_rate, samples.pts, samples.time_base = _RATE, 0, Fraction(1, _RATE)
            film.mux(tone.encode(samples))
            film.mux(tone.encode(None))
        for number, line in enumerate(_LINES if text is not None else []):
            words = line.encode()
            packet = av.Packet(len(words).to_bytes(2) + words if subtitles == "mov_text" else words)
            packet.stream, packet.time_base = text, Fraction(1, 1000)
            packet.pts = packet.dts = 200 + 900 * number
            packet.duration = 700
            film.mux(packet)
    return path


def sound_of(path: Path) -> tuple[str, np.ndarray]:
    """Return the sound's codec and its samples, mono, in [-1, 1], at 44.1 kHz."""
    with av.open(str(path)) as film:
        stream = film.streams.audio[0]
        resampler = av.AudioResampler("flt", "mono", _RATE)
        frames = [part for frame in film.decode(stream) for part in resampler.resample(frame)]
        frames += resampler.resample(None)
        return stream.codec_context.codec.canonical_name, np.concatenate(
            [frame.to_ndarray()[0] for frame in frames]
        )


def loudness_at_tone(samples: np.ndarray) -> float:
    """Return the tone's amplitude in the middle second."""
    middle = samples[_RATE // 2 : _RATE // 2 + _RATE]
    return float(2 * abs(np.mean(middle * np.exp(-2j * np.pi * _TONE * np.arange(_RATE) / _RATE))))


@pytest.mark.parametrize(
    ("source", "sound", "suffix", "expected"),
    [
        ("pcm_s16le.mov", "pcm_s16le", ".ts", "aac"),
        ("alac.mov", "alac", ".ts", "aac"),
        ("flac.mkv", "flac", ".ts", "aac"),
        ("mulaw.mov", "pcm_mulaw", ".ts", "aac"),
        ("wma.wmv", "wmav2", ".ts", "aac"),
        ("mulaw.mov", "pcm_mulaw", ".mkv", "flac"),
        ("adpcm.avi", "adpcm_ms", ".mkv", "flac"),
        ("wma.wmv", "wmav2", ".mkv", "flac"),
        ("adpcm.avi", "adpcm_ms", ".avi", "pcm_s16le"),
        ("mulaw.mov", "pcm_mulaw", ".mp4", "aac"),
        ("aac.mp4", "aac", ".webm", "opus"),
    ],
)
def test_sound_that_a_file_cannot_hold_is_converted_and_heard(
    source: str, sound: str, suffix: str, expected: str, identity: Stylizer, tmp_path: Path
) -> None:
    film = film_with(tmp_path / source, sound)
    out = tmp_path / f"out{suffix}"
    result = stylize_film(identity, film, out)
    codec, samples = sound_of(out)
    assert codec == expected
    assert loudness_at_tone(samples) == pytest.approx(0.5, abs=0.03)
    assert len(samples) / _RATE == pytest.approx(_SECONDS, abs=0.2)
    assert result.notes == (
        f"{out}: the audio track is converted from {sound} to {expected}, "
        "as such a file cannot hold it as it is",
    )


def test_g711_is_not_changed_by_a_conversion(identity: Stylizer, tmp_path: Path) -> None:
    film = film_with(tmp_path / "mulaw.mov", "pcm_mulaw")
    stylize_film(identity, film, tmp_path / "out.mkv")
    assert np.array_equal(sound_of(film)[1], sound_of(tmp_path / "out.mkv")[1])


@pytest.mark.parametrize(
    ("source", "written", "suffix", "expected"),
    [
        ("video.mp4", "mov_text", ".mkv", "subrip"),
        ("film.mkv", "subrip", ".mp4", "mov_text"),
        ("film.mkv", "subrip", ".webm", "webvtt"),
    ],
)
def test_subtitles_are_converted_and_read(
    source: str, written: str, suffix: str, expected: str, identity: Stylizer, tmp_path: Path
) -> None:
    film, out = film_with(tmp_path / source, None, subtitles=written), tmp_path / f"out{suffix}"
    result = stylize_film(identity, film, out)
    assert any(f"from {written} to {expected}" in note for note in result.notes)
    with av.open(str(out)) as copy:
        stream = copy.streams.subtitles[0]
        assert stream.codec_context.codec.canonical_name == expected
        packets = [(packet, bytes(packet)) for packet in copy.demux(stream) if packet.size]
    length = 2 if expected == "mov_text" else 0
    told = [
        (packet.pts * packet.time_base, packet.duration * packet.time_base, words[length:])
        for packet, words in packets
    ]
    assert [each for each in told if each[2]] == [
        (Fraction(1, 5), Fraction(7, 10), b"hello there"),
        (Fraction(11, 10), Fraction(7, 10), b"seconds later"),
    ]


def test_what_can_be_neither_copied_nor_converted_is_refused_or_left_out(
    identity: Stylizer, tmp_path: Path
) -> None:
    film, out = film_with(tmp_path / "film.mkv", None, subtitles="subrip"), tmp_path / "out.ts"
    with pytest.raises(UsageError, match=r"out\.ts: .*subtitle track \(subrip\).*\.mkv.*--drop-tracks"):
        stylize_film(identity, film, out)
    assert not out.exists()
    result = stylize_film(identity, film, out, VideoSettings(drop_tracks=True))
    assert result.notes == (f"{out}: the subtitle track (subrip) is left out, as asked",)
    with av.open(str(out)) as written:
        assert [stream.type for stream in written.streams] == ["video"]
