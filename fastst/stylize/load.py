"""Styles made ready to stylize pictures."""

import os
from collections.abc import Sequence
from typing import Unpack

from fastst.errors import UsageError
from fastst.files import StrPath
from fastst.networks.noise import noise_of_seed, place_noise
from fastst.networks.styles import load_style
from fastst.stylize.options import DEFAULT_LOADING, LoadKeywords
from fastst.stylize.regions import RegionStylizer, read_style_regions
from fastst.stylize.stylizer import Stylizer


def load(
    style: StrPath,
    *,
    device: str | None = DEFAULT_LOADING.device,
    engine: str = DEFAULT_LOADING.engine,
    memory: int | str | None = DEFAULT_LOADING.memory,
    seed: int = DEFAULT_LOADING.seed,
    for_video: bool = DEFAULT_LOADING.for_video,
) -> Stylizer:
    """Return a style ready to stylize pictures: ``fastst.load("starry-night")(image)``.

    Args:
        style: an installed style's name, or a checkpoint's path.
        device: such as "cpu" or "cuda"; None picks the fastest here.
        engine: "torch" starts at once; "auto" is the fastest that is installed, for video and many pictures;
            or one of ``fastst.engines.engine_names()``.
        memory: what pictures may take of it, such as "2G"; larger ones are worked in tiles, by torch.
            None: half.
        seed: which strokes go where, in a style that has noise to decide it by.
        for_video: take the style's network for video and cameras, quick and steady, if it has one.

    Raises:
        UsageError: if there is no such style, device or engine, ``memory`` is no amount, or the style has no
            noise for a seed.
        FaststError: if the checkpoint is no good.
    """
    checkpoint = load_style(os.fspath(style), for_video=for_video)
    if seed and not place_noise(checkpoint.network, noise_of_seed(seed)):
        raise UsageError(f"{style}: has no noise, so a seed changes nothing; leave it out")
    return Stylizer(
        checkpoint.network, checkpoint.metadata.model_dump(), device=device, engine=engine, memory=memory
    )


def load_regions(
    regions: Sequence[str | tuple[StrPath, str]],
    *,
    feather: float | None = None,
    **loading: Unpack[LoadKeywords],
) -> RegionStylizer:
    """Return several styles ready to stylize pictures, each in its own region.

    Args:
        regions: pairs of a mask's file, or ``rest``, and a style's name or checkpoint, such as
            ``("sky.png", "starry-night")``.
        feather: width of the soft edges in pixels of the result; None: a hundredth of its long side.
        loading: as in ``load``.

    Raises:
        UsageError: if there is no such style or device, or a mask is black.
        FaststError: if a mask or a checkpoint cannot be read.
    """
    return read_style_regions(regions, feather=feather, load=lambda style: load(style, **loading))


def load_either(
    style: StrPath | None,
    *,
    regions: Sequence[str | tuple[StrPath, str]] = (),
    feather: float | None = None,
    **loading: Unpack[LoadKeywords],
) -> Stylizer | RegionStylizer:
    """Do as ``load`` or as ``load_regions``, whichever it is that is asked for.

    Raises:
        UsageError: as they do, and if both or neither are.
    """
    if bool(regions) == (style is not None):
        raise UsageError(
            "give either a style, such as -s starry-night, or regions, such as --region sky.png:starry-night"
        )
    if style is None:
        return load_regions(regions, feather=feather, **loading)
    if feather is not None:
        raise UsageError("--feather softens the edges of regions; give some with --region, or leave it out")
    return load(style, **loading)
