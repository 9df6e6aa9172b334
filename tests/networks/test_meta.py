import subprocess
import sys

import pytest

from fastst.networks import architectures

_BUILD = """
import sys, torch
from fastst.networks import build
with torch.device("meta"):
    build(sys.argv[1])
print("torch._dynamo" in sys.modules)
"""


@pytest.mark.parametrize("architecture", architectures())
def test_a_checkpoint_is_checked_without_the_seconds_that_torchs_compiler_takes(architecture: str) -> None:
    command = [sys.executable, "-c", _BUILD, architecture]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
