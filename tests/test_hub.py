"""Styles pushed to a stand-in for the Hub, and pulled from it, by the real command line and client."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fastst.networks.styles import shipped_paths
from tests.hub_stand_in import TOKEN, Hub, running_hub


@pytest.fixture
def hub() -> Iterator[Hub]:
    with running_hub() as hub:
        yield hub


def run(hub: Hub, folder: Path, *arguments: str, token: str = TOKEN) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "HF_ENDPOINT": hub.address,
        "HF_HOME": str(folder / "hub"),
        "HF_TOKEN": token,
        "FASTST_STYLES": str(folder / "styles"),
    }
    command = [sys.executable, "-m", "fastst", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)


def test_a_style_goes_there_and_comes_back_with_its_film_network(hub: Hub, tmp_path: Path) -> None:
    pushed = run(hub, tmp_path, "push", "udnie", "someone/dance")
    assert (pushed.returncode, pushed.stderr) == (0, "")
    assert f"{hub.address}/someone/dance" in pushed.stdout

    files = hub.files["someone/dance"]
    assert files.keys() == {"style.safetensors", "style.film.safetensors", "README.md"}
    card = files["README.md"].decode()
    assert card.startswith("---\nlibrary_name: fastst\n") and "# Udnie" in card
    assert "fastst pull someone/dance" in card and "Francis Picabia" in card

    pulled = run(hub, tmp_path, "pull", "someone/dance")
    assert (pulled.returncode, pulled.stderr) == (0, "")
    assert pulled.stdout == "someone/dance: use it as -s dance\n"
    for here, there in (("dance", "udnie"), ("dance.film", "udnie.film")):
        kept = (tmp_path / "styles" / f"{here}.safetensors").read_bytes()
        assert kept == shipped_paths()[there].read_bytes()


def test_a_style_that_is_there_is_replaced_only_when_asked(hub: Hub, tmp_path: Path) -> None:
    hub.files = {"someone/dance": {"style.safetensors": shipped_paths()["udnie"].read_bytes()}}
    there = tmp_path / "styles" / "dance.safetensors"
    there.parent.mkdir()
    there.write_bytes(shipped_paths()["great-wave"].read_bytes())

    refused = run(hub, tmp_path, "pull", "someone/dance")
    assert refused.returncode == 2 and "dance: is an own style already" in refused.stderr
    assert there.read_bytes() == shipped_paths()["great-wave"].read_bytes()

    assert run(hub, tmp_path, "pull", "someone/dance", "--overwrite").returncode == 0
    assert there.read_bytes() == shipped_paths()["udnie"].read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("pull someone/nothing", 1, "someone/nothing: is not on the Hub, or private"),
        ("pull someone/empty", 1, "someone/empty: holds no style.safetensors"),
        ("pull someone/empty --revision v9", 1, "someone/empty: has no such revision"),
        ("pull someone/bad", 1, "is not a fastst checkpoint"),
        ("pull someone/starry-night", 2, "is the name of a style that comes with fastst"),
        ("pull a/b/c", 2, "a/b/c: is not a name on the Hub; write it as user/style"),
        ("push udnie+great-wave someone/mix", 2, "a mix has no file of its own"),
        ("push nothing someone/nothing", 2, "nothing: no such style"),
    ],
)
def test_mistakes_are_one_line(hub: Hub, tmp_path: Path, arguments: str, code: int, said: str) -> None:
    hub.files = {"someone/empty": {}, "someone/bad": {"style.safetensors": b"no checkpoint"}}

    done = run(hub, tmp_path, *arguments.split())

    assert (done.returncode, done.stderr.count("\n")) == (code, 1), done.stderr
    assert said in done.stderr
    assert not (tmp_path / "styles").exists()


def test_a_token_that_may_not_write_is_told(hub: Hub, tmp_path: Path) -> None:
    done = run(hub, tmp_path, "push", "udnie", "someone/dance", token="hf_wrong")

    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert "log in with `hf auth login`" in done.stderr


def test_a_hub_that_is_not_there_is_told(hub: Hub, tmp_path: Path) -> None:
    hub.shutdown()
    hub.server_close()

    done = run(hub, tmp_path, "pull", "someone/dance")

    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert "the Hub cannot be reached" in done.stderr
