from pathlib import Path

import pytest

from fastst.errors import FaststError, UsageError
from fastst.files import styles_folder
from fastst.networks.own_styles import add_style, own_style_path, remove_style
from fastst.networks.styles import installed_styles, load_style, shipped_paths, style_names, style_paths


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "my styles"
    monkeypatch.setenv("FASTST_STYLES", str(folder))
    return folder


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    file = tmp_path / "evening.safetensors"
    file.write_bytes(shipped_paths()["the-scream"].read_bytes())
    return file


class TestFolder:
    def test_is_with_the_users_data(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.delenv("FASTST_STYLES")
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
        assert styles_folder() == tmp_path / "fastst" / "styles"
        monkeypatch.setenv("XDG_DATA_HOME", "relative")
        monkeypatch.setenv("HOME", str(tmp_path))
        assert styles_folder() == tmp_path / ".local" / "share" / "fastst" / "styles"

    def test_what_is_no_style_in_it_is_none(self, checkpoint: Path, folder: Path) -> None:
        before = style_names()
        add_style(checkpoint)
        for name in (".evening-x7.safetensors", "evening.state.safetensors", "evening.preview.png"):
            (folder / name).write_bytes(b"x")
        assert style_names() == [*before, "evening"]

    def test_a_damaged_style_hides_no_other(
        self, checkpoint: Path, folder: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        add_style(checkpoint)
        (folder / "bad.safetensors").write_bytes(b"no checkpoint")
        found = installed_styles()
        assert "evening" in found and "starry-night" in found and "bad" not in found
        assert "bad.safetensors" in caplog.text


class TestAdd:
    def test_is_known_by_name_after_the_shipped_ones(self, checkpoint: Path) -> None:
        before = style_names()
        assert add_style(checkpoint) == "evening"
        assert style_names() == [*before, "evening"]
        assert load_style("evening").metadata.title == "The Scream"

    def test_under_another_name_with_a_network_for_film(self, checkpoint: Path) -> None:
        add_style(checkpoint, name="dusk")
        add_style(shipped_paths()["the-scream.film"], name="dusk.film")
        assert "dusk" in style_names() and "dusk.film" not in style_names()
        assert load_style("dusk", for_video=True).metadata.architecture == "brush"
        remove_style("dusk")
        assert "dusk.film" not in style_paths()

    def test_is_mixed_with_those_of_its_gallery(self, checkpoint: Path) -> None:
        add_style(checkpoint)
        assert load_style("evening+starry-night").metadata.title == "The Scream 50% + The Starry Night 50%"

    def test_replaces_another_only_when_asked(self, checkpoint: Path, folder: Path) -> None:
        add_style(checkpoint)
        add_style(folder / "evening.safetensors")  # the very file is there already
        other = shipped_paths()["starry-night"]
        with pytest.raises(UsageError, match=r"evening: is an own style already; .* --overwrite"):
            add_style(other, name="evening")
        assert load_style("evening").metadata.title == "The Scream"
        add_style(other, name="evening", overwrite=True)
        assert load_style("evening").metadata.title == "The Starry Night"

    def test_what_is_no_checkpoint_is_not_kept(self, photo: Path, folder: Path) -> None:
        with pytest.raises(FaststError, match="JPEG"):
            add_style(photo, name="evening")
        assert not folder.exists()

    @pytest.mark.parametrize(
        "name", ["", ".hidden", "-s", "a+b", "a:1", "a/b", "..", "a b", "a.b", "x.film.film", "a\n", "a" * 81]
    )
    def test_names_that_no_style_can_have(self, name: str, checkpoint: Path) -> None:
        with pytest.raises(UsageError, match="is not a name for a style"):
            add_style(checkpoint, name=name)

    @pytest.mark.parametrize("name", ["starry-night", "Starry-Night", "base", "starry-night.film"])
    def test_names_that_shipped_styles_have(self, name: str) -> None:
        with pytest.raises(UsageError, match="comes with fastst"):
            own_style_path(name)


class TestRemove:
    def test_takes_an_own_style_away_and_no_other(self, checkpoint: Path) -> None:
        add_style(checkpoint)
        add_style(checkpoint, name="dusk")
        remove_style("evening")
        assert "evening" not in style_paths() and "dusk" in style_paths()
        with pytest.raises(UsageError, match="evening: no own style of that name; there are dusk"):
            remove_style("evening")

    def test_shipped_styles_stay(self) -> None:
        with pytest.raises(UsageError, match="comes with fastst and stays"):
            remove_style("starry-night")
        assert "starry-night" in style_paths()
