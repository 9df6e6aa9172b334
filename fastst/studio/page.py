"""The page: its tabs, and how it looks."""

from pathlib import Path
from typing import Any, Protocol

import gradio as gr

from fastst.studio.live_tab import SCRIPT, LiveTab
from fastst.studio.photo_tab import PhotoTab
from fastst.studio.train_tab import TrainTab
from fastst.studio.video_tab import VideoTab
from fastst.studio.workplace import Workplace

_TITLE = "fastst studio"
_FOLDER = Path(__file__).parent
# The browser's own fonts: none is fetched from anywhere.
_FONTS = ("ui-sans-serif", "system-ui", "sans-serif")
_MONO = ("ui-monospace", "Menlo", "Consolas", "monospace")


class Tab(Protocol):
    """What a tab of the page does."""

    def fill(self, page: gr.Blocks, new_style: gr.State) -> None:
        """Show the styles when the page is opened, and whenever ``new_style`` changes."""


def build_page(workplace: Workplace) -> gr.Blocks:
    """Return the page with its tabs."""
    with gr.Blocks(title=_TITLE, analytics_enabled=False, fill_width=True) as page:
        new_style = gr.State("")
        gr.HTML("<h1>fastst</h1>", elem_id="head")
        with gr.Tabs():
            with gr.Tab("Photo") as photo:
                tabs: list[Tab] = [PhotoTab(workplace)]
            with gr.Tab("Video") as video:
                tabs += [VideoTab(workplace)]
            with gr.Tab("Live"):
                tabs += [LiveTab(workplace)]
            with gr.Tab("Train") as train:
                tabs += [TrainTab(workplace, new_style)]
        for part in tabs:
            part.fill(page, new_style)
        # Whoever leaves the Live tab does not expect the camera to go on.
        for tab in (photo, video, train):
            tab.select(None, js="() => faststLive.stop()")
    return page


def looks() -> dict[str, Any]:
    """Return what gives the page its looks, for ``gradio.mount_gradio_app``."""
    theme = gr.themes.Base(
        primary_hue="indigo", neutral_hue="stone", font=_FONTS, font_mono=_MONO, radius_size="lg"
    )
    return {
        "theme": theme,
        "css_paths": [_FOLDER / "page.css"],
        "head": f"<script>{SCRIPT.read_text(encoding='utf-8')}</script>",
        "footer_links": [],
    }
