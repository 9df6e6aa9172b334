"""Imports go downwards only; pyproject.toml has the contracts."""

from pathlib import Path

import pytest
from importlinter.cli import lint_imports


def test_imports_go_downwards_only(capsys: pytest.CaptureFixture[str]) -> None:
    project = Path(__file__).parents[1] / "pyproject.toml"
    broken = lint_imports(config_filename=str(project), no_cache=True)
    assert not broken, capsys.readouterr().out
