"""How a style flickers on moving pictures: flicker on clips, on known motion, and with true flow."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from fastst.data.motion import move, random_motion
from fastst.errors import FaststError
from fastst.evaluation.metrics.temporal import Spread, SquaredErrors, mean_change, read_flow, warping_errors
from fastst.evaluation.settings import EvaluateOptions
from fastst.files import StrPath
from fastst.images.finding import find_pictures
from fastst.images.pictures import read_picture
from fastst.images.tensors import read_tensor, to_image
from fastst.runtime import load_opencv
from fastst.stylize.frames import FrameStylizer, frame_stylizer
from fastst.stylize.load import load
from fastst.video.flow import FlowFinder, Pixels, agreement, away_from_boundaries, is_cut, lands_inside, warp
from fastst.video.frame import Frame
from fastst.video.reading import FilmReader
from fastst.video.smoothing import smoothed

_DEFAULT = EvaluateOptions()
# The background is still where the video varies by less than so many of 255 levels, a good step away from
# anything that moves: a network sees some way around each pixel.
_STILL_LEVELS = 2.0
_RECEPTIVE_FIELD = 33
_FEWEST_STILL = 0.01
_MOTIONS_A_PHOTO = 3
# A camera's noise, of 255 levels: without it a still photo moved would be all too easy.
_NOISE_LEVELS = 2.0


@dataclass(frozen=True)
class Flicker:
    """A figure of the stylized pictures, and that of the input as its floor.

    Attributes:
        stylized: the root mean square warping error, or the mean change, of values in [0, 1].
        input: the same of the untouched pictures.
    """

    stylized: float
    input: float


@dataclass(frozen=True)
class ClipFlicker:
    """What was measured on a clip.

    Attributes:
        warping: against the frame before, moved by optical flow, what was hidden left out.
        still: mean change from frame to frame on the still background; None if nothing stays still.
        still_share: how much of the picture that is.
        frames: compared.
        cuts: left out.
    """

    warping: Flicker
    still: Flicker | None
    still_share: float
    frames: int
    cuts: int


def evaluate_flicker(
    style: StrPath,
    *,
    videos: Sequence[StrPath] = (),
    photos: Sequence[StrPath] = (),
    flow_folders: Sequence[StrPath] = (),
    size: int = _DEFAULT.size,
    frames: int = _DEFAULT.frames,
    smooth: bool = _DEFAULT.smooth,
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
        ``known_motion`` (or None); ``true_flow`` by folder. A figure is a mapping of ``stylized`` and
        ``input``, of values in [0, 1].

    Raises:
        UsageError: if there is no such style or device, or OpenCV is missing.
        FaststError: if a file cannot be read.
    """
    return measure_flicker(
        frame_stylizer(load(style, device=device, for_video=True)),
        clips=[os.fspath(video) for video in videos],
        photos=[Path(photo) for photo in photos],
        flow_folders=[Path(folder) for folder in flow_folders],
        size=size,
        most_frames=frames,
        smooth=smooth,
        on_step=on_step,
    )


def measure_flicker(
    paint: FrameStylizer,
    *,
    clips: Sequence[str],
    photos: Sequence[Path],
    flow_folders: Sequence[Path],
    size: int,
    most_frames: int,
    smooth: bool = False,
    on_step: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Measure a style's flicker.

    Args:
        paint: stylizes one frame.
        clips: videos.
        photos: picture files and folders, for known motion.
        flow_folders: each with two frames and the true flow from the first to the second, as .flo.
        size: the long side in pixels; frames with true flow stay as they are.
        most_frames: of each clip.
        smooth: measure clips as ``Smoother`` leaves them.
        on_step: called with the parts done and their number.

    Returns:
        ``clips`` and ``true_flow`` by name, ``known_motion`` or None.

    Raises:
        UsageError: if OpenCV is missing.
        FaststError: if a file cannot be read.
    """
    files = [file for file, _ in find_pictures(photos)]
    total = len(clips) + len(files) + len(flow_folders)
    steps = iter(range(1, total + 1))
    report: dict[str, Any] = {"clips": {}, "known_motion": None, "true_flow": {}}
    for clip in clips:
        report["clips"][clip] = asdict(
            clip_flicker(smoothed(paint) if smooth else paint, clip, size=size, most_frames=most_frames)
        )
        on_step(next(steps), total)
    stylized, untouched = SquaredErrors(), SquaredErrors()
    for number, file in enumerate(files):
        pair = known_motion_errors(paint, read_tensor(file, size=size), seed=number)
        stylized, untouched = stylized + pair[0], untouched + pair[1]
        on_step(next(steps), total)
    if files:
        report["known_motion"] = asdict(Flicker(stylized.root_mean, untouched.root_mean))
    for folder in flow_folders:
        report["true_flow"][str(folder)] = asdict(true_flow_flicker(paint, folder))
        on_step(next(steps), total)
    return report


def clip_flicker(paint: FrameStylizer, clip: str, *, size: int, most_frames: int) -> ClipFlicker:
    """Measure the flicker on a clip, in two passes: the first finds what stays still."""
    find = FlowFinder(accurate=True)
    still = still_background(find.grey(frame) for frame in _frames(clip, size, most_frames))
    stylized, untouched = SquaredErrors(), SquaredErrors()
    changes: list[tuple[float, float]] = []
    before: tuple[Pixels, Pixels, Pixels] | None = None
    frames = cuts = 0
    for frame in _frames(clip, size, most_frames):
        painted, grey = paint(frame), find.grey(frame)
        if before is not None:
            last, last_painted, last_grey = before
            flow = find(grey, last_grey)
            seen = agreement(flow, find(last_grey, grey))
            if is_cut(grey, warp(last_grey, flow), seen):
                cuts += 1
            else:
                frames += 1
                sure = seen & away_from_boundaries(flow)
                stylized += warping_errors(painted, warp(last_painted, flow), sure)
                untouched += warping_errors(frame, warp(last, flow), sure)
                changes.append((mean_change(painted, last_painted, still), mean_change(frame, last, still)))
        before = frame, painted, grey
    if not frames:
        raise FaststError(f"{clip}: has no two frames of one shot to compare; give a longer video")
    has_still = bool(still.mean() >= _FEWEST_STILL)
    return ClipFlicker(
        warping=Flicker(stylized.root_mean, untouched.root_mean),
        still=Flicker(*(float(mean) for mean in np.mean(changes, axis=0))) if has_still else None,
        still_share=float(still.mean()),
        frames=frames,
        cuts=cuts,
    )


def still_background(greys: Iterator[Pixels]) -> np.ndarray:
    """Where a clip hardly changes and nothing moves nearby, (H, W), from its gray frames."""
    cv2 = load_opencv("measuring videos", "smooth")
    spread = Spread()
    for grey in greys:
        spread.add(grey)
    calm = (spread.deviation < _STILL_LEVELS).astype(np.uint8)
    # Single noisy pixels are no motion.
    calm = cv2.morphologyEx(calm, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    return cv2.erode(calm, np.ones((_RECEPTIVE_FIELD, _RECEPTIVE_FIELD), np.uint8)).astype(bool)


def known_motion_errors(
    paint: FrameStylizer, photo: torch.Tensor, *, seed: int
) -> tuple[SquaredErrors, SquaredErrors]:
    """Move a photo (1, 3, H, W) by known motions; compare what is painted, then moved, with the reverse.

    The moved photo gets a camera's noise.

    Returns:
        The errors of the stylized pictures, and of the photos.
    """
    generator = torch.Generator().manual_seed(seed)
    painted_still = _as_tensor(paint(_as_pixels(photo)))
    stylized, untouched = SquaredErrors(), SquaredErrors()
    for _ in range(_MOTIONS_A_PHOTO):
        motion = random_motion(generator)
        moved, seen = move(photo, motion)
        noise = torch.randn(moved.shape, generator=generator) * _NOISE_LEVELS / 255
        after = _as_pixels(moved + noise)
        mask = seen[0, 0].numpy().astype(bool)
        stylized += warping_errors(paint(after), _as_pixels(move(painted_still, motion)[0]), mask)
        untouched += warping_errors(after, _as_pixels(moved), mask)
    return stylized, untouched


def true_flow_flicker(paint: FrameStylizer, folder: Path) -> Flicker:
    """Compare a pair of frames by their true flow, from the first to the second."""
    pictures = sorted(file for file, _ in find_pictures([folder]))
    flows = sorted(folder.glob("*.flo"))
    if len(pictures) != 2 or len(flows) != 1:
        raise FaststError(
            f"{folder}: has {len(pictures)} pictures and {len(flows)} .flo files; two frames and their flow "
            f"are needed"
        )
    one, other = (np.array(read_picture(file).rgb) for file in pictures)
    flow = read_flow(flows[0])
    if flow.shape[:2] != one.shape[:2] or one.shape != other.shape:
        raise FaststError(f"{folder}: the frames and the flow are not of one size")
    known = ~np.isnan(flow).any(axis=2)
    flow = np.nan_to_num(flow)
    mask = known & lands_inside(flow)
    painted = warping_errors(paint(one), warp(paint(other), flow), mask)
    return Flicker(painted.root_mean, warping_errors(one, warp(other, flow), mask).root_mean)


def _frames(clip: str, size: int, most: int) -> Iterator[Pixels]:
    film = FilmReader(clip, size=size)
    try:
        count = 0
        for item in film.items():
            if isinstance(item, Frame):
                yield item.rgb
                count += 1
            if count == most:
                return
    finally:
        film.close()


def _as_pixels(picture: torch.Tensor) -> Pixels:
    return np.array(to_image(picture[0]))


def _as_tensor(pixels: Pixels) -> torch.Tensor:
    return torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255
