"""Pictures of ever new sizes take no more memory than the first ones did."""

import subprocess
import sys

import pytest

CODE = """
import numpy as np, psutil
import fastst
from fastst.runtime import give_back_freed_memory
stylizer, random, held = fastst.load("starry-night"), np.random.default_rng(0), []
for number in range({pictures}):
    height, width = random.integers(100, 250, 2)
    stylizer(random.integers(0, 256, (height, width, 3), dtype=np.uint8))
    give_back_freed_memory()
    held.append(psutil.Process().memory_info().rss / 2**20)
half = len(held) // 2
print(max(held[half:]) - max(held[:half]))
"""


def growth(pictures: int) -> float:
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(pictures=pictures)], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def test_memory_does_not_grow_with_the_number_of_sizes() -> None:
    assert growth(60) < 16


@pytest.mark.slow
def test_nor_over_three_hundred() -> None:
    assert growth(300) < 16
