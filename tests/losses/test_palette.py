import pytest
import torch
from torch import Tensor

from fastst.losses.palette import Palette


def blocks(*colors: tuple[float, float, float], side: int = 2) -> Tensor:
    """Return squares of color beside each other, each of side 2 unless said: averaging leaves them alone."""
    return torch.cat(
        [torch.tensor(color).view(1, 3, 1, 1).expand(1, 3, side, side) for color in colors], dim=3
    )


BLACK, WHITE, RED = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (1.0, 0.0, 0.0)


def test_worked_by_hand() -> None:
    # Black and white against black alone: along v the white one must move by v·1, half of the pixels; the
    # spread of black and white along v is (v·1)² / 4. So the ratio is 2 for all directions.
    assert Palette(blocks(BLACK, WHITE))(blocks(BLACK, BLACK)).item() == pytest.approx(2.0)


def test_the_order_does_not_matter_and_the_size_hardly() -> None:
    palette = Palette(blocks(BLACK, WHITE, RED, side=64))
    assert palette(blocks(RED, BLACK, WHITE, side=64)).item() == pytest.approx(0, abs=1e-6)
    assert palette(blocks(BLACK, WHITE, RED, side=48)).item() == pytest.approx(0, abs=1e-3)


def test_shares_matter() -> None:
    palette = Palette(blocks(BLACK, WHITE, RED))
    assert palette(blocks(BLACK, WHITE, WHITE)).item() > 0.05


def test_each_picture_of_a_batch_for_itself() -> None:
    palette = Palette(blocks(BLACK, WHITE))
    pictures = [blocks(RED, WHITE), blocks(BLACK, RED)]
    apart = [palette(picture).item() for picture in pictures]
    assert palette(torch.cat(pictures)).tolist() == pytest.approx(apart)


def test_masks_say_where() -> None:
    left = torch.zeros(1, 1, 16, 32)
    left[..., :16] = 1
    palette = Palette(blocks(BLACK, WHITE, side=16), left)
    found, wanted = palette(blocks(BLACK, RED, side=16), left), palette(blocks(RED, BLACK, side=16), left)
    assert found.item() == pytest.approx(0, abs=1e-6) and wanted.item() > 0.1


def test_gradients_lead_to_the_palette() -> None:
    palette = Palette(blocks(RED, WHITE))
    picture = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(0)).requires_grad_()
    before = palette(picture).sum()
    before.backward()
    assert picture.grad is not None
    assert palette(picture.detach() - picture.grad).item() < before.item()


def test_autocast_leaves_it_alone() -> None:
    generator = torch.Generator().manual_seed(0)
    painting, picture = torch.rand(2, 1, 3, 24, 24, generator=generator)
    wanted = Palette(painting)(picture)
    with torch.autocast(
        "cpu", torch.bfloat16
    ):  # as in training, where it is built when it is first asked for
        assert Palette(painting)(picture).item() == wanted.item()
