"""How good, how fast and how steady a style is."""

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fastst.api.styles import load
from fastst.paths import StrPath


def evaluate(
    style: StrPath,
    *,
    painting: StrPath,
    photos: Sequence[StrPath],
    size: int = 512,
    equivalence_sizes: Sequence[int] = (),
    equivalence_photos: int = 2,
    equivalence_limit: int = 300,
    loss_network_weights: Path | None = None,
    on_photo: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Judge a style on photos that its training never saw.

    Args:
        style: an installed style's name, or a checkpoint's path.
        painting: the painting that it was trained on; a style mask of the training is looked for beside it.
        photos: picture files and folders of them.
        size: the photos' long side in pixels.
        equivalence_sizes: long sides at which to count L-BFGS iterations; empty: not at all.
        equivalence_photos: how many of the photos to count them on.
        equivalence_limit: iterations at which to give up.
        loss_network_weights: VGG-16 as safetensors; None finds them.
        on_photo: called with the photos done and their number.

    Returns:
        ``mean`` and ``photos`` with the figures of ``fastst.evaluation.Judgement``, ``weights`` of the
        objective's terms, ``failed`` files with reasons, ``equivalence`` as a list of
        ``fastst.equivalence.Equivalence``.

    Raises:
        UsageError: if there is no such style, or there are no photos.
        FaststError: if a file cannot be read.
    """
    from fastst.equivalence import measure_equivalences
    from fastst.evaluation import Judge, evaluate_files, objective_settings, trained_style_mask
    from fastst.images import read_tensor
    from fastst.loss_network import find_weights, load_loss_network, load_weights
    from fastst.loss_network.alexnet import AlexNetFeatures
    from fastst.styles import load_style
    from fastst.stylizer import pick_device

    checkpoint = load_style(os.fspath(style))
    device, settings = pick_device(), objective_settings(checkpoint)
    style_image = read_tensor(painting, size=checkpoint.metadata.training.get("style_size", 320)).to(device)
    judge = Judge(
        style_image,
        settings,
        loss_network=load_loss_network(settings.layers, path=loss_network_weights).to(device),
        second_network=AlexNetFeatures(load_weights(find_weights("alexnet"))).to(device),
        style_mask=trained_style_mask(checkpoint, Path(painting), style_image),
    )
    files = [Path(photo) for photo in photos]
    evaluation = evaluate_files(checkpoint, files, judge, size=size, on_photo=on_photo)
    readable = [Path(name) for name in evaluation.photos][:equivalence_photos]
    equivalences = measure_equivalences(
        checkpoint, readable, judge.objective, sizes=equivalence_sizes, limit=equivalence_limit
    )
    return {**evaluation.as_dict(), "equivalence": [asdict(found) for found in equivalences]}


def evaluate_steadiness(
    style: StrPath,
    *,
    videos: Sequence[StrPath] = (),
    photos: Sequence[StrPath] = (),
    flow_folders: Sequence[StrPath] = (),
    size: int = 512,
    frames: int = 120,
    smooth: bool = False,
    device: str | None = None,
    on_step: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Measure how a style flickers; every figure comes with that of the input as its floor.

    Args:
        style: an installed style's name, or a checkpoint's path.
        videos: clips, for the warping error by optical flow and the change of still backgrounds.
        photos: picture files and folders of them, for the warping error by known motion.
        flow_folders: folders of two frames and the true flow between them, in Middlebury's format.
        size: the long side of clips and photos in pixels.
        frames: of each clip at most.
        smooth: measure clips with ``--smooth``, which blends in the frame before.
        device: such as "cpu" or "cuda"; None picks the fastest here.
        on_step: called with the parts done and their number.

    Returns:
        ``clips`` by name with ``warping``, ``still`` (or None), ``still_share``, ``frames`` and ``cuts``;
        ``known_motion`` (or None); ``true_flow`` by folder. A figure is a mapping of ``stylised`` and
        ``input``, of values in [0, 1].

    Raises:
        UsageError: if there is no such style or device, or OpenCV is missing.
        FaststError: if a file cannot be read.
    """
    from fastst.frame_painting import frame_painter
    from fastst.steadiness import measure_steadiness

    return measure_steadiness(
        frame_painter(load(style, device=device)),
        clips=[os.fspath(video) for video in videos],
        photos=[Path(photo) for photo in photos],
        flow_folders=[Path(folder) for folder in flow_folders],
        size=size,
        most_frames=frames,
        smooth=smooth,
        on_step=on_step,
    )


def bench(
    style: StrPath | None = None,
    *,
    sizes: Sequence[str] | None = None,
    seconds: float = 20.0,
    engines: Sequence[str] = (),
    device: str | None = None,
    on_round: Callable[[float], None] = lambda share: None,
) -> dict[str, Any]:
    """Time a style on this machine's engines against the classic network; see ``fastst.bench.measure_speed``.

    Args:
        style: an installed style's name, or a checkpoint's path; None: the first installed style.
        sizes: such as "640x480"; None: 640x480 and 1280x720.
        seconds: how long to measure in all.
        engines: names of engines; none: those that ``auto`` would try.
        device: such as "cpu" or "cuda"; None picks the fastest here.
        on_round: called after every round with the share of the time that is over.

    Returns:
        ``results``: a list of objects with style, architecture, engine, width, height, ms, fps,
        times_classic and more; ``reference``: the classic network's; ``machine``.

    Raises:
        UsageError: if there is no such style or engine here, or a size is none.
        FaststError: if the checkpoint is no good.
    """
    from fastst.bench import measure_speed, parse_size
    from fastst.styles import installed_styles, load_style

    frames = [parse_size(size) for size in sizes or ("640x480", "1280x720")]
    name = os.fspath(style) if style is not None else next(iter(installed_styles()), "starry-night")
    return measure_speed(
        Path(name).stem,
        load_style(name),
        sizes=frames,
        seconds=seconds,
        engines=engines,
        device=device,
        on_round=on_round,
    )
