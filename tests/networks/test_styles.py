from pathlib import Path

import pytest
import torch

from fastst.errors import FaststError, UsageError
from fastst.networks.styles import installed_styles, load_style, style_names, style_paths


class TestShippedStyles:
    def test_there_are_some_and_each_loads_and_repaints(self) -> None:
        assert "starry-night" in style_paths()
        for name, path in style_paths().items():
            checkpoint = load_style(name)
            with torch.no_grad():
                painted = checkpoint.network(torch.rand(1, 3, 32, 32))
            assert painted.shape == (1, 3, 32, 32)
            assert path.stat().st_size < 2_000_000

    def test_their_headers_say_where_they_come_from(self) -> None:
        for metadata in installed_styles().values():
            assert metadata.title and metadata.painter and metadata.year and "photos" in metadata.data
            assert metadata.training["objective"]

    def test_each_has_its_recipe(self) -> None:
        recipes = {path.stem for path in (Path(__file__).parents[2] / "configs").glob("*.yaml")}
        assert set(style_names()) == recipes

    def test_each_has_a_network_for_film_and_is_listed_once(self) -> None:
        for name in style_names():
            stills, film = load_style(name).metadata, load_style(name, for_video=True).metadata
            assert (stills.architecture, film.architecture) == ("brush-wide", "brush")
            assert load_style(f"{name}.film").metadata == film and stills.title == film.title
        assert not any("." in name or name.startswith("base") for name in style_names())


class TestLoadStyle:
    def test_an_unknown_name_lists_the_known(self) -> None:
        with pytest.raises(UsageError, match="starry-night"):
            load_style("stary-night")

    def test_a_picture_by_path(self, photo: Path) -> None:
        with pytest.raises(FaststError, match="JPEG"):
            load_style(str(photo))
