import pytest
import torch
import torch.nn.functional as F

from fastst.errors import UsageError
from fastst.evaluation.metrics.grid import border_ratio, grid_energy

HEIGHT, WIDTH = 200, 232
ROWS, COLUMNS = torch.meshgrid(torch.arange(HEIGHT), torch.arange(WIDTH), indexing="ij")
FAINT = 3 / 255


@pytest.fixture(scope="module")
def photo():
    """Noise whose spectrum falls as a photo's does, 1 / frequency."""
    generator = torch.Generator().manual_seed(5)
    spectrum = torch.fft.fft2(torch.randn(3, HEIGHT, WIDTH, generator=generator))
    frequency = torch.hypot(torch.fft.fftfreq(HEIGHT)[:, None], torch.fft.fftfreq(WIDTH)[None])
    picture = torch.fft.ifft2(spectrum / frequency.clamp(min=1 / HEIGHT)).real
    return (0.5 + 0.15 * picture / picture.std()).clamp(0, 1)


def blurred(picture, size):
    padded = F.pad(picture[None], (size // 2,) * 4, mode="reflect")
    return F.avg_pool2d(padded, size, stride=1)[0]


def noise(deviation):
    return deviation * torch.randn(3, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(8))


GRIDS = {
    "2 px checker": (ROWS + COLUMNS) % 2 * 2.0 - 1,
    "4 px checker": (ROWS // 2 + COLUMNS // 2) % 2 * 2.0 - 1,
    "2 px columns": COLUMNS % 2 * 2.0 - 1,
    "4 px rows": ROWS // 2 % 2 * 2.0 - 1,
    "4 px dots": ((ROWS % 4 == 0) & (COLUMNS % 4 == 0)) * 4.0,
}


@pytest.mark.parametrize("name", GRIDS)
def test_faint_grids_raise_it_far_above_texture(photo, name):
    harmless = [photo + noise(0.03), blurred(photo, 3), photo * 0.6 + 0.2, 1 - photo]
    ordinary = max(abs(grid_energy(picture, photo)) for picture in harmless)
    assert grid_energy(photo + FAINT * GRIDS[name], photo) > 10 * ordinary


def test_equal_pictures_have_none(photo):
    assert grid_energy(photo, photo) == 0


def test_share_is_that_of_the_energies():
    flat = torch.full((3, HEIGHT, WIDTH), 0.5)
    assert grid_energy(flat + 0.1 * GRIDS["2 px checker"], flat) == pytest.approx(1, abs=1e-3)
    # A wave of 16 px and a checker of half its amplitude: a²/2 against (a/2)², two parts to one.
    wave = flat + 0.2 * torch.sin(2 * torch.pi * COLUMNS / 16)
    assert grid_energy(wave + 0.1 * GRIDS["2 px checker"], wave) == pytest.approx(1 / 3, abs=0.01)


@pytest.mark.parametrize("period", [3, 5, 6, 7])
def test_other_periods_are_texture(period):
    flat = torch.full((3, HEIGHT, WIDTH), 0.5)
    stripes = flat + 0.1 * torch.sin(2 * torch.pi * COLUMNS / period)
    assert abs(grid_energy(stripes, flat)) < 0.01


def test_grid_needs_a_tile():
    with pytest.raises(UsageError, match="80x40: too small"):
        grid_energy(torch.zeros(3, 40, 80), torch.zeros(3, 40, 80))


BAND = torch.ones(HEIGHT, WIDTH)
BAND[16:-16, 16:-16] = 0


@pytest.fixture(scope="module")
def stylized(photo):
    """A change of tone with brush strokes of its own."""
    return 0.9 - 0.7 * photo + blurred(noise(0.3), 5)


def test_no_halo_is_one(photo, stylized):
    assert border_ratio(photo, photo) == pytest.approx(1)
    assert border_ratio(0.2 + 0.5 * photo, photo) == pytest.approx(1, abs=0.01)
    assert border_ratio(stylized, photo) == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize(
    "halo",
    [
        lambda picture: picture - 0.15 * BAND,
        lambda picture: picture + 0.15 * BAND,
        lambda picture: torch.where(BAND > 0, picture.mean(), picture),
        lambda picture: picture + 0.2 * BAND * GRIDS["2 px checker"],
    ],
    ids=["darker", "lighter", "flat", "busy"],
)
def test_halos_raise_it(photo, stylized, halo):
    assert border_ratio(halo(stylized), photo) > 1.5 * border_ratio(stylized, photo)


@pytest.mark.parametrize("side", ["top", "bottom", "left", "right"])
def test_every_side_counts(photo, side):
    strip = {
        "top": ROWS < 16,
        "bottom": ROWS >= HEIGHT - 16,
        "left": COLUMNS < 16,
        "right": COLUMNS >= WIDTH - 16,
    }[side]
    assert border_ratio(photo - 0.2 * strip, photo) > 5


def test_flat_pictures_compare_as_equal():
    flat = torch.full((3, HEIGHT, WIDTH), 0.5)
    assert border_ratio(flat * 0.5, flat) == pytest.approx(1)


def test_worked_by_hand():
    # Flat but for the band, 0.1 darker: border (0.1 + 0.001), inside (0 + 0.001).
    flat = torch.full((3, HEIGHT, WIDTH), 0.5)
    assert border_ratio(flat - 0.1 * BAND, flat) == pytest.approx(101, rel=1e-3)


@pytest.mark.parametrize("shapes", [((3, 90, 200), (3, 90, 200)), ((3, 200, 200), (3, 200, 201))])
def test_border_needs_one_size_and_room(shapes):
    with pytest.raises(UsageError, match="96 px a side"):
        border_ratio(torch.zeros(shapes[0]), torch.zeros(shapes[1]))
