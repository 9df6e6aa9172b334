from pathlib import Path

import pytest

from fastst.cli.main import _run

CASES = [
    (["starry-night", "--web", "a", "-o", "a.onnx"], "either --output, a file for one style, or --web"),
    (["starry-night", "udnie", "-o", "a.onnx"], "a.onnx: an ONNX file holds one style"),
    (["starry-night", "--web", "a", "--half"], "--uint8, --half and --int8 are for an ONNX file"),
    (["starry-night", "--web", "a", "--int8"], "--uint8, --half and --int8 are for an ONNX file"),
    (["starry-night", "-o", "a.onnx", "--int8", "--half"], "--half is for GPUs and --int8 for CPUs"),
    (["starry-night", "-o", "a.onnx", "--photos", "b"], "--photos is what int8 is made by; give --int8"),
    (["starry-night", "-o", "a.onnx", "--int8", "--photos", "b/c/d"], "b/c/d: no such folder"),
    (["starry-night", "-o", "a.onnx", "--runtime", "b.tgz"], "--runtime is for a page"),
    (["starry-night", "--web", "a", "--runtime", "b.tgz"], "b.tgz: no such file"),
]


@pytest.mark.parametrize(("arguments", "message"), CASES)
def test_what_does_not_go_together_is_said(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _run(["export", *arguments]) in (1, 2)
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
