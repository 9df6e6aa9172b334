import resource
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from fastst.errors import UsageError
from fastst.training.memory import check_memory
from fastst.training.recipe import gather_settings


@pytest.fixture(autouse=True)
def two_gibibytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=2 * 2**30))


def check(given: dict[str, Any], width: int) -> None:
    settings = gather_settings(None, given={"painting": "a.png", "output": "a.safetensors", **given})
    check_memory(settings, architecture="classic", options={"width": width})


def test_what_fits_passes() -> None:
    check({}, 32)


def test_a_network_that_is_too_large_takes_no_memory() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UsageError, match=r"a classic network of {'width': 1024} takes at least \d+ GiB"):
        check({}, 1024)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 2**10


@pytest.mark.parametrize("given", [{"batch": 10**9}, {"batch": 64, "size": 2048}])
def test_a_batch_that_is_too_large(given: dict[str, Any]) -> None:
    with pytest.raises(
        UsageError, match=r"a batch of \d+ at \d+ px takes at least .* this machine has 2 GiB"
    ):
        check(given, 8)
