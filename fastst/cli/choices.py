"""Styles and engines by name: completed by the shell, and styles refused at once that are none."""

from typing import TypeVar

_Given = TypeVar("_Given", str | None, list[str] | None)


def complete_style(beginning: str) -> list[str]:
    """Return the installed styles' names that begin so, for the shell."""
    from fastst.networks.styles import style_names

    return [name for name in style_names() if name.startswith(beginning)]


def complete_engine(beginning: str) -> list[str]:
    """Return the engines' names that begin so, for the shell."""
    from fastst.engines.registry import AUTO, engine_names

    return [name for name in (AUTO, *engine_names()) if name.startswith(beginning)]


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
