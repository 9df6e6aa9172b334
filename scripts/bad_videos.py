"""Run ``fastst video`` and ``webcam`` over bad and odd inputs and print what they say, as a Markdown table.

Exits with 1 if any run shows a traceback, ends with another exit code than expected, or leaves something half
written: a failed run must leave no file, a good one a video that plays to its end.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import av
from av.error import FFmpegError
from bad_inputs import FAILED, FINE, MISUSED, Case, full_disk, run
from bad_video_files import make_films

OUT = "out.mp4"


def main() -> int:
    """Run every case; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--style", default="starry-night", help="style or checkpoint to stylize with")
    style = parser.parse_args().style
    style = str(Path(style).resolve()) if Path(style).is_file() else style
    with tempfile.TemporaryDirectory(prefix="fastst-bad-videos-") as name:
        folder = Path(name)
        make_films(folder)
        with full_disk(folder / "full") as full:
            cases = [
                *odd_films(style),
                *broken_films(style),
                *bad_choices(style, full),
                *bad_regions(style),
                *bad_cameras(style),
            ]
            wrong = sum(not is_right(case, folder) for case in heading(cases))
    if full is None:
        print("\nNot run: a full disk, as this user may not mount a small one.")
    print(f"\n{len(cases)} inputs, {wrong} not as expected.")
    return 1 if wrong else 0


def heading(cases: list[Case]) -> list[Case]:
    """Print the table's head; return the cases."""
    print("| input | what was printed last | exit code | left behind |")
    print("|---|---|---|---|")
    return cases


def is_right(case: Case, folder: Path) -> bool:
    """Run a case, print its row, and tell whether all is as it should be."""
    before = set(folder.rglob("*"))
    outcome = run(case, folder)
    new = {path for path in folder.rglob("*") if path not in before}
    fits, left = outcome.fits(case), left_behind(new, is_good=outcome.code == FINE)
    said = outcome.said.replace(str(folder) + "/", "").replace("|", "\\|")
    code = f"{outcome.code}" if fits else f"{outcome.code} (expected {case.expected})"
    print(f"| {case.what} | {said} | {code} | {left or 'as it should be'} |", flush=True)
    for path in sorted(new, reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    return fits and not left


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


def video(what: str, source: str, style: str, *options: str, expected: int, output: str = OUT) -> Case:
    """A case of ``fastst video``."""
    return Case(what, ["video", source, "-s", style, "-o", output, *options], (expected,))


def odd_films(style: str) -> Iterator[Case]:
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
        yield video(what, source, style, expected=FINE)


def broken_films(style: str) -> Iterator[Case]:
    """Videos that are broken, and files that are none."""
    yield video("cut short, but begun with its index", "cut.mp4", style, expected=FINE)
    yield video("damaged in the middle", "damaged.mkv", style, expected=FINE)
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
        yield video(what, source, style, expected=FAILED)


def bad_choices(style: str, full: Path | None) -> Iterator[Case]:
    """Options and outputs that make no sense."""
    yield video("unknown suffix", "video.mp4", style, expected=MISUSED, output="out.xyz")
    yield video("output over the input", "video.mp4", style, expected=MISUSED, output="video.mp4")
    yield video("output under a file", "video.mp4", style, expected=FAILED, output="file/out.mp4")
    yield video("sound that WebM cannot hold", "video.mp4", style, expected=MISUSED, output="out.webm")
    yield video("unknown codec", "video.mp4", style, "--codec", "mpeg99", expected=MISUSED)
    yield video("unknown preset", "video.mp4", style, "--preset", "warp9", expected=MISUSED)
    yield video("start after the end", "video.mp4", style, "--start", "99", expected=FAILED)
    yield video("negative duration", "video.mp4", style, "--duration", "-1", expected=MISUSED)
    if full is not None:
        for name in ("out.mp4", "out.gif"):
            yield video(f"full disk, {name}", "video.mp4", style, expected=FAILED, output=str(full / name))


def bad_regions(style: str) -> Iterator[Case]:
    """Regions of a video: some that must work, and masks and choices that cannot."""
    sky, rest = ["--region", f"sky.png:{style}"], ["--region", f"rest:{style}"]
    for what, options, expected in (
        ("mask in the video's shape", [*sky, *rest, "--feather", "3"], FINE),
        ("mask of another shape", ["--region", f"wide.png:{style}"], MISUSED),
        ("mask that is black", ["--region", f"black.png:{style}", *rest], MISUSED),
        ("mask that is missing", ["--region", f"gone.png:{style}", *rest], FAILED),
        ("mask that is a video", ["--region", f"video.mp4:{style}", *rest], FAILED),
        ("mask without a style", ["--region", "sky.png"], MISUSED),
        ("regions and a style", [*sky, "-s", style], MISUSED),
        ("neither", [], MISUSED),
    ):
        yield Case(what, ["video", "video.mp4", "-o", OUT, *options], (expected,))


def bad_cameras(style: str) -> Iterator[Case]:
    """Live sources that are not there."""
    webcam = ["webcam", "-s", style, "--headless"]
    yield Case("camera missing", [*webcam, "--source", "7"], (FAILED,))
    yield Case("dead stream", [*webcam, "--source", "rtsp://127.0.0.1:9/x"], (FAILED,))
    webcam += ["--source", "video.mp4"]
    yield Case("recording into an unknown suffix", [*webcam, "--record", "a.x"], (MISUSED,))
    yield Case("no virtual camera", [*webcam, "--virtual-camera"], (FAILED, MISUSED))


if __name__ == "__main__":
    sys.exit(main())
