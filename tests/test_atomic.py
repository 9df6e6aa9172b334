import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from fastst.atomic import atomic_path
from fastst.errors import FaststError


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
from fastst.atomic import atomic_path
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
