import time

import torch

from fastst.engines.hardware import PeakMemory

CPU = torch.device("cpu")


def test_finds_a_peak_that_is_over_when_the_block_ends() -> None:
    with PeakMemory(CPU) as memory:
        held = torch.ones(100 * 2**18)  # 100 MiB
        time.sleep(0.2)
        del held
    assert 90 < memory.mebibytes < 150


def test_no_use_is_no_rise() -> None:
    with PeakMemory(CPU) as memory:
        time.sleep(0.05)
    assert memory.mebibytes < 10
