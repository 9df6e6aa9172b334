import pytest

from fastst.errors import UsageError
from fastst.networks import architectures, build


def test_classic_is_there() -> None:
    assert "classic" in architectures()


@pytest.mark.parametrize(
    ("architecture", "options", "named"),
    [("clasic", {}, "classic"), ("classic", {"depth": 3}, "width"), ("classic", {"width": 0}, "width")],
)
def test_what_cannot_be_built_is_said(architecture: str, options: dict[str, int], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        build(architecture, **options)
