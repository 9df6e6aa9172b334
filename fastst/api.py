"""The Python API: what ``import fastst`` offers, and what the command line calls."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastst.errors import UsageError
from fastst.validation import validated

if TYPE_CHECKING:
    from PIL import Image

    from fastst.composition import RegionStylizer
    from fastst.live import LiveReport
    from fastst.optimization import IterationReport
    from fastst.stylizer import Stylizer
    from fastst.training import StepReport, TrainingResult
    from fastst.video import VideoProgress, VideoResult

# torch takes seconds to import, so each function imports what it needs: `fastst --help` stays quick.

StrPath = str | os.PathLike[str]


def load(
    style: StrPath,
    *,
    device: str | None = None,
    engine: str = "torch",
    memory: int | str | None = None,
) -> "Stylizer":
    """Return a style ready to repaint pictures: ``fastst.load("starry-night")(image)``.

    Args:
        style: an installed style's name, or a checkpoint's path.
        device: such as "cpu" or "cuda"; None picks the fastest here.
        engine: "torch" starts at once; "auto" is the fastest that is installed, for video and many pictures;
            or one of ``fastst.engines.engine_names()``.
        memory: what pictures may take of it, such as "2G"; larger ones are worked in tiles, by torch.
            None: half.

    Raises:
        UsageError: if there is no such style, device or engine, or ``memory`` is no amount.
        FaststError: if the checkpoint is no good.
    """
    from fastst.styles import load_style
    from fastst.stylizer import Stylizer

    checkpoint = load_style(os.fspath(style))
    return Stylizer(
        checkpoint.network, checkpoint.metadata.model_dump(), device=device, engine=engine, memory=memory
    )


def load_regions(
    regions: Sequence[str | tuple[StrPath, str]],
    *,
    feather: float | None = None,
    device: str | None = None,
    engine: str = "torch",
    memory: int | str | None = None,
) -> "RegionStylizer":
    """Return several styles ready to repaint pictures, each in its own region.

    Args:
        regions: pairs of a mask's file, or ``rest``, and a style's name or checkpoint, such as
            ``("sky.png", "starry-night")``.
        feather: width of the soft edges in pixels of the result; None: a hundredth of its long side.
        device: as in ``load``.
        engine: as in ``load``.
        memory: as in ``load``.

    Raises:
        UsageError: if there is no such style or device, or a mask is black.
        FaststError: if a mask or a checkpoint cannot be read.
    """
    from fastst.composition import read_style_regions

    return read_style_regions(
        regions,
        feather=feather,
        load=lambda style: load(style, device=device, engine=engine, memory=memory),
    )


def load_either(
    style: StrPath | None,
    *,
    regions: Sequence[str | tuple[StrPath, str]] = (),
    feather: float | None = None,
    device: str | None = None,
    engine: str = "torch",
    memory: int | str | None = None,
) -> "Stylizer | RegionStylizer":
    """Do as ``load`` or as ``load_regions``, whichever it is that is asked for.

    Raises:
        UsageError: as they do, and if both or neither are.
    """
    if bool(regions) == (style is not None):
        raise UsageError(
            "give either a style, such as -s starry-night, or regions, such as --region sky.png:starry-night"
        )
    if style is None:
        return load_regions(regions, feather=feather, device=device, engine=engine, memory=memory)
    if feather is not None:
        raise UsageError("--feather softens the edges of regions; give some with --region, or leave it out")
    return load(style, device=device, engine=engine, memory=memory)


def stylize_video(
    style: StrPath,
    source: StrPath,
    output: StrPath,
    *,
    device: str | None = None,
    on_progress: Callable[["VideoProgress"], None] = lambda progress: None,
    **settings: Any,
) -> "VideoResult":
    """Repaint a film; sound, subtitles and frame times stay as they are.

    Args:
        style: an installed style's name, or a checkpoint's path.
        source: a film, GIF or network stream; a folder of pictures, or a pattern such as f/%04d.png.
        output: a film or GIF; a folder or a pattern for pictures.
        device: such as "cpu" or "cuda"; None picks the fastest here.
        on_progress: called after every frame.
        settings: any field of ``fastst.video.VideoSettings``, such as ``size=720, keep_colors=True``.

    Raises:
        UsageError: for a setting that is unknown or out of range, or an output that cannot be.
        FaststError: if a file cannot be read or written.
        KeyboardInterrupt: on Ctrl-C before the first frame.
    """
    from fastst.video import VideoSettings
    from fastst.video import stylize_video as stylize_film

    choices = validated(VideoSettings, settings, origin="video")
    return stylize_film(load(style, device=device), source, output, choices, on_progress=on_progress)


def run_webcam(
    styles: Sequence[StrPath],
    *,
    device: str | None = None,
    on_report: Callable[["LiveReport"], None] = lambda report: None,
    **settings: Any,
) -> "LiveReport":
    """Repaint a camera, a film or a stream live, in a window or without one.

    Args:
        styles: installed styles' names or checkpoints' paths; the first is shown first. After a single
            one come all the installed styles.
        device: such as "cpu" or "cuda"; None picks the fastest here.
        on_report: called every few seconds with the figures so far.
        settings: any field of ``fastst.live.LiveSettings``, such as ``source="film.mp4", headless=True``.

    Returns:
        The figures of the whole run.

    Raises:
        UsageError: for a setting that is unknown or out of range, a missing display or extra.
        FaststError: if source, style, recording or virtual camera cannot be opened or written.
    """
    from fastst.opencv import load_opencv

    load_opencv("the webcam", "webcam")  # before all else; see ``can_open_windows``
    from fastst.live import LiveSettings
    from fastst.live.webcam import run_live
    from fastst.styles import style_paths

    choices = validated(LiveSettings, settings, origin="webcam")
    names = list(dict.fromkeys(os.fspath(style) for style in styles))
    if len(names) == 1:
        names += [name for name in style_paths() if name not in names]
    return run_live(names, lambda name: load(name, device=device), choices, on_report=on_report)


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
    regions: Sequence[str | tuple[StrPath, StrPath | None]] = (),
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
    save_every: int = 0,
    on_iteration: Callable[["IterationReport"], bool | None] = lambda report: None,
    **settings: Any,
) -> None:
    """Do as ``optimize`` and write the picture, also every ``save_every`` iterations if that is not 0."""
    from fastst.images import Picture, check_output_suffix, to_image, write_picture

    check_output_suffix(output)

    def watch(report: "IterationReport") -> bool | None:
        if save_every and report.step % save_every == 0:
            write_picture(Picture(rgb=to_image(report.image[0].cpu())), output)
        return on_iteration(report)

    write_picture(Picture(rgb=optimize(photo, painting, on_iteration=watch, **settings)), output)


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
        painting: the painting that it was trained on.
        photos: picture files and folders of them.
        size: the photos' long side in pixels.
        equivalence_sizes: long sides at which to count L-BFGS iterations; empty: not at all.
        equivalence_photos: how many of the photos to count them on.
        equivalence_limit: iterations at which to give up.
        loss_network_weights: VGG-16 as safetensors; None finds them.
        on_photo: called with the photos done and their number.

    Returns:
        ``mean`` and ``photos`` with the figures of ``fastst.evaluation.Judgement``, ``failed`` files with
        reasons, ``equivalence`` as a list of ``fastst.equivalence.Equivalence``.

    Raises:
        UsageError: if there is no such style, or there are no photos.
        FaststError: if a file cannot be read.
    """
    from fastst.equivalence import measure_equivalences
    from fastst.evaluation import Judge, evaluate_files, objective_settings
    from fastst.images import read_tensor
    from fastst.loss_network import find_weights, load_loss_network, load_weights
    from fastst.loss_network.alexnet import AlexNetFeatures
    from fastst.styles import load_style
    from fastst.stylizer import pick_device

    checkpoint = load_style(os.fspath(style))
    device, settings = pick_device(), objective_settings(checkpoint)
    judge = Judge(
        read_tensor(painting, size=checkpoint.metadata.training.get("style_size", 320)).to(device),
        settings,
        loss_network=load_loss_network(settings.layers, path=loss_network_weights).to(device),
        second_network=AlexNetFeatures(load_weights(find_weights("alexnet"))).to(device),
    )
    files = [Path(photo) for photo in photos]
    evaluation = evaluate_files(checkpoint, files, judge, size=size, on_photo=on_photo)
    readable = [Path(name) for name in evaluation.photos][:equivalence_photos]
    equivalences = measure_equivalences(
        checkpoint, readable, judge.objective, sizes=equivalence_sizes, limit=equivalence_limit
    )
    return {**evaluation.as_dict(), "equivalence": [asdict(found) for found in equivalences]}


def export(style: StrPath, output: StrPath, *, uint8: bool = False, half: bool = False) -> float:
    """Write a style as an ONNX file; see ``fastst.onnx_export.export_onnx``.

    Returns:
        The mean difference to torch in grey levels of 255.

    Raises:
        UsageError: if there is no such style, the output does not end in .onnx, or ONNX is not installed.
        FaststError: if the graph does not repaint as the network does, or the file cannot be written.
    """
    from fastst.onnx_export import export_onnx
    from fastst.styles import load_style

    return export_onnx(load_style(os.fspath(style)), output, uint8=uint8, half=half)


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
    from fastst.styles import load_style, style_paths

    frames = [parse_size(size) for size in sizes or ("640x480", "1280x720")]
    name = os.fspath(style) if style is not None else next(iter(style_paths()), "starry-night")
    return measure_speed(
        Path(name).stem,
        load_style(name),
        sizes=frames,
        seconds=seconds,
        engines=engines,
        device=device,
        on_round=on_round,
    )


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


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
