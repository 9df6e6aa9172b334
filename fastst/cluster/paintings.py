"""A folder of paintings, each trained into a style of its own by a pool, and one report of them all."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastst.cluster.lists import results_of
from fastst.cluster.pools import WorkerPool
from fastst.errors import FaststError, UsageError
from fastst.evaluation.metrics.painted import Painted, PaintedEvaluator, mean_painted
from fastst.files import atomic_path
from fastst.images.finding import find_pictures
from fastst.images.tensors import read_tensor
from fastst.stylize.load import load
from fastst.stylize.outputs import distinct_copies
from fastst.training.continuing import past_of
from fastst.training.monitor import FREE_PHOTOS, StepReport
from fastst.training.settings import TrainingSettings
from fastst.training.state import state_path
from fastst.training.trainer import train_style

REPORT = "report.jsonl"
# At which ``Painted`` is defined.
_JUDGED_SIZE = 512


@dataclass(frozen=True)
class Style:
    """What became of a painting.

    Attributes:
        name: of the style.
        painting: the painting's file name.
        error: why there is no style; None if there is one.
        measures: steps, pictures and seconds of its training, the last step's losses, and the figures of
            ``fastst.evaluation.metrics.painted.Painted``, means over photos.
    """

    name: str
    painting: str
    error: str | None
    measures: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Return it as a line of the report holds it."""
        error = {} if self.error is None else {"error": self.error}
        return {"style": self.name, "painting": self.painting, **error, **self.measures}


@dataclass(frozen=True)
class TrainStyles:
    """Trains one style after another; see ``Work``.

    Attributes:
        photos: that the styles are judged on.
    """

    photos: Path

    def begin(self) -> Callable[[TrainingSettings], Style]:
        """Nothing is to be made ready."""
        return self._train

    def _train(self, settings: TrainingSettings) -> Style:
        name, painting = settings.output.stem, settings.painting.name
        try:
            trained = _trained(settings)
            return Style(name, painting, None, {**trained, **_judged(settings, self.photos)})
        except FaststError as error:
            return Style(name, painting, str(error), {})


def train_folder(
    pool: WorkerPool,
    settings: TrainingSettings,
    folder: Path,
    styles: Path,
    *,
    photos: Path = FREE_PHOTOS,
    on_style: Callable[[Style], None] = lambda style: None,
) -> list[Style]:
    """Train a style on every painting of a folder, and write ``report.jsonl`` beside the styles.

    The same call again goes on: trainings that were stopped are resumed, and those that have ended are left
    as they are. What fails is in the report, and the rest go on.

    Args:
        pool: who trains.
        settings: for each of them, but for painting and output.
        folder: of paintings, at any depth.
        styles: the folder for the styles, ``waves.safetensors`` for ``waves.jpg``.
        photos: that the styles are judged on.
        on_style: called with each style as its training ends.

    Raises:
        UsageError: if there are no paintings.
        FaststError: if the report cannot be written.
    """
    plan = plan_styles(settings, folder, styles)
    results = results_of(pool, TrainStyles(photos), plan, on_result=on_style)
    lost = (
        "every process that trains it dies; there may be too little memory: give a smaller --size or --batch"
    )
    trained = [
        Style(each.output.stem, each.painting.name, f"{each.painting}: {lost}", {})
        if style is None
        else style
        for each, style in zip(plan, results, strict=True)
    ]
    with atomic_path(styles / REPORT) as temporary:
        temporary.write_text("".join(f"{json.dumps(style.as_dict())}\n" for style in trained))
    return trained


def plan_styles(settings: TrainingSettings, folder: Path, styles: Path) -> list[TrainingSettings]:
    """Return the settings of each training.

    Raises:
        UsageError: if there are no paintings.
    """
    found = [(file, styles / f"{file.stem}.safetensors") for file, _ in find_pictures([folder])]
    if not found:
        raise UsageError(f"{folder}: no paintings there; name a picture file or a folder of some")
    return [
        settings.model_copy(update={"painting": painting.absolute(), "output": output.absolute()})
        for painting, output in distinct_copies(found)
    ]


def report_table(trained: Sequence[Style]) -> str:
    """Return the measures as a table in Markdown, the best rank first."""
    columns = ("rank", "strokes", "edges", "contrast", "chroma", "hatch", "steps", "seconds")
    lines = [f"| style | {' | '.join(columns)} |", f"|---{'|---' * len(columns)}|"]
    for style in sorted(trained, key=lambda style: -style.measures.get("rank", -1)):
        shown = " | ".join(_shown(style.measures.get(column)) for column in columns)
        lines.append(f"| {style.name} | {'failed' + ' | ' * (len(columns) - 1) if style.error else shown} |")
    return "\n".join(lines)


def _shown(figure: Any) -> str:
    if isinstance(figure, (list, tuple)):
        return " / ".join(f"{each:.2f}" for each in figure)
    return "" if figure is None else f"{figure:.2f}" if isinstance(figure, float) else str(figure)


def _trained(settings: TrainingSettings) -> dict[str, Any]:
    """Train, go on with a training, or take one that has ended; return what it took."""
    losses: dict[str, float] = {}

    def note(report: StepReport) -> None:
        losses.update(report.terms)

    has_state = state_path(settings.output).exists()
    if settings.output.exists() and not has_state:
        metadata = past_of(settings)
        return {"steps": metadata.steps, "pictures": metadata.training.get("pictures")}
    result = train_style(settings, resume=has_state, on_step=note)
    return {
        "steps": result.metadata.steps,
        "pictures": result.metadata.training.get("pictures"),
        "seconds": result.seconds,
        "losses": losses,
    }


def _judged(settings: TrainingSettings, photos: Path) -> dict[str, Any]:
    """Return the means of the style's figures over some photos."""
    stylizer = load(settings.output)
    judge = PaintedEvaluator(read_tensor(settings.painting, size=_JUDGED_SIZE))
    found: list[Painted] = []
    for file, _ in find_pictures([photos]):
        photo = read_tensor(file, size=_JUDGED_SIZE)
        found.append(judge(stylizer.stylize(photo), photo))
    return mean_painted(found)
