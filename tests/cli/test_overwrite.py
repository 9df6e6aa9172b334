"""No command replaces a file unasked, and none replaces what it reads."""

import inspect
from pathlib import Path

import pytest

from fastst.cli.main import app, main
from tests.films import FilmMaker

WRITES = {"output", "record"}
SMALL = "--style-size 64 --steps 1 --content-layer relu2_1 --style-layers relu1_2"


def options_of(command: str) -> set[str]:
    callbacks = {info.name or str(info.callback.__name__): info.callback for info in app.registered_commands}
    return set(inspect.signature(callbacks[command]).parameters)


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    capsys.readouterr()
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert isinstance(caught.value.code, int)
    return caught.value.code, capsys.readouterr().err


@pytest.fixture
def commands(
    photo: Path, painting: Path, vgg_file: Path, make_film: FilmMaker, tmp_path: Path
) -> dict[str, tuple[list[str], Path]]:
    """By command, a run of it without its last option, the output, and the output's name."""
    film = make_film(frames=4)
    weights = f"--loss-network-weights {vgg_file}"
    runs = {
        "stylize": (f"{photo} -s starry-night -o", "a.png"),
        "sheet": (f"{photo} -s starry-night --size 32 -o", "c.png"),
        "video": (f"{film} -s starry-night --engine torch -o", "a.mp4"),
        "webcam": (f"-s starry-night --engine torch --source {film} --headless --record", "b.mp4"),
        "train": (f"{painting} {SMALL} --size 64 --width 4 {weights} -o", "a.safetensors"),
        "optimize": (f"{photo} {painting} {SMALL} --size 48 {weights} -o", "b.png"),
        "export": ("starry-night -o", "a.onnx"),
    }
    return {
        name: ([name, *text.split(), str(tmp_path / file)], tmp_path / file)
        for name, (text, file) in runs.items()
    }


def test_every_command_that_writes_is_among_them(commands: dict[str, object]) -> None:
    names = [info.name or str(info.callback.__name__) for info in app.registered_commands]
    writing = {name for name in names if options_of(name) & WRITES}
    replacing = {name for name in names if "overwrite" in options_of(name)}
    assert writing == set(commands) == replacing - {"pull"}  # whose styles have names; see test_hub.py


@pytest.mark.parametrize("command", ["stylize", "sheet", "video", "webcam", "train", "optimize", "export"])
def test_what_is_there_is_replaced_only_when_asked(
    command: str, commands: dict[str, tuple[list[str], Path]], capsys: pytest.CaptureFixture[str]
) -> None:
    if command == "export":
        pytest.importorskip("onnxruntime")
    if command == "webcam":
        pytest.importorskip("cv2")
    arguments, output = commands[command]
    output.write_bytes(b"precious")
    code, said = run(arguments, capsys)
    assert (code, output.read_bytes()) == (2, b"precious")
    assert f"{output}: is there already" in said and "--overwrite" in said
    assert said.count("\n") == 1
    code, said = run([*arguments, "--overwrite"], capsys)
    assert code == 0, said
    assert output.read_bytes() != b"precious"


def test_a_link_to_nothing_is_there_too(
    commands: dict[str, tuple[list[str], Path]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, output = commands["stylize"]
    output.symlink_to(tmp_path / "nothing")
    assert run(arguments, capsys)[0] == 2
    assert output.is_symlink()


def test_folders_of_pictures_and_of_frames(
    photo: Path, make_film: FilmMaker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos, out, film = tmp_path / "photos", tmp_path / "out", make_film(frames=3)
    photos.mkdir()
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        (photos / name).write_bytes(photo.read_bytes())
    out.mkdir()
    for name in ("b.jpg", "c.jpg", "000007.png", "keep.txt"):
        (out / name).write_bytes(b"precious")
    code, said = run(["stylize", str(photos), "-s", "starry-night", "-o", str(out)], capsys)
    assert code == 2 and "b.jpg: is there already (and 1 more)" in said
    code, said = run(["video", str(film), "-s", "starry-night", "--engine", "torch", "-o", str(out)], capsys)
    assert code == 2 and "000007.png: is there already;" in said
    assert {file.read_bytes() for file in out.iterdir()} == {b"precious"}
    assert len(list(out.iterdir())) == 4


def test_a_recording_never_replaces_its_source(
    make_film: FilmMaker, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("cv2")
    film = make_film("film.mp4", frames=3)
    before = film.read_bytes()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link.mp4").symlink_to(film)
    for name in ("film.mp4", "./film.mp4", str(film), "link.mp4"):
        arguments = f"webcam -s starry-night --source film.mp4 --headless --overwrite --record {name}"
        code, said = run(arguments.split(), capsys)
        assert code == 2 and "would overwrite the input" in said
        code, said = run([*arguments.split(), "--loop"], capsys)
        assert code == 2
    assert film.read_bytes() == before


def test_a_training_never_replaces_what_it_starts_from(
    commands: dict[str, tuple[list[str], Path]], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, output = commands["train"]
    output.write_bytes(b"precious")
    code, said = run([*arguments, "--overwrite", "--init", str(output)], capsys)
    assert code == 2 and "would overwrite the input" in said
    assert output.read_bytes() == b"precious"
