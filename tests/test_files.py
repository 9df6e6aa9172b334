import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fastst.data import content_dataset
from fastst.data.decoding import read_photo
from fastst.errors import FaststError, UsageError
from fastst.evaluation.metrics.temporal import read_flow
from fastst.files import atomic_path, cache_folder, readable_file, refuse_overwriting
from fastst.images.masks import read_mask
from fastst.images.pictures import read_picture
from fastst.loss_network import find_weights
from fastst.networks.checkpoint import load_checkpoint
from fastst.stylize.large_files import goes_by_disk
from fastst.training.recipe import read_recipe
from fastst.training.state import saved_step
from fastst.video.opening import open_input


def test_a_finished_block_replaces_the_file(tmp_path):
    target = tmp_path / "new" / "a.txt"
    for text in ("first", "second"):
        with atomic_path(target) as temporary:
            assert temporary.parent == target.parent and temporary.suffix == ".txt"
            assert temporary.name.startswith(".")
            temporary.write_text(text)
        assert target.read_text() == text
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_in_the_block_leaves_the_old_file(tmp_path, error):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(error), atomic_path(target) as temporary:
        temporary.write_text("half")
        raise error
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


KILLED_WRITER = """
import sys, time
from fastst.files import atomic_path
with atomic_path(sys.argv[1]) as temporary:
    temporary.write_text("half")
    print("writing", flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
@pytest.mark.parametrize("old", [None, "old"])
def test_a_kill_in_the_middle_leaves_no_half_file(tmp_path, old):
    target = tmp_path / "a.txt"
    if old is not None:
        target.write_text(old)
    writer = subprocess.Popen(
        [sys.executable, "-c", KILLED_WRITER, str(target)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    assert writer.stdout is not None and writer.stdout.readline() == "writing\n"
    writer.kill()
    assert writer.wait() == -signal.SIGKILL
    writer.stdout.close()
    assert (target.read_text() if target.exists() else None) == old


@pytest.mark.skipif(os.name != "posix", reason="modes are a POSIX matter")
def test_the_file_has_the_mode_of_any_new_file(tmp_path):
    (tmp_path / "plain").touch()
    with atomic_path(tmp_path / "a") as temporary:
        temporary.touch()
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


@pytest.mark.parametrize("place", ["folder", "under a file"])
def test_a_place_that_cannot_be_written_is_named_in_one_line(tmp_path, place):
    if place == "folder":
        target = tmp_path / "taken"
        target.mkdir()
        (target / "inside").touch()
    else:
        (tmp_path / "file").touch()
        target = tmp_path / "file" / "a.txt"
    with pytest.raises(FaststError) as caught, atomic_path(target) as temporary:
        temporary.write_text("x")
    assert str(target) in str(caught.value) and "\n" not in str(caught.value)
    assert not [path for path in tmp_path.rglob(".*")]


def make(kind: str, path: Path) -> None:
    if kind == "empty":
        path.touch()
    elif kind == "folder":
        path.mkdir()
    elif kind == "loop":
        path.symlink_to(path)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("missing", "no such file; check the name"),
        ("empty", "is empty (0 bytes); fetch or copy it again"),
        ("folder", "is a folder"),
        ("loop", "cannot be opened (Too many levels of symbolic links)"),
    ],
)
@pytest.mark.parametrize("read", [read_picture, lambda path: open_input(str(path))], ids=["picture", "film"])
def test_pictures_and_films_are_refused_in_the_same_words(
    read: Callable[[Path], object], kind: str, said: str, tmp_path: Path
) -> None:
    make(kind, tmp_path / "file")
    with pytest.raises(FaststError) as caught:
        read(tmp_path / "file")
    assert str(caught.value).startswith(f"{tmp_path / 'file'}: {said}")


def test_a_folder_is_told_in_the_callers_words(tmp_path: Path) -> None:
    with (
        pytest.raises(FaststError, match="is a folder; name a file in it"),
        readable_file(tmp_path, if_folder="is a folder; name a file in it"),
    ):
        pass


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
@pytest.mark.parametrize("kind", ["pipe", "device", "socket"])
@pytest.mark.parametrize(
    "read",
    [
        read_picture,
        read_mask,
        load_checkpoint,
        read_recipe,
        read_flow,
        saved_step,
        lambda path: read_photo(path, enough=64),
        lambda path: open_input(str(path)),
        lambda path: find_weights(path=path),
        lambda path: content_dataset(str(path), size=64, seed=0, start=0, length=1),
        lambda path: goes_by_disk(path, Path("a.png"), size=None, stylizer=None) or read_picture(path),
    ],
    ids=lambda read: read.__code__.co_qualname if read.__name__ == "<lambda>" else read.__name__,
)
def test_what_is_no_file_is_refused_before_it_is_opened(
    read: Callable[[Path], object], kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "it.jpg"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        socket.socket(socket.AF_UNIX).bind(str(path))
    with pytest.raises(FaststError) as caught:
        read(path)
    assert str(path) in str(caught.value) and "unexpected" not in str(caught.value)


def test_a_read_that_fails_is_told_too(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    with (
        pytest.raises(FaststError, match=r"file: cannot be opened \(Input/output error\)"),
        readable_file(path, if_folder=""),
    ):
        raise OSError(5, "Input/output error")


def test_the_same_file_under_any_name_is_refused(tmp_path: Path) -> None:
    photo, hard, soft = tmp_path / "a.png", tmp_path / "hard.png", tmp_path / "soft.png"
    photo.write_bytes(b"a")
    os.link(photo, hard)
    soft.symlink_to(photo)
    for output in (photo, hard, soft, str(tmp_path / "." / "a.png")):
        with pytest.raises(UsageError, match="would overwrite the input"):
            refuse_overwriting([tmp_path / "new.png", output], [tmp_path / "none.png", photo])


def test_other_files_are_not(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"a")
    refuse_overwriting(
        [tmp_path / "b.png", tmp_path / "new.png"], [tmp_path / "a.png", tmp_path / "none.png"]
    )


def test_the_folder_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASTST_CACHE", str(tmp_path / "cache"))
    assert cache_folder() == tmp_path / "cache"
    monkeypatch.delenv("FASTST_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "fastst"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_folder() == tmp_path / "home" / ".cache" / "fastst"
