import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from fastst.engines import engine_kind
from fastst.errors import FaststError, UsageError
from fastst.images.pictures import Picture
from fastst.images.tensors import to_image, to_tensor
from fastst.stylize import stylizer as stylizer_module
from fastst.stylize.options import StylizeOptions
from fastst.stylize.stylizer import MIN_SIDE, Stylizer


class Invert(nn.Module):
    """Inverts colors, through a 1 x 1 convolution so that it has weights to move."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, 3, 1)
        with torch.no_grad():
            self.layer.weight.copy_(-torch.eye(3).view(3, 3, 1, 1))
            self.layer.bias.fill_(1.0)

    def forward(self, image: Tensor) -> Tensor:
        return self.layer(image)


class InvertBehindReflection(Invert):
    """Pads by reflection and crops, as style networks do; fails on sides up to the padding."""

    def forward(self, image: Tensor) -> Tensor:
        return super().forward(F.pad(image, (20, 20, 20, 20), mode="reflect"))[..., 20:-20, 20:-20]


class Overshoot(nn.Module):
    def forward(self, image: Tensor) -> Tensor:
        return image * 4 - 1


class OutOfMemory(nn.Module):
    def forward(self, image: Tensor) -> Tensor:
        raise torch.OutOfMemoryError("no room")


@pytest.fixture
def inverting() -> Stylizer:
    return Stylizer(Invert(), {"name": "invert"}, device="cpu")


def random_image(*shape: int) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(("height", "width"), [(48, 64), (33, 45), (20, 70), (1, 1)])
def test_a_video_frame_comes_out_as_a_picture_does(inverting, height, width):
    frame = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    painted = inverting.frame(frame)
    assert painted.dtype == np.uint8
    np.testing.assert_array_equal(painted, 255 - frame)


@pytest.mark.parametrize("frame", [np.zeros((40, 40), np.uint8), np.zeros((40, 40, 3), np.float32)])
def test_frames_of_the_wrong_kind(inverting, frame):
    with pytest.raises(UsageError, match="give uint8"):
        inverting.frame(frame)


@pytest.mark.parametrize("engine", ["onnx", "openvino"])
def test_other_engines_paint_any_size(engine):
    if engine_kind(engine).why_not("cpu"):
        pytest.skip(f"{engine} is not installed")
    stylizer = Stylizer(InvertBehindReflection(), {}, engine=engine)
    assert stylizer.device == torch.device("cpu")
    for height, width in ((40, 50), (7, 19), (33, 35)):
        image = random_image(2, 3, height, width)
        torch.testing.assert_close(stylizer.stylize(image), 1 - image, atol=1e-5, rtol=0)


def test_auto_takes_what_was_chosen(monkeypatch):
    monkeypatch.setattr("fastst.stylize.stylizer.choose_engine", lambda *given, **options: "torch-bf16")
    monkeypatch.setattr("fastst.engines.registry.multiplies_in_bf16", lambda device_type: True)
    stylizer = Stylizer(Invert(), {}, device="cpu", engine="auto")
    assert stylizer.engine_name == "torch-bf16"
    image = random_image(3, 40, 40)
    torch.testing.assert_close(stylizer.stylize(image), 1 - image, atol=0.01, rtol=0)


def test_unknown_engine():
    with pytest.raises(UsageError, match="steam: no such engine"):
        Stylizer(Invert(), {}, engine="steam")


@pytest.mark.parametrize("shape", [(3, 40, 50), (2, 3, 33, 35)])
def test_stylize_keeps_the_shape(inverting, shape):
    image = random_image(*shape)
    torch.testing.assert_close(inverting.stylize(image), 1 - image)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 300), (300, 2), (31, 32), (7, 19), (21, 45)])
def test_very_small_pictures(height, width):
    stylizer = Stylizer(InvertBehindReflection(), {}, device="cpu")
    image = random_image(3, height, width)
    torch.testing.assert_close(stylizer.stylize(image), 1 - image)


def test_small_pictures_reach_the_network_with_replicated_edges():
    seen: list[Tensor] = []
    stylizer = Stylizer(Invert(), {}, device="cpu")
    stylizer.network.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].clone()))
    stylizer.stylize(torch.tensor([0.25, 0.75]).view(1, 1, 2).expand(3, 1, 2))
    (padded,) = seen
    assert padded.shape == (1, 3, MIN_SIDE, MIN_SIDE)
    half = MIN_SIDE // 2
    assert (padded[..., :half] == 0.25).all() and (padded[..., half:] == 0.75).all()


def test_the_network_runs_in_eval_and_inference_and_channels_last():
    class Witness(Invert):
        def forward(self, image: Tensor) -> Tensor:
            self.state = (self.training, torch.is_inference_mode_enabled())
            self.last = image.is_contiguous(memory_format=torch.channels_last)
            return super().forward(image)

    network = Witness().train()
    result = Stylizer(network, {}, device="cpu").stylize(random_image(3, 40, 40))
    assert network.state == (False, True)
    assert network.last
    result.add_(1)  # what comes back is an ordinary tensor


def test_stylize_clamps():
    ends = torch.tensor([0.0, 0.25, 0.5, 1.0]).view(1, 1, 4).expand(3, 40, 4)
    result = Stylizer(Overshoot(), {}, device="cpu").stylize(ends)
    assert result[0, 0].tolist() == [0, 0, 1, 1]


def test_each_kind_comes_back_as_it_went_in(inverting, tmp_path):
    array = np.full((5, 4, 3), 200, dtype=np.uint8)
    image = Image.fromarray(array)
    image.save(tmp_path / "a.png")
    for given in (image, tmp_path / "a.png", str(tmp_path / "a.png")):
        result = inverting(given)
        assert isinstance(result, Image.Image) and result.mode == "RGB"
        assert (np.asarray(result) == 55).all() and result.size == (4, 5)
    from_array = inverting(array)
    assert from_array.dtype == np.uint8 and from_array.shape == (5, 4, 3) and (from_array == 55).all()
    from_tensor = inverting(torch.full((3, 5, 4), 0.2))
    torch.testing.assert_close(from_tensor, torch.full((3, 5, 4), 0.8))


def test_transparency_comes_back(inverting):
    result = inverting(Image.new("RGBA", (40, 20), (255, 0, 51, 77)), size=20)
    assert result.mode == "RGBA" and result.size == (20, 10)
    assert result.getpixel((3, 3)) == (0, 255, 204, 77)


def test_stylize_picture_keeps_metadata(inverting):
    picture = Picture(rgb=Image.new("RGB", (8, 4)), alpha=Image.new("L", (8, 4), 9), info={"dpi": (300, 300)})
    result = inverting.stylize_picture(picture, options=StylizeOptions(size=4))
    assert result.rgb.size == (4, 2) and result.alpha.size == (4, 2)
    assert result.info == {"dpi": (300, 300)}


def test_strength_blends_with_the_resized_photo(inverting):
    photo = torch.full((3, 40, 40), 0.2)
    for strength, expected in ((0, 0.2), (0.25, 0.35), (1, 0.8)):
        torch.testing.assert_close(inverting(photo, strength=strength), torch.full((3, 40, 40), expected))
    assert inverting(photo, strength=0.5, size=10).shape == (3, 10, 10)


def test_keep_colors_takes_only_the_luminance(inverting):
    # Photo (0.6, 0.4, 0.4): Y = 0.4598, inverted Y = 0.5402, so every channel gains 0.0804.
    photo = torch.tensor([0.6, 0.4, 0.4]).view(3, 1, 1).expand(3, 40, 40)
    expected = torch.tensor([0.6804, 0.4804, 0.4804]).view(3, 1, 1).expand(3, 40, 40)
    torch.testing.assert_close(inverting(photo, keep_colors=True), expected)
    half = inverting(photo, keep_colors=True, strength=0.5)
    torch.testing.assert_close(half, (photo + expected) / 2)


def test_options_out_of_range(inverting):
    for image in (torch.rand(3, 40, 40), Image.new("RGB", (4, 4))):
        with pytest.raises(UsageError, match="strength"):
            inverting(image, strength=2)


@pytest.mark.parametrize(
    "image",
    [
        torch.zeros(1, 4, 4),
        torch.zeros(3, 4, 4, dtype=torch.uint8),
        torch.zeros(3, 0, 4),
        np.zeros((4, 4), dtype=np.uint8),
        np.zeros((4, 4, 3), dtype=np.float32),
    ],
)
def test_images_of_the_wrong_kind(inverting, image):
    with pytest.raises(UsageError, match="give"):
        inverting(image)


def test_unknown_device():
    with pytest.raises(UsageError, match="no-such-device"):
        Stylizer(Invert(), {}, device="no-such-device")


def test_default_device_is_one_that_works():
    assert Stylizer(Invert(), {}).stylize(torch.zeros(3, 4, 4)).sum() == 48


def test_running_out_of_memory_names_the_cure():
    stylizer = Stylizer(OutOfMemory(), {}, device="cpu")
    for use in (
        lambda: stylizer.stylize(torch.zeros(3, 400, 500)),
        lambda: stylizer.frame(np.zeros((400, 500, 3), np.uint8)),
    ):
        with pytest.raises(FaststError, match="500 x 400 pixels; give a smaller size"):
            use()


def test_tensor_results_match_picture_results(inverting):
    tensor = to_tensor(to_image(random_image(3, 36, 48)))
    from_image = inverting(to_image(tensor), strength=0.5, size=24)
    from_tensor = inverting(tensor, strength=0.5, size=24)
    torch.testing.assert_close(to_tensor(from_image), from_tensor, atol=0.51 / 255, rtol=0)


def test_importing_does_not_pull_in_the_training_libraries():
    program = (
        "import sys, fastst.stylize.batch; "
        "print([m for m in ('torchvision', 'datasets') if m in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root
    )
    assert done.stdout.strip() == "[]"


def test_freed_memory_is_given_back_between_pictures_of_different_sizes(
    inverting: Stylizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_back: list[bool] = []
    monkeypatch.setattr(stylizer_module, "give_back_freed_memory", lambda: given_back.append(True))
    counts = []
    for sides in ((40, 50), (40, 50), (50, 40), (50, 40), (40, 50)):
        inverting(random_image(3, *sides))
        counts.append(len(given_back))
    assert counts == [0, 0, 1, 1, 2]
