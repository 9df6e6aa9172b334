"""H.264 encoders in graphics chips: which of those that FFmpeg knows opens on this machine."""

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

from av import Codec, CodecContext
from av.codec.codec import UnknownCodecError
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext

# Apple's, NVIDIA's, Intel's and AMD's. VA-API takes no pictures from the main memory, and is left out.
H264_ENCODERS = ("h264_videotoolbox", "h264_nvenc", "h264_qsv", "h264_amf")
# Small, but within what every chip takes.
_TRIED = (640, 480)


def hardware_encoder(names: Sequence[str] = H264_ENCODERS) -> str | None:
    """Return the first of the encoders that opens here; None if none does.

    FFmpeg lists what it was built with, whatever chips there are, so each is opened to know.
    """
    return next((name for name in names if _opens(name)), None)


@lru_cache
def _opens(name: str) -> bool:
    try:
        formats = [form.name for form in Codec(name, "w").video_formats or []]
        context = CodecContext.create(name, "w")
        assert isinstance(context, VideoCodecContext)
        context.width, context.height = _TRIED
        context.pix_fmt = "yuv420p" if "yuv420p" in formats else "nv12"
        context.time_base = Fraction(1, 30)
        context.open()
    except (FFmpegError, UnknownCodecError, ValueError):
        return False
    return True
