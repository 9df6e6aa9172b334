"""Making a style, and the reference that needs none."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastst.paths import StrPath
from fastst.validation import validated

if TYPE_CHECKING:
    from PIL import Image

    from fastst.optimization import IterationReport
    from fastst.region_files import Pair
    from fastst.training import StepReport, TrainingResult


def train(
    painting: StrPath,
    output: StrPath,
    *,
    resume: bool = False,
    on_step: Callable[["StepReport"], None] = lambda report: None,
    **settings: Any,
) -> "TrainingResult":
    """Train a style on a painting and write its checkpoint.

    Args:
        painting: the style image's path.
        output: the checkpoint's path, ending in .safetensors.
        resume: continue a training that was stopped.
        on_step: called after every step.
        settings: any field of ``fastst.training.TrainingSettings``, such as ``steps=2000``,
            ``minutes=5``, ``data="photos/"``, ``objective={"style_strength": 1.5}``.

    Raises:
        UsageError: for a setting that is unknown or out of range.
        FaststError: if a file cannot be read or written.
    """
    from fastst.training import TrainingSettings, train_style

    values = {**settings, "painting": painting, "output": output}
    return train_style(validated(TrainingSettings, values, origin="train"), resume=resume, on_step=on_step)


def optimize(
    photo: StrPath,
    painting: StrPath,
    *,
    size: int = 512,
    style_size: int = 320,
    regions: Sequence["Pair"] = (),
    loss_network_weights: Path | None = None,
    objective: Mapping[str, Any] | None = None,
    on_iteration: Callable[["IterationReport"], bool | None] = lambda report: None,
    **settings: Any,
) -> "Image.Image":
    """Repaint a photo by gradient descent on its pixels (Gatys et al. 2015), the reference method.

    Args:
        photo: the content image's path.
        painting: the style image's path.
        size: the result's long side in pixels.
        style_size: the painting's long side in pixels, which sets the scale of the strokes.
        regions: pairs of mask files that send a part of the painting to a part of the photo, such as
            ``("sky.png", "painting_sky.png")``; see ``fastst.region_files.read_regions``. Without
            any, the whole painting goes everywhere.
        loss_network_weights: VGG-16 as safetensors; None finds them.
        objective: fields of ``fastst.losses.objective.ObjectiveSettings``.
        on_iteration: called at each iteration; returning True ends the search.
        settings: fields of ``fastst.optimization.OptimizationSettings``, such as ``steps=300``.

    Returns:
        The stylised picture, RGB.

    Raises:
        UsageError: for a setting that is unknown or out of range.
        FaststError: if a file cannot be read.
    """
    from fastst.images import read_tensor, to_image
    from fastst.loss_network import load_loss_network
    from fastst.losses.objective import Objective, ObjectiveSettings
    from fastst.optimization import OptimizationSettings, optimize_image
    from fastst.region_files import read_regions
    from fastst.stylizer import pick_device

    search = validated(OptimizationSettings, settings, origin="optimize")
    goal = validated(ObjectiveSettings, _given(objective or {}), origin="objective")
    device = pick_device()
    content_image = read_tensor(photo, size=size).to(device)
    style_image = read_tensor(painting, size=style_size).to(device)
    paired = read_regions(regions, photo=content_image, style_image=style_image) if regions else ()
    loss_network = load_loss_network(goal.layers, path=loss_network_weights).to(device)
    result = optimize_image(
        content_image,
        Objective(loss_network, style_image, goal, regions=paired),
        search,
        style_image=style_image,
        on_iteration=lambda report: bool(on_iteration(report)),
    )
    return to_image(result[0].cpu())


def optimize_file(
    photo: StrPath,
    painting: StrPath,
    output: StrPath,
    *,
    regions: Sequence["Pair"] = (),
    save_every: int = 0,
    on_iteration: Callable[["IterationReport"], bool | None] = lambda report: None,
    **settings: Any,
) -> None:
    """Do as ``optimize`` and write the picture, also every ``save_every`` iterations if that is not 0.

    Raises:
        UsageError: as ``optimize``, and if the output would overwrite what it is made from.
        FaststError: if a file cannot be read or written.
    """
    from fastst.images import Picture, check_output_suffix, to_image, write_picture
    from fastst.overwriting import refuse_overwriting
    from fastst.region_files import mask_files

    check_output_suffix(output)
    refuse_overwriting([output], [photo, painting, *mask_files(regions)])

    def watch(report: "IterationReport") -> bool | None:
        if save_every and report.step % save_every == 0:
            write_picture(Picture(rgb=to_image(report.image[0].cpu())), output)
        return on_iteration(report)

    picture = optimize(photo, painting, regions=regions, on_iteration=watch, **settings)
    write_picture(Picture(rgb=picture), output)


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
