"""The command line over bad and odd inputs: the right exit code, one line that says why, no traceback."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.input_files import make_inputs
from tests.faults.running import FAILED, FINE, MISUSED, Case, check, full_disk

pytestmark = pytest.mark.slow
STYLE = "starry-night"


def stylize(what: str, photo: str, *options: str, expected: int, output: str = "out.png") -> Case:
    """A case of ``fastst stylize``."""
    return Case(what, ["stylize", photo, "-s", STYLE, "-o", output, *options], (expected,))


def odd_pictures() -> Iterator[Case]:
    """Pictures that are unusual and must work."""
    for what, photo in (
        ("1 x 1 picture", "1x1.png"),
        ("300 x 2 picture", "300x2.png"),
        ("CMYK JPEG", "cmyk.jpg"),
        ("16-bit gray PNG", "16bit.png"),
        ("palette PNG with transparency", "palette.png"),
        ("animated GIF", "animated.gif"),
        ("JPEG with broken EXIF", "exif.jpg"),
        ("PNG with a broken color profile", "profile.png"),
        ("PNG named .jpg", "png.jpg"),
        ("name with spaces and accents", "phóto of mine.png"),
    ):
        yield stylize(what, photo, expected=FINE)
    yield stylize("transparent PNG to JPEG", "palette.png", expected=FINE, output="out.jpg")


def bad_pictures() -> Iterator[Case]:
    """Files that are no pictures, or broken ones."""
    for what, photo in (
        ("missing file", "gone.jpg"),
        ("zero bytes", "empty.png"),
        ("text file named .png", "text.png"),
        ("SVG", "drawing.svg"),
        ("truncated JPEG", "cut.jpg"),
        ("truncated PNG", "cut.png"),
        ("PNG cut in its header", "header.png"),
        ("PNG that claims 60,000 x 60,000", "huge.png"),
        ("file that may not be read", "unreadable.png"),
    ):
        yield stylize(what, photo, expected=FAILED)
    yield stylize("folder without pictures", "nothing", expected=MISUSED, output="out")
    yield stylize("folder with one bad picture among good", "mixed", expected=FAILED, output="mixed-out")


def bad_outputs() -> Iterator[Case]:
    """Places that cannot be written to, and one that can."""
    yield stylize("folder as output", "photo.png", expected=FINE, output="results")
    yield stylize("unknown output suffix", "photo.png", expected=MISUSED, output="out.xyz")
    yield stylize("output over the input", "photo.png", expected=MISUSED, output="photo.png")
    yield stylize("output under a file", "photo.png", expected=FAILED, output="text.png/out.png")
    yield stylize("output on a device without files", "photo.png", expected=FAILED, output="/dev/full/x.png")
    yield stylize("full disk", "photo.png", expected=FAILED, output="full/out.png")


def bad_options() -> Iterator[Case]:
    """Options that make no sense."""
    yield stylize("strength 2", "photo.png", "--strength", "2", expected=MISUSED)
    yield stylize("strength -1", "photo.png", "--strength", "-1", expected=MISUSED)
    yield stylize("size 0", "photo.png", "--size", "0", expected=MISUSED)
    yield stylize("size -5", "photo.png", "--size", "-5", expected=MISUSED)
    yield stylize("size 1000000", "photo.png", "--size", "1000000", expected=FAILED)
    yield stylize("size that is no number", "photo.png", "--size", "big", expected=MISUSED)
    yield Case("no photo", ["stylize", "-s", STYLE, "-o", "out.png"], (MISUSED,))
    yield Case("unknown command", ["paint", "photo.png"], (MISUSED,))


def bad_checkpoints() -> Iterator[Case]:
    """Styles that are no checkpoints."""
    yield Case(
        "unknown style", ["stylize", "photo.png", "-s", "stary-nigth", "-o", "out.png"], (FAILED, MISUSED)
    )
    for what, checkpoint in (
        ("missing checkpoint", "gone.safetensors"),
        ("JPEG as checkpoint", "cmyk.jpg"),
        ("JPEG named .safetensors", "jpeg.safetensors"),
        ("empty checkpoint", "empty.safetensors"),
        ("truncated checkpoint", "cut.safetensors"),
        ("checkpoint of something else", "other.safetensors"),
        ("HTML as checkpoint", "page.safetensors"),
        ("pickle as checkpoint", "weights.pth"),
        ("folder as checkpoint", "nothing"),
    ):
        yield Case(what, ["stylize", "photo.png", "-s", checkpoint, "-o", "out.png"], (FAILED, MISUSED))


def bad_training() -> Iterator[Case]:
    """Trainings and optimizations that cannot start."""
    for what, painting, options in (
        ("train: missing painting", "gone.jpg", ["--data", "mixed"]),
        ("train: painting is text", "text.png", ["--data", "mixed"]),
        ("train: empty data folder", "photo.png", ["--data", "nothing"]),
        ("train: missing data folder", "photo.png", ["--data", "gone"]),
        ("train: config with an unknown key", "photo.png", ["--config", "unknown-key.yaml"]),
        ("train: config that is not YAML", "photo.png", ["--config", "not-yaml.yaml"]),
        ("train: config that is a list", "photo.png", ["--config", "list.yaml"]),
        ("train: missing config", "photo.png", ["--config", "gone.yaml"]),
        ("train: 0 steps", "photo.png", ["--steps", "0", "--data", "mixed"]),
        ("train: negative style strength", "photo.png", ["--style-strength", "-1", "--data", "mixed"]),
        (
            "train: bad loss network weights",
            "photo.png",
            ["--data", "mixed", "--steps", "1", "--loss-network-weights", "jpeg.safetensors"],
        ),
    ):
        yield Case(what, ["train", painting, "-o", "new.safetensors", *options], (FAILED, MISUSED))
    optimize = ["optimize", "photo.png", "painting.png", "--size", "64", "--steps", "1", "-o", "out.png"]
    yield Case(
        "optimize: bad weights", [*optimize, "--loss-network-weights", "weights.pth"], (FAILED, MISUSED)
    )
    missing = ["optimize", "photo.png", "gone.png", "--size", "64", "--steps", "1", "-o", "out.png"]
    yield Case("optimize: missing painting", missing, (FAILED, MISUSED))


def bad_measuring() -> Iterator[Case]:
    """Evaluations that cannot start."""
    evaluate = ["evaluate", STYLE, "--style", "painting.png"]
    yield Case("evaluate: no photos given", evaluate, (FAILED, MISUSED))
    yield Case("evaluate: folder without photos", [*evaluate, "--photos", "nothing"], (FAILED, MISUSED))
    missing = ["evaluate", "gone.safetensors", "--style", "painting.png", "--photos", "mixed"]
    yield Case("evaluate: missing checkpoint", missing, (FAILED, MISUSED))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("inputs")
    make_inputs(made)
    with full_disk(made / "full"):
        yield made


CASES = [
    *odd_pictures(),
    *bad_pictures(),
    *bad_outputs(),
    *bad_options(),
    *bad_checkpoints(),
    *bad_training(),
    *bad_measuring(),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_it_is_stylized_or_refused_in_one_line(case: Case, folder: Path) -> None:
    if case.needs_full_disk and not (folder / "full" / "filler").exists():
        pytest.skip("this user may not mount a small disk")
    check(case, folder)
