import os
from pathlib import Path

import pytest

from fastst.errors import UsageError
from fastst.overwriting import refuse_overwriting


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
