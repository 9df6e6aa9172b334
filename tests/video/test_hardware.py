"""Encoders of graphics chips, which this machine need not have: others stand in their place."""

from pathlib import Path

import av
import pytest

from fastst.errors import UsageError
from fastst.stylize.stylizer import Stylizer
from fastst.video import codecs, hardware
from fastst.video.codecs import choose_encoding
from fastst.video.conversion import stylize_film
from fastst.video.hardware import hardware_encoder
from fastst.video.settings import VideoSettings
from tests.films import FilmMaker

OUT = Path("out.mp4")


def offer(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    monkeypatch.setattr(codecs, "hardware_encoder", lambda: hardware_encoder(names))


def test_the_first_that_opens_is_taken() -> None:
    assert hardware_encoder(("no-such", "mpeg4", "libx264")) == "mpeg4"
    assert hardware_encoder(("no-such",)) is None


def test_a_chips_encoder_writes_the_film(
    identity: Stylizer, make_film: FilmMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(monkeypatch, "no-such", "mpeg4")
    out = tmp_path / "out.mp4"
    result = stylize_film(identity, make_film(frames=5), out, VideoSettings(codec="hardware"))
    assert result.notes == ()
    with av.open(str(out)) as film:
        assert film.streams.video[0].codec_context.name == "mpeg4"


def test_without_a_chip_the_processor_does_it_and_says_so(
    identity: Stylizer, make_film: FilmMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(monkeypatch, "no-such")
    out = tmp_path / "out.mp4"
    result = stylize_film(identity, make_film(frames=5), out, VideoSettings(codec="hardware", crf=30))
    (note,) = result.notes
    assert note.endswith("out.mp4: no hardware encoder opens here, so libx264 writes it")
    with av.open(str(out)) as film:
        assert film.streams.video[0].codec_context.name == "h264"


@pytest.mark.parametrize("name", hardware.H264_ENCODERS)
def test_every_chips_encoder_is_told_its_quality(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name not in av.codecs_available:
        pytest.skip(f"this FFmpeg was built without {name}")
    monkeypatch.setattr(hardware, "_opens", lambda name: True)
    usual, better = (
        choose_encoding(OUT, codec=name, crf=crf, preset=None, has_alpha=True) for crf in (None, 10)
    )
    assert usual.codec == name and usual.pixel_format in ("yuv420p", "nv12") and not usual.has_alpha
    assert usual.options != better.options


def test_a_chip_that_is_not_here_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "_opens", lambda name: False)
    monkeypatch.setattr(codecs, "H264_ENCODERS", ("mpeg4",))
    with pytest.raises(UsageError, match="'mpeg4' does not open on this machine; try h264 or hardware"):
        choose_encoding(OUT, codec="mpeg4", crf=None, preset=None, has_alpha=False)
