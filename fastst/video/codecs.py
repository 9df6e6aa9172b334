"""Which encoder a video gets, and how its quality and speed are set."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from av import Codec
from av.codec.codec import UnknownCodecError

from fastst.errors import UsageError
from fastst.video.hardware import H264_ENCODERS, hardware_encoder

# Asked for as a codec: H.264 by the graphics chip, or by the processor where no chip encodes it.
HARDWARE = "hardware"
# By suffix, the encoder taken where none is asked for.
FILM_CODECS = {
    ".mp4": "libx264",
    ".m4v": "libx264",
    ".mov": "libx264",
    ".mkv": "libx264",
    ".ts": "libx264",
    ".avi": "libx264",
    ".webm": "libvpx-vp9",
}
_NAMES = {"h265": "hevc"}
_ENCODERS = {
    "hevc": "libx265",
    "av1": "libsvtav1",
    "vp9": "libvpx-vp9",
    "h264": "libx264",
    "prores": "prores_ks",
}
# FF_QP2LAMBDA, by which FFmpeg measures an encoder's quality.
_QUALITY_UNIT = 118


@dataclass(frozen=True)
class _Tuning:
    """How an encoder is told its quality and speed.

    The defaults look right on brush strokes and leave most of the processor to the network.
    """

    crf: int
    crf_options: Callable[[int], dict[str, str]]
    preset: str
    preset_option: str


def _videotoolbox_quality(crf: int) -> dict[str, str]:
    """Turn less is better into VideoToolbox's 100 is best, in FFmpeg's units of quality."""
    return {"flags": "+qscale", "global_quality": str(_QUALITY_UNIT * max(1, 100 - 2 * crf))}


_TUNINGS = {
    # Against veryfast half the time, 0.4 dB more and a file a fifth larger (painted frames of 640 x 480).
    "libx264": _Tuning(20, lambda crf: {"crf": str(crf)}, "superfast", "preset"),
    "libx265": _Tuning(24, lambda crf: {"crf": str(crf)}, "veryfast", "preset"),
    "libsvtav1": _Tuning(30, lambda crf: {"crf": str(crf)}, "10", "preset"),
    # Without a bit rate of 0 the encoder takes its crf as a mere bound.
    "libvpx-vp9": _Tuning(30, lambda crf: {"crf": str(crf), "b:v": "0", "row-mt": "1"}, "6", "cpu-used"),
    # Those of graphics chips, by their documentation: none was at hand to try.
    "h264_nvenc": _Tuning(23, lambda crf: {"rc": "vbr", "cq": str(crf)}, "p4", "preset"),
    "h264_qsv": _Tuning(23, lambda crf: {"global_quality": str(crf)}, "veryfast", "preset"),
    "h264_amf": _Tuning(
        22, lambda crf: {"rc": "cqp", "qp_i": str(crf), "qp_p": str(crf)}, "balanced", "quality"
    ),
    "h264_videotoolbox": _Tuning(20, _videotoolbox_quality, "1", "prio_speed"),
}


@dataclass(frozen=True)
class Encoding:
    """An encoder and its options.

    Attributes:
        codec: the encoder's name in FFmpeg.
        pixel_format: what it is given, such as yuv420p.
        options: for FFmpeg.
        has_alpha: whether the pixel format carries transparency.
    """

    codec: str
    pixel_format: str
    options: dict[str, str]
    has_alpha: bool


def choose_encoding(
    output: Path, *, codec: str | None, crf: int | None, preset: str | None, has_alpha: bool
) -> Encoding:
    """Choose encoder, pixel format and options for a video file.

    Args:
        output: whose suffix picks the encoder where ``codec`` is None.
        codec: a codec's or an encoder's name in FFmpeg, or ``HARDWARE``.
        crf: constant quality; None takes this module's default.
        preset: speed; None likewise.
        has_alpha: whether transparency should be kept if the encoder can.

    Raises:
        UsageError: if there is no such encoder, or it has no crf or preset.
    """
    suffix = output.suffix.lower()
    if suffix not in FILM_CODECS:
        known = ", ".join((*FILM_CODECS, ".gif"))
        raise UsageError(
            f"{output}: cannot write {suffix or 'a name without suffix'}; end it with one of {known}, "
            f"or name pictures such as frames/%04d.png"
        )
    if codec == HARDWARE:
        codec = hardware_encoder() or _ENCODERS["h264"]
    encoder = _encoder(codec or FILM_CODECS[suffix])
    # Those of chips take RGBA and drop the A.
    has_alpha = has_alpha and encoder.name not in H264_ENCODERS
    pixel_format, keeps_alpha = _pixel_format(encoder, has_alpha=has_alpha)
    return Encoding(encoder.name, pixel_format, _options(encoder.name, crf, preset), keeps_alpha)


def _encoder(name: str) -> Codec:
    name = _NAMES.get(name.lower(), name.lower())
    try:
        found = Codec(_ENCODERS.get(name, name), "w")
    except UnknownCodecError as error:
        raise UsageError(
            f"codec {name!r}: there is no such encoder here; try h264, hevc, av1 or vp9"
        ) from error
    if found.type != "video":
        raise UsageError(f"codec {name!r} is for {found.type}; try h264, hevc, av1 or vp9")
    if found.name in H264_ENCODERS and not hardware_encoder((found.name,)):
        raise UsageError(f"codec {name!r} does not open on this machine; try h264 or {HARDWARE}")
    return found


def _options(encoder: str, crf: int | None, preset: str | None) -> dict[str, str]:
    tuning = _TUNINGS.get(encoder)
    if tuning is None:
        if crf is not None or preset is not None:
            known = ", ".join(_TUNINGS)
            raise UsageError(
                f"{encoder} takes no crf or preset here; leave them out, or choose one of {known}"
            )
        return {}
    speed = {tuning.preset_option: tuning.preset if preset is None else preset}
    return {**tuning.crf_options(tuning.crf if crf is None else crf), **speed}


def _pixel_format(encoder: Codec, *, has_alpha: bool) -> tuple[str, bool]:
    """Pick 8 bits with halved chroma, which everything plays, else what the encoder has."""
    formats = [form.name for form in encoder.video_formats or []]
    wanted = ["yuva420p", "yuva444p", "rgba", "argb", "yuva444p10le", "bgra"] if has_alpha else []
    for name in wanted:
        if name in formats:
            return name, True
    for name in ("yuv420p", "nv12", "yuv422p", "yuv444p", "yuv422p10le", "rgb24", "bgr0"):
        if not formats or name in formats:
            return name, False
    raise UsageError(f"codec {encoder.name!r} takes none of the usual pictures; try h264, hevc, av1 or vp9")
