"""``fastst video`` and ``fastst evaluate --video``, in this process."""

import json
from pathlib import Path

import pytest

from fastst.cli import main
from tests.films import FilmMaker, frame_times


def call(*arguments: str | Path) -> int | str | None:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return left.value.code


def test_a_film_with_every_option(
    make_film: FilmMaker, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("cv2", exc_type=ImportError)
    film, out = make_film(frames=20, sound=True), tmp_path / "out.mkv"
    options = ["--size", "48", "--strength", "0.5", "--keep-colors", "--smooth", "--start", "0.2"]
    options += ["--duration", "0.4", "--codec", "h264", "--crf", "30", "--preset", "ultrafast"]
    assert call("video", film, "-s", "starry-night", "-o", out, *options) == 0
    out_text, err = capfd.readouterr()
    assert f"{film} -> {out} (10 frames" in out_text and err == ""
    assert len(frame_times(out)) == 10


def test_flicker_of_a_clip(make_film: FilmMaker, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("cv2", exc_type=ImportError)
    film = make_film(frames=5, size=(96, 96))
    assert call("evaluate", "starry-night", "--video", film, "--size", "96", "--json") == 0
    (clip,) = json.loads(capfd.readouterr().out)["steadiness"]["clips"].values()
    assert clip["frames"] == 4 and clip["warping"]["stylised"] > clip["warping"]["input"]
    assert call("evaluate", "starry-night", "--video", film, "--size", "96", "--frames", "3") == 0
    assert "warping error, optical flow" in capfd.readouterr().out


def test_evaluate_without_anything_to_go_by(capfd: pytest.CaptureFixture[str]) -> None:
    assert call("evaluate", "starry-night") == 2
    assert "needs --style with --photos, or --video" in capfd.readouterr().err
