import numpy as np
import pytest
import torch
from PIL import Image

from fastst.errors import UsageError
from fastst.images.tensors import read_tensor, to_image, to_tensor

RED, BLUE = (255, 0, 0), (0, 0, 255)


def pixels(image: Image.Image) -> list:
    return np.asarray(image).tolist()


def test_tensor_layout_and_range():
    tensor = to_tensor(Image.fromarray(np.array([[RED, (0, 51, 0), BLUE]], dtype=np.uint8)))
    expected = torch.tensor([[[1.0, 0, 0]], [[0, 0.2, 0]], [[0, 0, 1.0]]])
    assert tensor.dtype == torch.float32
    torch.testing.assert_close(tensor, expected)


def test_every_byte_survives_the_round_trip():
    image = Image.fromarray(np.arange(768, dtype=np.uint16).astype(np.uint8).reshape(16, 16, 3))
    assert pixels(to_image(to_tensor(image))) == pixels(image)


def test_to_image_rounds_and_clamps():
    column = torch.tensor([-0.5, 0.499 / 255, 0.501 / 255, 1.5]).view(1, 4, 1).expand(3, 4, 1)
    assert pixels(to_image(column)) == [[[v] * 3] for v in (0, 0, 1, 255)]


def test_a_picture_too_thin_for_the_loss_network_is_refused(tmp_path):
    Image.new("RGB", (3000, 20)).save(tmp_path / "thin.png")
    with pytest.raises(
        UsageError, match=r"thin\.png: is so thin that it has 400 x 3 pixels at size 400, and 16"
    ):
        read_tensor(tmp_path / "thin.png", size=400, least=16)
    assert read_tensor(tmp_path / "thin.png", size=3000, least=16).shape == (1, 3, 20, 3000)
