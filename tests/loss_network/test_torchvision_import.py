import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FAKES = {
    "broken": "raise RuntimeError('built for another torch')",
    "whole": "",
    "lacking operators": """
import torch
from . import helper
torch.library.register_fake("torchvision::nms")(lambda dets, scores, iou_threshold: dets)
torch.library.register_fake("torchvision::qnms")(lambda dets, scores, iou_threshold: dets)
""",
}
IMPORT_EACH = """
import json, sys, torch
from fastst.errors import FaststError
found = {}
for name, folder in json.loads(sys.argv[1]):
    sys.path.insert(0, folder)
    for module in [m for m in sys.modules if "torchvision" in m]:
        del sys.modules[module]
    try:
        from fastst.loss_network.torchvision_import import torchvision
        found[name] = {"file": torchvision.__file__, "nms": hasattr(torch.ops.torchvision, "nms")}
    except FaststError as error:
        found[name] = {"error": str(error)}
print(json.dumps(found))
"""


def run_python(code: str, *arguments: str) -> str:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """What came of importing each of the fakes, in their order, in one fresh process."""
    folders = []
    for name, code in FAKES.items():
        folder = tmp_path_factory.mktemp("path")
        package = folder / "torchvision"
        package.mkdir()
        (package / "__init__.py").write_text(code)
        (package / "helper.py").write_text("")
        folders.append((name, str(folder)))
    found = json.loads(run_python(IMPORT_EACH, json.dumps(folders)))
    return {name: (found[name], folder) for name, folder in folders}


def test_real_torchvision_imports_and_computes():
    printed = run_python(
        "import torch\n"
        "from fastst.loss_network.torchvision_import import torchvision\n"
        "import torchvision as again\n"
        "assert again is torchvision\n"
        "print(*torchvision.transforms.functional.resize(torch.zeros(3, 8, 8), [4, 6]).shape)"
    )
    assert printed.split() == ["3", "4", "6"]


def test_importable_torchvision_is_left_alone(imported):
    found, folder = imported["whole"]
    assert Path(found["file"]).is_relative_to(folder)
    assert not found["nms"]


def test_missing_operators_are_declared(imported):
    found, folder = imported["lacking operators"]
    assert Path(found["file"]).is_relative_to(folder)
    assert found["nms"]


def test_other_failures_tell_the_cure(imported):
    message = imported["broken"][0]["error"]
    assert "built for another torch" in message
    assert "install the torchvision made for this torch" in message
