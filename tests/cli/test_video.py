"""``fastst video`` and ``fastst evaluate --video``, in this process."""

import json
from pathlib import Path

import pytest
from PIL import Image

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


def test_regions(make_film: FilmMaker, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    film, out, mask, wide = make_film(frames=3), *(tmp_path / name for name in ("out.mp4", "m.png", "w.png"))
    Image.linear_gradient("L").resize((64, 48)).save(mask)
    Image.new("L", (128, 48), 255).save(wide)
    options = ["-o", out, "--engine", "torch"]
    regions = ["--region", f"{mask}:starry-night", "--region", "rest:wheat-field", "--feather", "3"]
    for arguments, said in (
        (["--region", f"{wide}:starry-night"], "w.png: is 128 x 48, but the video is 64 x 48"),
        ([*regions, "-s", "starry-night"], "give either a style"),
        (["-s", "starry-night", "--feather", "3"], "--feather softens the edges of regions"),
    ):
        assert call("video", film, *arguments, *options) == 2
        err = capfd.readouterr().err
        assert said in err and err.count("\n") == 1 and not out.exists()
    assert call("video", film, *regions, *options) == 0
    assert capfd.readouterr().err == "" and len(frame_times(out)) == 3


def test_flicker_of_a_clip(make_film: FilmMaker, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("cv2", exc_type=ImportError)
    film = make_film(frames=5, size=(96, 96))
    assert call("evaluate", "starry-night", "--video", film, "--size", "96", "--json") == 0
    (clip,) = json.loads(capfd.readouterr().out)["flicker"]["clips"].values()
    assert clip["frames"] == 4 and clip["warping"]["stylized"] > clip["warping"]["input"]
    assert call("evaluate", "starry-night", "--video", film, "--size", "96", "--frames", "3") == 0
    assert "warping error, optical flow" in capfd.readouterr().out


def test_evaluate_without_anything_to_go_by(capfd: pytest.CaptureFixture[str]) -> None:
    assert call("evaluate", "starry-night") == 2
    assert "needs --style with --photos, or --video" in capfd.readouterr().err


def test_memory_to_keep_to(make_film: FilmMaker, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    film, out = make_film(frames=3), tmp_path / "out.mp4"
    command = ["video", film, "-s", "starry-night", "-o", out, "--engine", "torch", "--memory"]
    for memory, told in (("much", "memory is 'much'"), ("100M", "take more memory than there is for them")):
        assert call(*command, memory) == 2
        err = capfd.readouterr().err
        assert told in err and err.count("\n") == 1 and not out.exists()
    assert call(*command, "64G") == 0
    assert len(frame_times(out)) == 3
