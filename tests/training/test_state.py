import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from fastst.errors import FaststError, UsageError
from fastst.networks import build
from fastst.networks.header import Metadata
from fastst.training.header import checkpoint_header
from fastst.training.muon import Muon, split_kernels
from fastst.training.recipe import gather_settings
from fastst.training.state import (
    Progress,
    load_state,
    save_state,
    saved_step,
    state_digest,
)


def header(**given: Any) -> Metadata:
    paths = {"painting": Path("/home/me/olive_trees-2.jpg"), "output": Path("/home/me/a.safetensors")}
    return checkpoint_header(
        gather_settings(None, given={**paths, **given}),
        architecture="swift",
        options={"width": 4},
        steps=5,
        pictures=20,
        strength=0.5,
        contrast_gain=1.1,
    )


def test_a_title_of_its_own_wins_over_the_files_name() -> None:
    assert header().title == "Olive Trees 2"
    assert header(title="Olives").title == "Olives"


def test_no_path_is_kept() -> None:
    kept = header(style_mask=Path("/home/me/mask.png"), data="/home/me/coco", init="/home/me/b.safetensors")
    assert "/home/me" not in kept.model_dump_json()
    recorded = [kept.training[name] for name in ("painting", "style_mask", "data", "init")]
    assert recorded == ["olive_trees-2.jpg", "mask.png", "coco", "b.safetensors"]
    assert (kept.data, kept.steps, kept.training["pictures"]) == ("coco", 5, 20)


@pytest.mark.parametrize(("given", "init"), [({}, "base"), ({"architecture": "classic"}, "nothing")])
def test_where_it_began(given: dict[str, Any], init: str) -> None:
    assert header(**given).training["init"] == init


SETTINGS = gather_settings(
    None, given={"painting": "a.png", "output": "a.safetensors", "steps": 5, "init": "nothing"}
).what_decides_the_result()


def trained(seed: int = 0) -> dict[str, Any]:
    """A network after two steps, with its average and optimizers, as ``save_state`` takes them."""
    torch.manual_seed(seed)
    network = build("swift", width=4)
    kernels, others = split_kernels(network)
    optimizers = {"muon": Muon(kernels, lr=1e-3), "optimizer": torch.optim.Adam(others, lr=1e-3)}
    for _ in range(2):
        network(torch.rand(1, 3, 32, 32)).sum().backward()
        for optimizer in optimizers.values():
            optimizer.step()
            optimizer.zero_grad()
    return {"network": network, "ema": copy.deepcopy(network), "optimizers": optimizers}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    path = tmp_path / "a.state.safetensors"
    save_state(path, **trained(), balance={}, progress=Progress(2, 1.5), settings=SETTINGS)
    return path


def rewrite(path: Path, change: Callable[[dict[str, str], dict[str, Tensor]], object]) -> None:
    """Change a state and give it the digest of what it then holds."""
    with safe_open(path, framework="pt") as file:
        header, tensors = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    change(header, tensors)
    save_file(tensors, path, metadata={**header, "digest": state_digest(header, tensors)})


def first(tensors: dict[str, Tensor], prefix: str) -> str:
    return next(name for name in sorted(tensors) if name.startswith(prefix))


def weights(network: nn.Module) -> list[float]:
    return torch.cat([each.detach().flatten() for each in network.parameters()]).tolist()


class TestState:
    def test_everything_comes_back(self, state: Path) -> None:
        saved, other = trained(), trained(seed=1)
        assert load_state(state, **other, settings=SETTINGS) == (Progress(2, 1.5), {})
        assert weights(other["network"]) == weights(saved["network"])
        assert saved_step(state) == 2

    def refused(self, path: Path) -> str:
        other = trained(seed=1)
        before = weights(other["network"])
        with pytest.raises(FaststError) as caught:
            load_state(path, **other, settings=SETTINGS)
        assert weights(other["network"]) == before
        assert "\n" not in str(caught.value) and path.name in str(caught.value)
        return str(caught.value)

    def test_one_bit_anywhere(self, state: Path) -> None:
        data = state.read_bytes()
        for place in (*range(8, 1200, 97), *range(1200, len(data), len(data) // 40), len(data) - 1):
            changed = bytearray(data)
            changed[place] ^= 4
            state.write_bytes(changed)
            assert self.refused(state)

    def test_cut_short(self, state: Path) -> None:
        data = state.read_bytes()
        for share in (0.0, 0.01, 0.5, 0.999):
            state.write_bytes(data[: int(share * len(data))])
            assert "damaged" in self.refused(state)
            with pytest.raises(FaststError):
                saved_step(state)

    @pytest.mark.parametrize(
        "change",
        [
            lambda header, tensors: header.update(step="-1"),
            lambda header, tensors: header.update(step="6"),
            lambda header, tensors: header.update(step="two"),
            lambda header, tensors: header.update(seconds="nan"),
            lambda header, tensors: header.update(seconds="inf"),
            lambda header, tensors: header.update(seconds="-1"),
            lambda header, tensors: header.update(settings="[]"),
            lambda header, tensors: tensors[first(tensors, "network.")].fill_(float("nan")),
            lambda header, tensors: tensors[first(tensors, "average.")].fill_(float("inf")),
            lambda header, tensors: tensors[first(tensors, "muon.")].fill_(float("nan")),
            lambda header, tensors: tensors.pop(first(tensors, "network.")),
            lambda header, tensors: tensors.pop(first(tensors, "muon.")),
            lambda header, tensors: tensors.update({"muon.-1.momentum": torch.zeros(1)}),
            lambda header, tensors: tensors.update({"muon.99.momentum": torch.zeros(1)}),
            lambda header, tensors: tensors.update({"muon.0.momentum": torch.zeros(3)}),
            lambda header, tensors: tensors.update({"muon.0.momentum.more": torch.zeros(1)}),
        ],
    )
    def test_what_no_training_can_have_saved(
        self, state: Path, change: Callable[[dict[str, str], dict[str, Tensor]], object]
    ) -> None:
        rewrite(state, change)
        assert "damaged" in self.refused(state)

    def test_another_optimiser(self, state: Path) -> None:
        rewrite(state, lambda header, tensors: tensors.update({"lion.0.momentum": torch.zeros(1)}))
        assert "another optimizer (lion)" in self.refused(state)

    def test_no_digest(self, state: Path) -> None:
        with safe_open(state, framework="pt") as file:
            header, tensors = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        del header["digest"]
        save_file(tensors, state, metadata=header)
        assert "older fastst" in self.refused(state)

    def test_no_file(self, tmp_path: Path) -> None:
        folder, link = tmp_path / "folder.safetensors", tmp_path / "link.safetensors"
        folder.mkdir()
        link.symlink_to("gone")
        assert "is a folder, not a saved training" in self.refused(folder)
        assert "is a link to gone, which is not there" in self.refused(link)
        for path in (folder, link):
            with pytest.raises(FaststError):
                saved_step(path)
        assert saved_step(tmp_path / "none.safetensors") == 0
        with pytest.raises(UsageError, match="no training to resume"):
            load_state(tmp_path / "none.safetensors", **trained(), settings=SETTINGS)
