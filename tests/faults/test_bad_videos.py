"""``fastst video`` and ``webcam`` over bad and odd inputs.

A failure is told in one line and leaves no file; a success leaves a video that plays to its end.
"""

from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from av.error import FFmpegError

from tests.faults.running import FAILED, FINE, MISUSED, Case, check, full_disk
from tests.faults.video_files import make_films

pytestmark = pytest.mark.slow
STYLE = "starry-night"
OUT = "out.mp4"


def left_behind(new: set[Path], *, is_good: bool) -> str:
    """What is wrong with the files that a run left; empty if nothing is."""
    if not is_good:
        return ", ".join(sorted(path.name for path in new))
    hidden = [path.name for path in new if path.name.startswith(".")]
    films = [path for path in new if path.suffix in (".mp4", ".mkv")]
    return ", ".join(hidden + [f"{film.name} does not play" for film in films if not plays(film)])


def plays(film: Path) -> bool:
    """Whether every frame of a video can be decoded, and there is one."""
    try:
        with av.open(str(film)) as container:
            return sum(1 for _ in container.decode(video=0)) > 0
    except FFmpegError:
        return False


def video(what: str, source: str, *options: str, expected: int, output: str = OUT) -> Case:
    """A case of ``fastst video``."""
    return Case(what, ["video", source, "-s", STYLE, "-o", output, *options], (expected,))


def odd_films() -> Iterator[Case]:
    """Videos that are unusual and must work."""
    for what, source in (
        ("one frame", "one.mp4"),
        ("15 x 15", "tiny.mkv"),
        ("4:4:4, 10 bits", "deep.mp4"),
        ("variable frame rate", "variable.mp4"),
        ("phone video, turned", "phone.mov"),
        ("raw H.264, no duration", "raw.h264"),
        ("transparent video", "clear.mov"),
        ("HDR (PQ)", "hdr.mp4"),
        ("size that changes on the way", "grows.ts"),
        ("GIF", "moving.gif"),
        ("pictures, one of them broken", "frames"),
    ):
        yield video(what, source, expected=FINE)


def broken_films() -> Iterator[Case]:
    """Videos that are broken, and files that are none."""
    yield video("cut short, but begun with its index", "cut.mp4", expected=FINE)
    yield video("damaged in the middle", "damaged.mkv", expected=FINE)
    for what, source in (
        ("cut short, its index missing", "headless.mp4"),
        ("sound only", "song.m4a"),
        ("no frames", "no-frames.mp4"),
        ("zero bytes", "empty.mp4"),
        ("text named .mp4", "text.mp4"),
        ("missing file", "gone.mp4"),
        ("file that may not be read", "unreadable.mp4"),
        ("folder without pictures", "nothing"),
        ("dead address", "http://127.0.0.1:9/video.mp4"),
    ):
        yield video(what, source, expected=FAILED)


def bad_choices() -> Iterator[Case]:
    """Options and outputs that make no sense."""
    yield video("unknown suffix", "video.mp4", expected=MISUSED, output="out.xyz")
    yield video("output over the input", "video.mp4", expected=MISUSED, output="video.mp4")
    yield video("output under a file", "video.mp4", expected=FAILED, output="file/out.mp4")
    yield video("sound that WebM cannot hold", "video.mp4", expected=MISUSED, output="out.webm")
    yield video("unknown codec", "video.mp4", "--codec", "mpeg99", expected=MISUSED)
    yield video("unknown preset", "video.mp4", "--preset", "warp9", expected=MISUSED)
    yield video("start after the end", "video.mp4", "--start", "99", expected=FAILED)
    yield video("negative duration", "video.mp4", "--duration", "-1", expected=MISUSED)
    for name in ("out.mp4", "out.gif"):
        yield video(f"full disk, {name}", "video.mp4", expected=FAILED, output=f"full/{name}")


def bad_regions() -> Iterator[Case]:
    """Regions of a video: some that must work, and masks and choices that cannot."""
    sky, rest = ["--region", f"sky.png:{STYLE}"], ["--region", f"rest:{STYLE}"]
    for what, options, expected in (
        ("mask in the video's shape", [*sky, *rest, "--feather", "3"], FINE),
        ("mask of another shape", ["--region", f"wide.png:{STYLE}"], MISUSED),
        ("mask that is black", ["--region", f"black.png:{STYLE}", *rest], MISUSED),
        ("mask that is missing", ["--region", f"gone.png:{STYLE}", *rest], FAILED),
        ("mask that is a video", ["--region", f"video.mp4:{STYLE}", *rest], FAILED),
        ("mask without a style", ["--region", "sky.png"], MISUSED),
        ("regions and a style", [*sky, "-s", STYLE], MISUSED),
        ("neither", [], MISUSED),
    ):
        yield Case(what, ["video", "video.mp4", "-o", OUT, *options], (expected,))


def bad_cameras() -> Iterator[Case]:
    """Live sources that are not there."""
    webcam = ["webcam", "-s", STYLE, "--headless"]
    yield Case("camera missing", [*webcam, "--source", "7"], (FAILED,))
    yield Case("dead stream", [*webcam, "--source", "rtsp://127.0.0.1:9/x"], (FAILED,))
    webcam += ["--source", "video.mp4"]
    yield Case("recording into an unknown suffix", [*webcam, "--record", "a.x"], (MISUSED,))
    yield Case("no virtual camera", [*webcam, "--virtual-camera"], (FAILED, MISUSED))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("videos")
    make_films(made)
    with full_disk(made / "full"):
        yield made


CASES = [*odd_films(), *broken_films(), *bad_choices(), *bad_regions(), *bad_cameras()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_it_plays_or_nothing_is_left(case: Case, folder: Path) -> None:
    if case.needs_full_disk and not (folder / "full" / "filler").exists():
        pytest.skip("this user may not mount a small disk")
    before = set(folder.rglob("*"))
    code = check(case, folder)
    new = {path for path in folder.rglob("*") if path not in before}
    wrong = left_behind(new, is_good=code == FINE)
    for path in sorted(new, reverse=True):  # the next case may write under the same name
        path.rmdir() if path.is_dir() else path.unlink()
    assert not wrong
