import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from fastst.networks.recolor import (
    Recolor,
    _inverse_root_by_eigenvalues,
    _inverse_root_by_products,
    color_statistics,
)


def picture(seed: int, *, deviation: float = 0.08) -> Tensor:
    """Colors that no clipping touches, correlated between the channels."""
    generator = torch.Generator().manual_seed(seed)
    mix = torch.randn(3, 3, generator=generator)
    pixels = torch.einsum("ij,njhw->nihw", mix, torch.rand(1, 3, 20, 24, generator=generator) - 0.5)
    return (0.5 + deviation * pixels / pixels.std()).clamp(0, 1)


def of_colors(painting: Tensor, mask: Tensor | None = None) -> Recolor:
    recolor = Recolor()
    recolor.take_colors_of(painting, mask)
    return recolor


@given(seed=st.integers(0, 2**31 - 1), spread=st.floats(1.0, 300.0))
@settings(max_examples=50, deadline=None)
def test_both_inverse_roots_are_what_they_should_be(seed: int, spread: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    basis, _ = torch.linalg.qr(torch.randn(3, 3, generator=generator, dtype=torch.float64))
    values = torch.tensor([1.0, spread**0.5, spread], dtype=torch.float64) * 1e-2
    matrix = basis @ torch.diag(values) @ basis.T
    expected = basis @ torch.diag(values.rsqrt()) @ basis.T
    for inverse_root in (_inverse_root_by_products, _inverse_root_by_eigenvalues):
        found = inverse_root(matrix.float()[None])[0]
        torch.testing.assert_close(found.double(), expected, rtol=0, atol=0.02)


@given(seed=st.integers(0, 1000), deviation=st.floats(1e-4, 0.2))
@settings(max_examples=25, deadline=None)
def test_without_gradients_colors_are_mapped_alike(seed: int, deviation: float) -> None:
    recolor, photo = of_colors(picture(seed)), picture(seed + 10, deviation=deviation)
    expected = recolor(photo)
    with torch.inference_mode():
        torch.testing.assert_close(recolor(photo), expected, rtol=0, atol=5e-4)


def test_a_grey_painting_and_a_photo_of_one_colour_have_an_inverse_root() -> None:
    recolor = of_colors(torch.linspace(0, 1, 64).view(1, 1, 8, 8).repeat(1, 3, 1, 1))
    photo = torch.full((1, 3, 16, 16), 0.3)
    expected = recolor(photo)
    with torch.inference_mode():
        torch.testing.assert_close(recolor(photo), expected, rtol=0, atol=5e-3)


@given(seed=st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_statistics_become_the_paintings(seed: int) -> None:
    photo, painting = picture(seed), picture(seed + 10)
    mean, covariance = color_statistics(photo)
    wanted_mean, wanted = color_statistics(painting)
    matrix, shift = of_colors(painting).affine(mean, covariance)
    torch.testing.assert_close(mean @ matrix[0].T + shift, wanted_mean, rtol=0, atol=1e-4)
    # Of the photo's covariance with the 0.002 that keeps a flat photo flat.
    found = matrix @ (covariance + 0.002 * torch.eye(3)) @ matrix.mT
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-4)


def test_a_flat_photo_takes_the_paintings_mean_and_is_not_blown_up() -> None:
    painting = picture(3)
    generator = torch.Generator().manual_seed(0)
    photo = (0.5 + 1e-3 * torch.randn(1, 3, 32, 32, generator=generator)).clamp(0, 1)
    found = of_colors(painting)(photo)
    torch.testing.assert_close(found.mean(dim=(2, 3)), painting.mean(dim=(2, 3)), rtol=0, atol=0.01)
    assert float(found.std(dim=(2, 3)).max()) < 0.01


def test_each_picture_of_a_batch_by_its_own_statistics() -> None:
    recolor, photos = of_colors(picture(5)), torch.cat([picture(1), picture(2)])
    apart = torch.cat([recolor(photo) for photo in photos.split(1)])
    torch.testing.assert_close(recolor(photos), apart)


def test_statistics_within_a_mask_are_those_of_what_it_shows() -> None:
    left, right = picture(1), picture(2)
    both = torch.cat([left, right], dim=3)
    mask = torch.zeros(1, 1, *both.shape[-2:])
    mask[..., : left.shape[-1]] = 0.5
    for found, expected in zip(color_statistics(both, mask), color_statistics(left), strict=True):
        torch.testing.assert_close(found, expected)


def test_covariance_by_hand() -> None:
    # Red is 0 and 1, green 0 and 0.5, blue 0.25 throughout.
    image = torch.tensor([[[[0.0, 1.0]], [[0.0, 0.5]], [[0.25, 0.25]]]])
    mean, covariance = color_statistics(image)
    assert mean.tolist() == [[0.5, 0.25, 0.25]]
    expected = [[[0.25, 0.125, 0.0], [0.125, 0.0625, 0.0], [0.0, 0.0, 0.0]]]
    torch.testing.assert_close(covariance, torch.tensor(expected))


def test_half_precision_does_not_reach_the_iteration() -> None:
    recolor, photo = of_colors(picture(4)), picture(6)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = recolor(photo)
    torch.testing.assert_close(inside, recolor(photo))
