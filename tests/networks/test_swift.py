from fastst.networks import build


def test_parameters() -> None:
    # gather 48·48·9+48, eight of the same, to half 48·16·9+16, refine 16·16·9+16, paint 16·3·9+3,
    # and two for every normalized channel: 48 · 9 + 16 · 2.
    expected = 9 * 20_784 + 6_928 + 2_320 + 435 + 2 * (48 * 9 + 16 * 2)
    assert sum(parameter.numel() for parameter in build("swift").parameters()) == expected
