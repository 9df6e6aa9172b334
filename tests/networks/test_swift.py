import torch

from fastst.networks import build


def test_untrained_it_leaves_no_grid() -> None:
    """With ICNR a flat picture comes out flat, whatever the weights; random ones would print 4×4 px."""
    torch.manual_seed(0)
    network = build("swift").eval()
    with torch.no_grad():
        painted = network(torch.full((1, 3, 64, 64), 0.25))[..., 16:-16, 16:-16]
    assert float(painted.std(dim=(2, 3)).max()) < 1e-4


def test_parameters() -> None:
    # gather 48·48·9+48, ten of the same, to half 48·64·9+64, refine 16·16·9+16, paint 16·3·9+3,
    # and two for every normalised channel: 48 · 11 + 16 · 2.
    expected = 11 * 20_784 + 27_712 + 2_320 + 435 + 2 * (48 * 11 + 16 * 2)
    assert sum(parameter.numel() for parameter in build("swift").parameters()) == expected
