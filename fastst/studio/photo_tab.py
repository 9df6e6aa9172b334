"""The Photo tab: drop a photo, choose a style, mix it, save the picture."""

import time
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from fastst.networks.styles import DEFAULT_STYLE, style_label, style_names
from fastst.studio.choices import NO_STYLE, NOTHING, mixing_choices, style_choices
from fastst.studio.painting import LARGEST_STROKES, PhotoPainter, Wish, mixed
from fastst.studio.picture_input import picture_input
from fastst.studio.workplace import QUIETLY, Workplace

# Shown until there is a photo.
_SAMPLE = Path(__file__).parents[1] / "photos" / "chelsea.jpg"
# A slider that rests for so long gets the true picture.
_REST_SECONDS = 0.25
_DOWNLOAD = "() => setTimeout(() => document.querySelector('#photo-file').click(), 50)"
_QUALITY = 92
# Two beside one another on a desk, one below the other on a phone.
_KNOB = 220


class PhotoTab:
    """The tab's parts, and what they do; to be made within a tab of the page.

    Attributes:
        gallery: shows the styles.

    Args:
        workplace: of the studio.
    """

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace
        self._painter = PhotoPainter()
        self._asked: dict[str | None, float] = {}
        with gr.Row():
            with gr.Column(scale=2, min_width=300):
                self._add_choices()
            with gr.Column(scale=3, min_width=300):
                self._add_result()
        self._style = gr.State(DEFAULT_STYLE)
        self._names = gr.State([])
        self._wish = [
            self._photo, self._style, self._second, self._share, self._strength, self._strokes, self._colors,
        ]  # fmt: skip
        self._connect()

    def fill(self, page: gr.Blocks, new_style: gr.State) -> None:
        """Show the styles when the page is opened and when there is a new one."""
        plainly = self._workplace.plainly
        styles = [self.gallery, self._names, self._second]
        page.load(plainly(self._show), self._wish, [self._result, self._command], **QUIETLY).success(
            plainly(self._styles), [self._photo, self._style], styles, **QUIETLY
        )
        new_style.change(plainly(self._styles), [self._photo, self._style], styles, **QUIETLY)
        page.unload(self._forget)

    def _add_choices(self) -> None:
        self._photo = picture_input(
            sources=["upload", "clipboard", "webcam"],
            label="Your photo",
            height=220,
            elem_id="photo",
        )
        self.gallery = gr.Gallery(
            label="Styles",
            columns=3,
            height="auto",
            object_fit="cover",
            allow_preview=False,
            buttons=[],
            interactive=False,
            elem_id="styles",
        )

    def _add_result(self) -> None:
        self._result = gr.ImageSlider(
            show_label=False,
            buttons=["fullscreen"],
            interactive=False,
            max_height=560,
            slider_position=25,
            elem_id="result",
        )
        with gr.Row():
            self._second = gr.Dropdown(
                [NOTHING], value=NO_STYLE, label="Mix with", elem_id="second", min_width=_KNOB
            )
            self._share = gr.Slider(
                0, 1, 0.5, step=0.01, label="How much of it", elem_id="share", min_width=_KNOB
            )
        with gr.Row():
            self._strength = gr.Slider(
                0, 1, 1, step=0.01, label="Strength", elem_id="strength", min_width=_KNOB
            )
            self._strokes = gr.Slider(
                1, LARGEST_STROKES, 1, step=0.25, label="Strokes", elem_id="strokes", min_width=_KNOB
            )
        with gr.Row():
            self._colors = gr.Checkbox(
                label="Keep the photo's colors", container=False, elem_id="colors", min_width=_KNOB
            )
            self._save = gr.Button("Save picture", variant="primary", elem_id="save", min_width=_KNOB)
        self._command = gr.Markdown(elem_id="command")
        self._file = gr.DownloadButton(visible="hidden", elem_id="photo-file")

    def _connect(self) -> None:
        plainly, wish, shown = self._workplace.plainly, self._wish, [self._result, self._command]
        sliders = [self._share.input, self._strength.input, self._strokes.input]
        gr.on(
            [*sliders, self._second.input, self._colors.input],
            plainly(self._draft),
            wish,
            shown,
            trigger_mode="always_last",
            **QUIETLY,
        ).then(plainly(self._finish), wish, shown, concurrency_limit=None, **QUIETLY)
        self.gallery.select(
            plainly(self._choose), [self._names, self._second], [self._style, self._second], **QUIETLY
        ).then(plainly(self._draft), wish, shown, **QUIETLY).then(
            plainly(self._finish), wish, shown, concurrency_limit=None, **QUIETLY
        )
        self._photo.change(plainly(self._show), wish, shown, **QUIETLY).success(
            plainly(self._styles),
            [self._photo, self._style],
            [self.gallery, self._names, self._second],
            **QUIETLY,
        )
        self._save.click(
            plainly(self._save_picture),
            wish,
            self._file,
            show_progress_on=self._result,
            api_visibility="private",
        ).success(None, js=_DOWNLOAD)

    def _choose(self, names: list[str], second: str, chosen: gr.SelectData) -> tuple[str, Any]:
        style = names[chosen.index]
        return style, _second_choices(style, second)

    def _draft(self, request: gr.Request, *wish: Any) -> Any:
        self._asked[request.session_hash] = time.monotonic()
        return self._shown(_read(*wish), quick=True)

    def _finish(self, request: gr.Request, *wish: Any) -> Any:
        drafted = self._asked.get(request.session_hash)
        time.sleep(_REST_SECONDS)
        if self._asked.get(request.session_hash) == drafted:
            shown = self._shown(_read(*wish), quick=False)
            if self._asked.get(request.session_hash) == drafted:
                return shown
        return gr.skip(), gr.skip()  # moved on; the draft since then brings its own

    def _show(self, *wish: Any) -> Any:
        return self._shown(_read(*wish), quick=False)

    def _shown(self, wish: Wish, *, quick: bool) -> Any:
        before, after = self._painter.photo(wish.photo), self._painter.picture(wish, quick=quick)
        command = "" if wish.photo == str(_SAMPLE) else f"`{self._painter.command(wish)}`"
        return (self._kept(before), self._kept(after)), command

    def _styles(self, photo: str | None, style: str) -> Any:
        names = style_names()
        titles = {name: title for title, name in style_choices()}
        names = [name for name in names if name in titles]
        pictures = [
            (self._kept(self._painter.thumbnail(photo or str(_SAMPLE), name)), titles[name]) for name in names
        ]
        selected = names.index(style) if style in names else None
        # Only the choices: what was chosen meanwhile stays.
        return gr.Gallery(pictures, selected_index=selected), names, gr.Dropdown(mixing_choices(style))

    def _save_picture(self, *wish: Any, progress: gr.Progress = gr.Progress()) -> str:  # noqa: B008
        read = _read(*wish)
        folder = self._workplace.new_folder()
        progress(0, desc="Painting")
        file = self._painter.save(
            read,
            folder,
            name=style_label(read.style),
            on_progress=lambda share: progress(share, desc="Painting"),
        )
        return str(file)

    def _kept(self, image: Image.Image) -> str:
        return self._workplace.keep(image, quality=_QUALITY)

    def _forget(self, request: gr.Request) -> None:
        self._asked.pop(request.session_hash, None)


def _read(
    photo: str | None, style: str, second: str, share: float, strength: float, strokes: float, colors: bool
) -> Wish:
    return Wish(
        photo=photo or str(_SAMPLE),
        style=mixed(style, second, share),
        strength=strength,
        strokes=strokes,
        keep_colors=colors,
    )


def _second_choices(style: str, second: str) -> Any:
    choices = mixing_choices(style)
    if second in [name for _, name in choices]:
        return gr.Dropdown(choices)
    return gr.Dropdown(choices, value=NO_STYLE)
