"""Pictures of ever new sizes take no more memory than the first ones did."""

import subprocess
import sys

import pytest

from fastst.engines import engine_kind, engine_names

CODE = """
import numpy as np, psutil
import fastst
from fastst.runtime import give_back_freed_memory
stylizer = fastst.load("starry-night", engine="{engine}", for_video={for_video})
random, held = np.random.default_rng(0), []
for number in range({pictures}):
    height, width = random.integers(100, 250, 2)
    picture = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
    stylizer.frame(picture) if {for_video} else stylizer(picture)
    give_back_freed_memory()
    held.append(psutil.Process().memory_info().rss / 2**20)
half = len(held) // 2
print(max(held[half:]) - max(held[:half]))
"""


def growth(pictures: int, *, engine: str = "torch", for_video: bool = False) -> float:
    code = CODE.format(pictures=pictures, engine=engine, for_video=for_video)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout)


def test_memory_does_not_grow_with_the_number_of_sizes() -> None:
    assert growth(60) < 16


@pytest.mark.slow
def test_nor_over_three_hundred() -> None:
    assert growth(300) < 16


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in engine_names() if name not in ("auto", "torch-compile")])
def test_nor_on_any_engine_that_frames_go_through(name: str) -> None:
    if reason := engine_kind(name).why_not("cpu"):
        pytest.skip(reason)
    assert growth(100, engine=name, for_video=True) < 16
