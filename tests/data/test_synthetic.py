import pickle

import numpy as np
import pytest
import torch

from fastst.data.synthetic import SyntheticImages

LUMINANCE = torch.tensor([0.299, 0.587, 0.114]).view(3, 1, 1)


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    dataset = SyntheticImages(size=64, seed=3, length=48)
    return torch.stack([dataset[index] for index in range(48)])


def luminance(images: torch.Tensor) -> np.ndarray:
    return (images * LUMINANCE).sum(1).numpy()


def amplitude_slope(images: torch.Tensor) -> float:
    """Exponent of the mean amplitude spectrum against frequency."""
    light = luminance(images)
    size = light.shape[-1]
    window = np.hanning(size)[:, None] * np.hanning(size)
    light = (light - light.mean((1, 2), keepdims=True)) * window
    power = (np.abs(np.fft.fft2(light)) ** 2).mean(0)
    frequency = np.fft.fftfreq(size) * size
    radius = np.rint(np.hypot(frequency[:, None], frequency)).astype(int).ravel()
    mean = np.bincount(radius, power.ravel()) / np.bincount(radius)
    used = np.arange(3, size // 2)
    return float(np.polyfit(np.log(used), 0.5 * np.log(mean[used] + 1e-12), 1)[0])


def flat_share(images: torch.Tensor) -> float:
    """Share of neighbors across that differ by under 3 levels of 255."""
    return float((np.abs(np.diff(luminance(images), axis=2)) < 3 / 255).mean())


@pytest.mark.parametrize("size", [32, 64, 97])
def test_items_are_rgb_tensors_within_range(size: int) -> None:
    dataset = SyntheticImages(size=size, seed=0, length=4)
    for index in range(4):
        image = dataset[index]
        assert image.shape == (3, size, size)
        assert image.dtype == torch.float32
        assert image.min() >= 0 and image.max() <= 1


def test_an_item_depends_on_seed_index_and_size_alone() -> None:
    first = SyntheticImages(size=48, seed=5, length=20)
    later = [first[index] for index in (7, 3)]
    again = SyntheticImages(size=48, seed=5, length=1000)
    assert torch.equal(again[3], later[1])
    assert torch.equal(again[7], later[0])
    assert not torch.equal(again[3], again[7])
    assert not torch.equal(SyntheticImages(size=48, seed=6, length=20)[3], again[3])


def test_it_ends_at_its_length() -> None:
    dataset = SyntheticImages(size=32, seed=0, length=2)
    assert len(dataset) == 2
    with pytest.raises(IndexError):
        dataset[2]


def test_it_survives_pickling_and_workers() -> None:
    dataset = SyntheticImages(size=32, seed=1, length=6)
    alone = torch.stack([dataset[index] for index in range(6)])
    assert torch.equal(pickle.loads(pickle.dumps(dataset))[4], alone[4])
    with_workers = torch.cat(list(torch.utils.data.DataLoader(dataset, batch_size=2, num_workers=2)))
    assert torch.equal(with_workers, alone)


def test_amplitude_falls_as_in_photos(images: torch.Tensor) -> None:
    assert -1.7 < amplitude_slope(images) < -1.0
    assert amplitude_slope(torch.rand(8, 3, 64, 64)) > -0.2


def test_most_is_flat_and_some_is_steep(images: torch.Tensor) -> None:
    assert flat_share(images) > 3 * flat_share(torch.rand(8, 3, 64, 64))
    across = np.diff(luminance(images), axis=2)
    kurtosis = (across**4).mean() / (across**2).mean() ** 2
    assert kurtosis > 8  # 3 for Gaussian noise, 15 to 20 in photos


def test_brightness_varies_within_and_between_images(images: torch.Tensor) -> None:
    light = luminance(images)
    assert 0.35 < light.mean() < 0.55
    assert 0.08 < light.mean((1, 2)).std() < 0.25
    assert 0.12 < light.std((1, 2)).mean() < 0.3


def test_channels_go_together_but_images_have_color(images: torch.Tensor) -> None:
    pairs = [np.corrcoef(image.flatten(1).numpy())[[0, 0, 1], [1, 2, 2]] for image in images]
    assert np.mean(pairs) > 0.75
    chroma = (images - (images * LUMINANCE).sum(1, keepdim=True))[:, [0, 2]].norm(dim=1)
    assert 0.05 < chroma.mean() < 0.16
