from pathlib import Path

import pytest

from fastst.errors import FaststError
from fastst.images.finding import find_pictures, is_folder


def test_find_pictures_walks_folders_sorted_and_skips_hidden(tmp_path: Path) -> None:
    names = ["b/z.JPG", "b/a.png", "top.webp", "notes.txt", ".hidden.png", ".cache/x.png", "phone.heic"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = find_pictures([tmp_path, tmp_path / ".hidden.png", tmp_path / "notes.txt", tmp_path / "gone.png"])
    assert [relative.as_posix() for _, relative in found] == [
        "b/a.png",
        "b/z.JPG",
        "phone.heic",
        "top.webp",
        ".hidden.png",
        "notes.txt",
        "gone.png",
    ]
    assert found[0][0] == tmp_path / "b/a.png"
    assert found[-1][0] == tmp_path / "gone.png"


def test_a_folder_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: str) -> None:
        raise PermissionError(13, "Permission denied", folder)

    monkeypatch.setattr("os.scandir", refuse)
    with pytest.raises(FaststError, match=r"cannot be listed \(Permission denied\)"):
        find_pictures([tmp_path])


def test_what_cannot_be_looked_at_is_no_folder(tmp_path: Path) -> None:
    assert is_folder(tmp_path)
    assert not is_folder(tmp_path / "gone") and not is_folder(Path("a" * 300))


def test_links_to_folders_are_followed_each_folder_once(tmp_path: Path) -> None:
    for name in ("in/real/a.png", "other/b.ppm", "other/deep/c.TGA"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for link, folder in (("in/more", "other"), ("in/again", "other"), ("in/up", "in"), ("other/round", "in")):
        (tmp_path / link).symlink_to(tmp_path / folder)
    found = [relative.as_posix() for _, relative in find_pictures([tmp_path / "in"])]
    assert found == ["again/b.ppm", "again/deep/c.TGA", "real/a.png"]


@pytest.mark.parametrize("suffix", ["png", "ppm", "pgm", "pbm", "pnm", "tga", "jp2", "dib", "bmp", "jfif"])
def test_every_format_that_is_read_is_found(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"a.{suffix}").touch()
    assert len(find_pictures([tmp_path])) == 1
