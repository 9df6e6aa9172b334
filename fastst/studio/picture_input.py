"""Gradio's part for a picture, without its own reading: fastst reads more kinds, and tells what is wrong."""

from typing import Any

import gradio as gr
from gradio.data_classes import ImageData


def picture_input(**options: Any) -> gr.Image:
    """Return a part that pictures are dropped on; what an event gets of one is its file's path."""
    part = gr.Image(type="filepath", image_mode=None, **options)
    # On the one part: the page would not know a class of our own.
    part.preprocess = _path
    return part


def _path(payload: ImageData | None) -> str | None:
    return payload.path if payload else None
