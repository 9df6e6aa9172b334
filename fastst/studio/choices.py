"""The installed styles as choices on the page: their titles, and which can be mixed with which."""

from fastst.networks.header import Metadata
from fastst.networks.lineage import family
from fastst.networks.styles import installed_header, installed_styles

# A title to show, and the style's name.
Choice = tuple[str, str]
NO_STYLE = ""
NOTHING: Choice = ("Nothing", NO_STYLE)


def style_choices() -> list[Choice]:
    """Return every installed style."""
    return _choices(installed_styles())


def mixing_choices(first: str) -> list[Choice]:
    """Return no style, and those that can be mixed with ``first``."""
    styles = installed_styles()
    kind = family(styles[first], installed_header) if first in styles else None
    alike = {
        name: header
        for name, header in styles.items()
        if name != first and family(header, installed_header) == kind
    }
    return [NOTHING, *_choices(alike)]


def _choices(styles: dict[str, Metadata]) -> list[Choice]:
    titles = [header.title for header in styles.values()]
    return [
        (header.title if titles.count(header.title) == 1 else f"{header.title} ({name})", name)
        for name, header in styles.items()
    ]
