"""The Train tab: drop a painting, wait some minutes, and have its style."""

import html
from pathlib import Path
from typing import Any

import gradio as gr

from fastst.errors import UsageError
from fastst.studio.picture_input import picture_input
from fastst.studio.settings import HERE
from fastst.studio.training_desk import Job, Stage, TrainingDesk
from fastst.studio.workplace import QUIETLY, Workplace

_LOOKS_EVERY = 1.0
_LONGEST_MINUTES = 120


class TrainTab:
    """The tab's parts, and what they do; to be made within a tab of the page.

    Args:
        workplace: of the studio.
        new_style: gets the names of the styles that are done.
    """

    def __init__(self, workplace: Workplace, new_style: gr.State) -> None:
        self._workplace = workplace
        self._new_style = new_style
        self._desk = TrainingDesk(workplace.folder, workplace.settings.training)
        workplace.closing.callback(self._desk.close)
        with gr.Row():
            with gr.Column(scale=2, min_width=300):
                self._painting = picture_input(
                    sources=["upload", "clipboard"], label="Painting", height=260, elem_id="painting"
                )
                self._title = gr.Textbox(label="Name", placeholder="My style", elem_id="title", max_length=60)
                self._minutes = gr.Slider(1, _LONGEST_MINUTES, 10, step=1, label="Minutes", elem_id="minutes")
                with gr.Row():
                    self._start = gr.Button("Train", variant="primary", elem_id="train")
                    self._stop = gr.Button("Stop and keep", interactive=False, elem_id="stop-training")
            with gr.Column(scale=3, min_width=300):
                self._preview = gr.Image(label="So far", interactive=False, buttons=[], elem_id="preview")
                self._status = gr.HTML(elem_id="training", elem_classes="progress")
        self._key = gr.State("")
        self._seen = gr.State("")
        self._timer = gr.Timer(_LOOKS_EVERY, active=False)
        self._connect()

    def fill(self, page: gr.Blocks, new_style: gr.State) -> None:
        """Go on showing a training that runs when the page is opened anew; styles it has none."""
        if self._workplace.settings.host == HERE:
            page.load(self._attach, None, [self._key, self._timer], **QUIETLY)

    def _connect(self) -> None:
        plainly = self._workplace.plainly
        self._start.click(
            plainly(self._submit),
            [self._painting, self._title, self._minutes],
            [self._key, self._timer, self._stop],
            **QUIETLY,
        )
        self._stop.click(plainly(self._finish), self._key, self._stop, **QUIETLY)
        self._timer.tick(
            self._look,
            [self._key, self._seen],
            [self._status, self._preview, self._seen, self._timer, self._stop, self._new_style],
            **QUIETLY,
        )

    def _attach(self) -> Any:
        job = self._desk.current()
        return (job.key, gr.Timer(active=True)) if job else ("", gr.Timer(active=False))

    def _submit(self, painting: str | None, title: str, minutes: float) -> Any:
        if painting is None:
            raise UsageError("there is no painting yet; drop one first")
        job = self._desk.submit(Path(painting), title=title, minutes=minutes)
        return job.key, gr.Timer(active=True), gr.Button(interactive=True)

    def _finish(self, key: str) -> Any:
        if job := self._desk.job(key):
            self._desk.finish(job)
        return gr.Button(interactive=False)

    def _look(self, key: str, seen: str) -> Any:
        job = self._desk.job(key)
        if job is None:
            return gr.skip(), gr.skip(), gr.skip(), gr.Timer(active=False), gr.skip(), gr.skip()
        preview, seen = self._newest(job, seen)
        if job.stage is Stage.FAILED:
            gr.Warning(self._workplace.without_folders(job.reason))
        can_stop = job.stage in (Stage.WAITING, Stage.TRAINING) and not job.is_to_finish.is_set()
        return (
            self._told(job),
            preview,
            seen,
            gr.Timer(active=not job.is_over),
            gr.Button(interactive=can_stop),
            " ".join(self._desk.done()),
        )

    def _newest(self, job: Job, seen: str) -> tuple[Any, str]:
        """Return the newest preview if it was not seen yet; while this one waits, of the one that runs."""
        shown = (self._desk.current() or job) if job.stage is Stage.WAITING else job
        newest = f"{shown.key} {shown.previews}"
        if shown.preview is None or newest == seen:
            return gr.skip(), seen
        return self._workplace.keep_bytes(shown.preview, suffix=".png"), newest

    def _told(self, job: Job) -> str:
        share = 1.0 if job.stage is Stage.DONE else job.report.share if job.report else 0.0
        bar = f'<progress value="{share:.4f}"></progress>'
        return f"{bar}<p>{html.escape(self._words(job))}</p>"

    def _words(self, job: Job) -> str:
        match job.stage:
            case Stage.WAITING:
                ahead = self._desk.ahead(job)
                return f"Waiting for {ahead} other training{'' if ahead == 1 else 's'}"
            case Stage.BEGINNING:
                return "Beginning"
            case Stage.TRAINING:
                minutes, seconds = divmod(max(0, round(job.seconds_left)), 60)
                return f"{minutes}:{seconds:02d} left · {job.report.step if job.report else 0} steps"
            case Stage.FINISHING:
                return "Finishing"
            case Stage.DONE:
                return f"{job.title} is ready; choose it on the other tabs"
            case Stage.WITHDRAWN:
                return "Withdrawn"
            case Stage.FAILED:
                return self._workplace.without_folders(job.reason)
