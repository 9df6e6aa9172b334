"""The Live tab: the camera, stylized as it is seen. What it does is in live.js and in ``live_socket``."""

from pathlib import Path
from typing import Any

import gradio as gr

from fastst.networks.styles import DEFAULT_STYLE
from fastst.studio.choices import style_choices
from fastst.studio.workplace import QUIETLY, Workplace

SCRIPT = Path(__file__).with_name("live.js")
# Names, and the widths in pixels; 0 is what the machine can do in time.
_SIZES = [("Auto", 0), ("320", 320), ("480", 480), ("640", 640), ("960", 960)]
_STAGE = """
<div id="live-stage">
  <canvas id="live-picture" width="640" height="480"></canvas>
  <p id="live-figures" role="status"></p>
  <p class="buttons">
    <button id="live-toggle" class="primary" onclick="faststLive.toggle()">Start camera</button>
    <button id="live-save" onclick="faststLive.save()">Save picture</button>
  </p>
</div>
"""


class LiveTab:
    """The tab's parts; to be made within a tab of the page.

    Args:
        workplace: of the studio.
    """

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace
        with gr.Row():
            with gr.Column(scale=3, min_width=300):
                gr.HTML(_STAGE)
            with gr.Column(scale=2, min_width=300):
                self._style = gr.Radio([], label="Style", elem_id="live-style")
                self._strength = gr.Slider(0, 1, 1, step=0.05, label="Strength", elem_id="live-strength")
                self._size = gr.Radio(_SIZES, value=0, label="Size", elem_id="live-size")
                self._colors = gr.Checkbox(label="Keep the camera's colors", container=False)
        self._style.change(None, self._style, js="(style) => faststLive.ask({ style })")
        self._strength.input(None, self._strength, js="(strength) => faststLive.ask({ strength })")
        self._colors.input(None, self._colors, js="(keep_colors) => faststLive.ask({ keep_colors })")
        self._size.input(None, self._size, js="(side) => faststLive.resize(side)")

    def fill(self, page: gr.Blocks, new_style: gr.State) -> None:
        """Name the styles when the page is opened and when there is a new one."""
        page.load(self._workplace.plainly(_first), None, self._style, **QUIETLY)
        new_style.change(self._workplace.plainly(_renewed), None, self._style, **QUIETLY)


def _first() -> Any:
    return gr.Radio(style_choices(), value=DEFAULT_STYLE)


def _renewed() -> Any:
    return gr.Radio(style_choices())
