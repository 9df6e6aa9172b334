"""Films in and out: container files, GIFs and image sequences, with everything but the pictures copied."""

from fastst.video.conversion import VideoProgress, VideoResult, stylize_film, stylize_video
from fastst.video.settings import VideoSettings

__all__ = ["VideoProgress", "VideoResult", "VideoSettings", "stylize_film", "stylize_video"]
