"""What the checkpoint of a training says of itself."""

from pathlib import Path
from typing import Any

from fastst.networks.header import Metadata
from fastst.runtime import __version__
from fastst.training.settings import TrainingSettings


def checkpoint_header(
    settings: TrainingSettings,
    *,
    architecture: str,
    options: dict[str, int],
    steps: int,
    pictures: int,
    strength: float,
    contrast_gain: float,
) -> Metadata:
    """Return the header of a checkpoint, without a path of the machine that trained it.

    Args:
        settings: what it was trained with.
        architecture: the network's architecture, which with ``init`` is that style's.
        options: all of the architecture's options.
        steps: how many were done.
        pictures: how many content images were seen.
        strength: the factor on the style's strength that was found; see ``Balance``.
        contrast_gain: the factor on the network's logits after training; see ``match_contrast``.
    """
    found = {"strength": round(strength, 3), "contrast_gain": round(contrast_gain, 3)}
    return Metadata(
        architecture=architecture,
        options=options,
        title=settings.title or settings.painting.stem.replace("_", " ").replace("-", " ").title(),
        painter=settings.painter,
        year=settings.year,
        license=settings.license,
        steps=steps,
        data=settings.data if settings.data == "synthetic" else Path(settings.data).name,
        training={**_recorded(settings), "pictures": pictures, **found},
        fastst_version=__version__,
    )


def _recorded(settings: TrainingSettings) -> dict[str, Any]:
    record = settings.what_decides_the_result()
    for name in ("title", "painter", "year", "license", "architecture", "options"):
        del record[name]
    record["painting"] = settings.painting.name
    record["style_mask"] = settings.style_mask.name if settings.style_mask else None
    record["data"] = Path(settings.data).name
    record["init"] = Path(settings.init).name
    return record
