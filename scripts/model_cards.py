"""Write the cards of the shipped styles, from their headers.

python scripts/model_cards.py docs/models
"""

import sys
from pathlib import Path

from fastst.networks.card import style_card
from fastst.networks.styles import installed_styles


def main() -> None:
    """Write a page for each style."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, metadata in installed_styles().items():
        (folder / f"{name}.md").write_text(style_card(metadata, name=name))


if __name__ == "__main__":
    main()
