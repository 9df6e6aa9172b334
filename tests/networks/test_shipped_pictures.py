"""What each shipped style makes of one picture, in a few figures: a spoilt checkpoint fails here."""

import numpy as np
import pytest
import torch

import fastst
from fastst.images.colors import rgb_to_lab
from fastst.networks.styles import style_names

# Lightness, its deviation, a and b of CIELAB, and the deviation of lightness from pixel to pixel: as the
# styles of 2026-11-29 have them on the picture below.
LOOKS: dict[tuple[str, bool], tuple[float, ...]] = {
    ("composition-vii", False): (48.9, 20.5, 12.1, 13.2, 6.6),
    ("contrast-of-forms", False): (52.2, 24.9, 2.7, 13.6, 8.3),
    ("great-wave", False): (64.5, 20.0, -5.5, 6.3, 7.3),
    ("portrait-metzinger", False): (63.4, 26.2, 0.4, -5.1, 7.1),
    ("shipwreck", False): (35.1, 21.6, -7.4, 12.6, 5.4),
    ("starry-night", False): (38.7, 20.0, 1.4, -13.5, 6.5),
    ("the-scream", False): (38.8, 17.6, 9.3, 22.5, 3.8),
    ("udnie", False): (44.3, 27.1, -1.7, 0.8, 4.8),
    ("water-lilies", False): (48.0, 15.8, -1.4, -3.6, 4.6),
    ("wheat-field", False): (61.3, 21.6, -6.8, 12.6, 6.1),
    ("woman-with-a-hat", False): (52.7, 24.9, 7.6, -5.6, 5.6),
    ("composition-vii", True): (48.2, 21.4, 12.6, 12.7, 7.0),
    ("contrast-of-forms", True): (51.0, 24.8, 3.7, 13.5, 7.7),
    ("great-wave", True): (64.2, 20.2, -5.0, 6.6, 6.9),
    ("portrait-metzinger", True): (63.3, 24.4, 1.6, -6.0, 7.0),
    ("shipwreck", True): (35.5, 21.8, -7.1, 13.5, 5.1),
    ("starry-night", True): (37.8, 20.2, 2.0, -14.3, 6.5),
    ("the-scream", True): (38.9, 18.3, 10.2, 23.1, 3.7),
    ("udnie", True): (43.5, 26.0, -1.6, 0.7, 4.8),
    ("water-lilies", True): (47.8, 16.0, -1.2, -4.2, 4.4),
    ("wheat-field", True): (61.5, 21.1, -6.9, 12.3, 6.4),
    ("woman-with-a-hat", True): (53.1, 23.9, 8.6, -5.6, 5.4),
}
# Other machines round otherwise, and the noise may fall to the other side of an edge.
TOLERANCE = 1.0


def look_of(name: str, *, for_video: bool) -> tuple[float, ...]:
    """Return the figures of a style's picture of a ball on a gradient, 160x128."""
    rows, columns = torch.meshgrid(torch.linspace(0, 1, 128), torch.linspace(0, 1, 160), indexing="ij")
    ball = ((rows - 0.5) ** 2 + (columns - 0.4) ** 2 < 0.06).float()
    photo = torch.stack([0.2 + 0.6 * ball, 0.3 + 0.5 * rows, 0.8 - 0.5 * columns])
    stylizer = fastst.load(name, engine="torch", device="cpu", for_video=for_video)
    lab = rgb_to_lab(stylizer.stylize(photo)[None])[0]
    lightness = lab[0]
    figures = [lightness.mean(), lightness.std(), lab[1].mean(), lab[2].mean(), lightness.diff(dim=1).std()]
    return tuple(float(figure) for figure in figures)


def test_every_style_is_here() -> None:
    assert set(LOOKS) == {(name, for_video) for name in style_names() for for_video in (False, True)}


@pytest.mark.parametrize(("name", "for_video"), LOOKS)
def test_its_picture_looks_as_it_did(name: str, for_video: bool) -> None:
    assert np.allclose(look_of(name, for_video=for_video), LOOKS[name, for_video], atol=TOLERANCE)
