import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from fastst.errors import FaststError
from fastst.images import read_picture
from fastst.readable_file import readable_file
from fastst.video.opening import open_input


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
def test_a_pipe_has_no_size_and_is_not_empty(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writing = threading.Thread(target=pipe.write_bytes, args=(b"content",))
    writing.start()
    with readable_file(pipe, if_folder="") as file:
        assert file.read() == b"content"
    writing.join()


def test_a_read_that_fails_is_told_too(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    with (
        pytest.raises(FaststError, match=r"file: cannot be opened \(Input/output error\)"),
        readable_file(path, if_folder=""),
    ):
        raise OSError(5, "Input/output error")
