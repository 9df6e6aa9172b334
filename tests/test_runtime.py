import os
import subprocess
import sys

import pytest

from fastst.runtime import let_idle_threads_sleep

_SETTINGS = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")


class TestLetIdleThreadsSleep:
    def test_bounds_the_spinning(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in _SETTINGS:
            monkeypatch.delenv(name, raising=False)
        let_idle_threads_sleep()
        assert os.environ["GOMP_SPINCOUNT"] == "10000"

    @pytest.mark.parametrize("own", [{"GOMP_SPINCOUNT": "7"}, {"OMP_WAIT_POLICY": "active"}])
    def test_a_users_own_setting_stays(self, own: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
        for name in _SETTINGS:
            monkeypatch.delenv(name, raising=False)
        for name, value in own.items():
            monkeypatch.setenv(name, value)
        let_idle_threads_sleep()
        assert {name: os.environ[name] for name in own} == own
        assert os.environ.get("GOMP_SPINCOUNT") == own.get("GOMP_SPINCOUNT")

    def test_it_is_set_before_torch_is_loaded(self) -> None:
        script = "import os, sys, fastst; print('torch' in sys.modules, os.environ['GOMP_SPINCOUNT'])"
        environment = {name: value for name, value in os.environ.items() if name not in _SETTINGS}
        told = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        ).stdout
        assert told.split() == ["False", "10000"]
