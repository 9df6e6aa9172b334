import os
import subprocess
import sys

import pytest

from fastst.runtime import bound_kernel_caches, let_idle_threads_sleep

_SETTINGS = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")
_CAPACITY = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
# Stylizes 60 sizes, each with six kernels or more, and tells which the last and the first need anew.
_MANY_SIZES = """
import fastst, torch
from fastst.networks import build
from fastst.stylize.stylizer import Stylizer

stylizer = Stylizer(build("brush-wide"), {}, device="cpu")
sides = [64 + 4 * number for number in range(60)]
for side in sides:
    stylizer(torch.zeros(3, 64, side))
for side in (sides[-1], sides[0]):
    print("size", flush=True)
    with torch.backends.mkldnn.verbose(torch.backends.mkldnn.VERBOSE_ON_CREATION):
        stylizer(torch.zeros(3, 64, side))
"""


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


class TestBoundKernelCaches:
    def test_a_users_own_setting_stays(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv(_CAPACITY, raising=False)
        bound_kernel_caches()
        assert os.environ[_CAPACITY] == "128"
        monkeypatch.setenv(_CAPACITY, "7")
        bound_kernel_caches()
        assert os.environ[_CAPACITY] == "7"

    def test_those_of_sizes_long_gone_are_not_kept(self) -> None:
        environment = {name: value for name, value in os.environ.items() if name != _CAPACITY}
        told = subprocess.run(
            [sys.executable, "-c", _MANY_SIZES], env=environment, capture_output=True, text=True, check=True
        ).stdout
        if "onednn_verbose" not in told:
            pytest.skip("torch is built without oneDNN here")
        _, last, first = told.split("size\n")
        made_anew = [part.count("create:cache_miss,cpu,convolution") for part in (last, first)]
        assert made_anew[0] == 0 and made_anew[1] > 0


_IN_THREADS = """
import threading
import fastst

def load():
    import pyarrow

def allocate():
    import pyarrow
    pyarrow.array(["x"] * 5000)
    print(pyarrow.default_memory_pool().backend_name)

for work in (load, allocate):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
"""


def test_arrow_may_be_loaded_by_a_thread_that_ends() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "ARROW_DEFAULT_MEMORY_POOL"}
    done = subprocess.run(
        [sys.executable, "-c", _IN_THREADS], env=environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "system\n"), done.stderr
