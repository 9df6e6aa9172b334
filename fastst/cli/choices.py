"""The styles that the command line is given: refused at once where there is none of that name."""

from typing import TypeVar

_Given = TypeVar("_Given", str | None, list[str] | None)


def known(style: _Given) -> _Given:
    """Return what was given for a style, or for several; torch, which takes seconds, is not imported.

    Raises:
        UsageError: if one of them is no style, no checkpoint and no mix of some.
    """
    from fastst.networks.styles import check_style

    for name in [style] if isinstance(style, str) else style or []:
        check_style(name)
    return style


def known_start(style: str | None) -> str | None:
    """Do as ``known`` for what a training starts from, which may be nothing.

    Raises:
        UsageError: as ``known``.
    """
    from fastst.networks.lineage import FROM_NOTHING

    return style if style == FROM_NOTHING else known(style)
