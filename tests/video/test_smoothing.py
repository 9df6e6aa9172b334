import numpy as np
import pytest

pytest.importorskip("cv2", exc_type=ImportError)

from fastst.video.smoothing import Smoother
from tests.video.test_flow import texture


def test_noise_on_a_still_scene_falls_as_the_weight_says() -> None:
    scene, generator = texture(), np.random.default_rng(0)
    noisy = [
        np.clip(scene + generator.normal(0, 10, scene.shape), 0, 255).astype(np.uint8) for _ in range(30)
    ]
    smoother = Smoother(weight=0.7)
    steadied = [smoother(scene, frame) for frame in noisy]
    before = np.mean([np.var(frame.astype(float) - scene) for frame in noisy[10:]])
    after = np.mean([np.var(frame.astype(float) - scene) for frame in steadied[10:]])
    # An average that forgets by w a step leaves (1 - w) / (1 + w) = 0.18 of white noise.
    assert after / before == pytest.approx(0.3 / 1.7, abs=0.06)


def test_it_follows_a_motion_without_a_trail() -> None:
    smoother = Smoother()
    scene = texture()
    for step in range(6):
        moved = np.roll(scene, 3 * step, axis=1)
        steadied = smoother(moved, moved)
    inside = np.s_[8:-8, 24:-8]
    assert np.abs(steadied[inside].astype(int) - moved[inside]).mean() < 4
    # Blending without following would be far off.
    assert np.abs(np.roll(moved, -3, axis=1)[inside].astype(int) - moved[inside]).mean() > 20


def test_nothing_is_carried_over_a_cut() -> None:
    smoother = Smoother()
    smoother(texture(0), texture(0))
    after = smoother(texture(1), texture(1))
    assert np.array_equal(after, texture(1))


def test_a_change_of_size_begins_anew() -> None:
    smoother = Smoother()
    smoother(texture(), texture())
    small = texture()[:48, :64]
    assert np.array_equal(smoother(small, small), small)
