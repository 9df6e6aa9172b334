"""The page: its tabs, and how it looks."""

from pathlib import Path
from typing import Any

import gradio as gr

from fastst.studio.photo_tab import PhotoTab
from fastst.studio.workplace import Workplace

_TITLE = "fastst studio"
_FOLDER = Path(__file__).parent
# The browser's own fonts: none is fetched from anywhere.
_FONTS = ("ui-sans-serif", "system-ui", "sans-serif")
_MONO = ("ui-monospace", "Menlo", "Consolas", "monospace")
_KEPT_SECONDS, _SWEPT_EVERY = 6 * 3600, 600


def build_page(workplace: Workplace) -> gr.Blocks:
    """Return the page with its tabs."""
    with gr.Blocks(
        title=_TITLE, analytics_enabled=False, delete_cache=(_SWEPT_EVERY, _KEPT_SECONDS), fill_width=True
    ) as page:
        new_style = gr.State("")
        gr.HTML("<h1>fastst</h1>", elem_id="head")
        with gr.Tabs(), gr.Tab("Photo"):
            photo = PhotoTab(workplace)
        photo.fill(page, new_style)
    return page


def looks() -> dict[str, Any]:
    """Return what gives the page its looks, for ``gradio.mount_gradio_app``."""
    theme = gr.themes.Base(
        primary_hue="indigo", neutral_hue="stone", font=_FONTS, font_mono=_MONO, radius_size="lg"
    )
    return {"theme": theme, "css_paths": [_FOLDER / "page.css"], "footer_links": []}
