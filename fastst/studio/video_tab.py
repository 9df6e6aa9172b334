"""The Video tab: upload a video, cut it, and have it stylized with its sound."""

import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from fastst.errors import UsageError
from fastst.networks.styles import DEFAULT_STYLE
from fastst.studio.choices import style_choices
from fastst.studio.video_work import VideoWork, film_seconds
from fastst.studio.workplace import QUIETLY, Workplace
from fastst.stylize.outputs import copy_beside
from fastst.video.conversion import VideoProgress, VideoResult

_BEAT_SECONDS = 0.5


class VideoTab:
    """The tab's parts, and what they do; to be made within a tab of the page.

    Args:
        workplace: of the studio.
    """

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace
        self._works: dict[str | None, VideoWork] = {}
        workplace.closing.callback(self._stop_all)
        with gr.Row():
            with gr.Column(scale=2, min_width=300):
                self._add_choices()
            with gr.Column(scale=3, min_width=300):
                self._result = gr.Video(
                    label="Result",
                    interactive=False,
                    buttons=["download"],
                    height=420,
                    elem_id="painted-film",
                )
                self._status = gr.HTML(elem_id="painting-film", elem_classes="progress")
        self._connect()

    def fill(self, page: gr.Blocks, new_style: gr.State) -> None:
        """Name the styles when the page is opened and when there is a new one."""
        page.load(_first, None, self._style, **QUIETLY)
        new_style.change(_renewed, None, self._style, **QUIETLY)

    def _add_choices(self) -> None:
        self._film = gr.Video(label="Video", sources=["upload"], buttons=[], height=260, elem_id="video")
        with gr.Row():
            self._start = gr.Number(0, label="From second", minimum=0, elem_id="from")
            self._end = gr.Number(0, label="To second", minimum=0, elem_id="to")
        self._style = gr.Dropdown([], label="Style", elem_id="video-style")
        self._strength = gr.Slider(0, 1, 1, step=0.05, label="Strength", elem_id="video-strength")
        self._colors = gr.Checkbox(label="Keep the video's colors", container=False)
        self._smooth = gr.Checkbox(label="Less flicker", container=False)
        with gr.Row():
            self._paint = gr.Button("Paint video", variant="primary", elem_id="paint-video")
            self._stop = gr.Button("Stop and keep", interactive=False, elem_id="stop-film")

    def _connect(self) -> None:
        plainly = self._workplace.plainly
        self._film.change(plainly(_whole), self._film, [self._start, self._end], **QUIETLY)
        wish = [
            self._film, self._style, self._start, self._end, self._strength, self._colors, self._smooth,
        ]  # fmt: skip
        self._paint.click(_waits, None, [self._status, self._paint], **QUIETLY).then(
            self._repaint, wish, [self._status, self._result, self._stop], concurrency_limit=1, **QUIETLY
        ).then(_ready, None, [self._paint, self._stop], **QUIETLY)
        self._stop.click(self._end_it, None, self._stop, **QUIETLY)

    def _repaint(
        self,
        film: str | None,
        style: str,
        start: float,
        end: float,
        strength: float,
        colors: bool,
        smooth: bool,
        request: gr.Request,
    ) -> Iterator[Any]:
        with self._workplace.plain_errors():
            if film is None:
                raise UsageError("there is no video yet; upload one first")
            if 0 < end <= start:
                raise UsageError("the video ends before it begins; choose a later second to end at")
            output = self._place(Path(film), style)
            work = self._works[request.session_hash] = VideoWork(
                style,
                Path(film),
                output,
                start=start,
                duration=end - start if end else None,
                strength=strength,
                keep_colors=colors,
                smooth=smooth,
            )
            try:
                for _ in work.beats(_BEAT_SECONDS):
                    yield _told(work.progress), gr.skip(), gr.Button(interactive=work.progress is not None)
            finally:
                self._works.pop(request.session_hash, None)
            result = work.result()
        for note in result.notes:
            gr.Info(self._workplace.without_folders(note))
        yield _summed_up(result), str(output), gr.Button(interactive=False)

    def _place(self, film: Path, style: str) -> Path:
        return copy_beside(self._workplace.new_folder() / f"{film.stem}.mp4", style)

    def _end_it(self, request: gr.Request) -> Any:
        if work := self._works.get(request.session_hash):
            work.stop()
        return gr.Button(interactive=False)

    def _stop_all(self) -> None:
        for work in list(self._works.values()):
            work.stop()


def _first() -> Any:
    return gr.Dropdown(style_choices(), value=DEFAULT_STYLE)


def _renewed() -> Any:
    return gr.Dropdown(style_choices())


def _whole(film: str | None) -> tuple[float, float]:
    return 0.0, round(film_seconds(Path(film)), 2) if film else 0.0


def _waits() -> Any:
    return _bar(0.0, "Waiting for its turn"), gr.Button(interactive=False)


def _ready() -> Any:
    return gr.Button(interactive=True), gr.Button(interactive=False)


def _told(progress: VideoProgress | None) -> str:
    if progress is None:
        return _bar(0.0, "Loading the style")
    if not progress.total:
        return _bar(0.0, f"{progress.frames} frames · {progress.fps:.1f} a second")
    seconds = (progress.total - progress.frames) / max(progress.fps, 1e-9)
    left = f"{int(seconds) // 60}:{int(seconds) % 60:02d} left"
    return _bar(progress.frames / progress.total, f"{left} · {progress.fps:.1f} frames a second")


def _summed_up(result: VideoResult) -> str:
    state = "Stopped; what there is is kept" if result.stopped else "Done"
    return _bar(1.0, f"{state} · {result.frames} frames in {result.seconds:.0f} s")


def _bar(share: float, words: str) -> str:
    return f'<progress value="{min(share, 1.0):.4f}"></progress><p>{html.escape(words)}</p>'
