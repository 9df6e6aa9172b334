import json
import pickle
import resource
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from fastst.errors import FaststError
from fastst.networks import build
from fastst.networks.checkpoint import load_checkpoint, save_checkpoint, weights_digest
from fastst.networks.header import FORMAT, Metadata, read_metadata

METADATA = Metadata(
    architecture="classic",
    options={"width": 4},
    title="Waves",
    painter="Nobody",
    steps=3,
    data="synthetic",
    training={"size": 64},
    fastst_version="0.1.0",
)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "waves.safetensors"
    save_checkpoint(path, build("classic", width=4), METADATA)
    return path


class TestRoundTrip:
    def test_header_and_pictures_survive(self, tmp_path: Path) -> None:
        network, image = build("classic", width=4).eval(), torch.rand(1, 3, 32, 32)
        path = tmp_path / "style.safetensors"
        save_checkpoint(path, network, METADATA)
        loaded = load_checkpoint(path)
        assert loaded.metadata.model_copy(update={"weights_digest": ""}) == METADATA
        with torch.no_grad():
            # half precision may cost half a gray level
            torch.testing.assert_close(loaded.network(image), network(image), rtol=0, atol=0.5 / 255)

    def test_a_file_is_half_the_size_of_single_precision(self, saved: Path) -> None:
        parameters = sum(parameter.numel() for parameter in build("classic", width=4).parameters())
        assert 2 * parameters < saved.stat().st_size < 2 * parameters + 20_000

    def test_an_unknown_field_of_the_same_format_is_ignored(self, saved: Path) -> None:
        rewrite(saved, mood="calm")
        assert read_metadata(saved).title == "Waves"


class TestWeightsThatAreNoNumbers:
    @pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e5])
    def test_are_not_saved(self, tmp_path: Path, value: float) -> None:
        # 100,000 is more than half precision holds.
        network, path = build("classic", width=4), tmp_path / "style.safetensors"
        with torch.no_grad():
            next(network.parameters()).view(-1)[3] = value
        with pytest.raises(FaststError, match=r"not written.*finite"):
            save_checkpoint(path, network, METADATA)
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize("value", [float("nan"), float("inf")])
    def test_are_not_loaded(self, saved: Path, value: float) -> None:
        weights, metadata = load_file(saved), read_metadata(saved)
        next(iter(weights.values())).view(-1)[0] = value
        metadata = metadata.model_copy(update={"weights_digest": weights_digest(weights)})
        save_file(weights, saved, metadata={"fastst": metadata.model_dump_json()})
        with pytest.raises(FaststError, match="not finite"):
            load_checkpoint(saved)


def rewrite(path: Path, **fields: object) -> None:
    """Change the header and leave the weights."""
    header = json.loads(read_metadata(path).model_dump_json()) | fields
    save_file(load_file(path), path, metadata={"fastst": json.dumps(header)})


class TestWhatIsNoCheckpoint:
    def refused(self, path: Path) -> str:
        with pytest.raises(FaststError) as caught:
            load_checkpoint(path)
        message = str(caught.value)
        assert str(path) in message and "\n" not in message
        return message

    def test_a_photo(self, tmp_path: Path) -> None:
        path = tmp_path / "photo.jpg"
        Image.new("RGB", (8, 8)).save(path)
        assert "JPEG" in self.refused(path)

    def test_a_web_page(self, tmp_path: Path) -> None:
        path = tmp_path / "style.safetensors"
        path.write_text("\n<!DOCTYPE html><html>Not found</html>")
        assert "web page" in self.refused(path)

    def test_a_pth(self, tmp_path: Path) -> None:
        path = tmp_path / "style.pth"
        torch.save({"a": torch.zeros(2)}, path)
        assert ".pth" in self.refused(path)

    def test_a_pickle_is_not_run(self, tmp_path: Path) -> None:
        path, witness = tmp_path / "style.safetensors", tmp_path / "ran"

        class Payload:
            def __reduce__(self) -> tuple[object, ...]:
                return (Path.touch, (witness,))

        path.write_bytes(pickle.dumps(Payload()))
        self.refused(path)
        assert not witness.exists()

    def test_missing_folder_and_empty(self, tmp_path: Path) -> None:
        empty = tmp_path / "empty.safetensors"
        empty.touch()
        assert "no such checkpoint" in self.refused(tmp_path / "none.safetensors")
        assert "folder" in self.refused(tmp_path)
        assert "empty" in self.refused(empty)

    @pytest.mark.parametrize("share", [0.01, 0.5, 0.999])
    def test_cut_short(self, saved: Path, share: float) -> None:
        data = saved.read_bytes()
        saved.write_bytes(data[: int(share * len(data))])
        assert "cut short" in self.refused(saved)

    def test_one_changed_bit(self, saved: Path) -> None:
        data = bytearray(saved.read_bytes())
        data[-5] ^= 1
        saved.write_bytes(data)
        assert "damaged" in self.refused(saved)

    def test_weights_of_something_else(self, tmp_path: Path) -> None:
        path = tmp_path / "bert.safetensors"
        save_file({"a": torch.zeros(2)}, path)
        assert "no fastst header" in self.refused(path)

    def test_a_newer_format(self, saved: Path) -> None:
        rewrite(saved, format=FORMAT + 1)
        assert "upgrade" in self.refused(saved)

    def test_weights_that_do_not_fit(self, saved: Path) -> None:
        rewrite(saved, options={"width": 5})
        assert "do not fit" in self.refused(saved)

    @pytest.mark.parametrize("architecture", ["classic", "swift", "brush"])
    def test_a_width_that_the_file_does_not_hold_takes_no_memory(
        self, saved: Path, architecture: str
    ) -> None:
        rewrite(saved, architecture=architecture, options={"width": 1024})
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert "do not fit" in self.refused(saved)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 2**10

    def test_an_architecture_that_is_not_there(self, saved: Path) -> None:
        rewrite(saved, architecture="quantum")
        assert "quantum" in self.refused(saved)

    def test_a_damaged_header(self, saved: Path) -> None:
        save_file(load_file(saved), saved, metadata={"fastst": "{"})
        assert "header is damaged" in self.refused(saved)
