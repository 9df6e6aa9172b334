from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import fastst
from fastst.errors import UsageError
from fastst.images.tensors import read_tensor
from fastst.loss_network import load_loss_network
from fastst.losses.objective import Objective
from fastst.losses.settings import ObjectiveSettings
from fastst.networks.checkpoint import load_checkpoint, save_checkpoint
from fastst.networks.header import Metadata
from fastst.networks.lineage import FROM_NOTHING, lineage
from fastst.networks.mix_notation import Part, parse_mix
from fastst.networks.registry import build
from fastst.networks.styles import load_style, style_label

SMALL = {"width": 4, "half": 4, "blocks": 1}
NAMES = st.lists(st.text("abcdefghij-_/.", min_size=1, max_size=8), min_size=2, max_size=5, unique=True)


def header(*, architecture: str = "brush", **training: object) -> Metadata:
    return Metadata(
        architecture=architecture,
        options=SMALL,
        title="Waves",
        painter="A",
        steps=1,
        data="synthetic",
        training=training,
        fastst_version="0",
    )


def constant_style(path: Path, value: float, *, architecture: str = "brush", **training: object) -> Path:
    """Write a network all of whose weights and buffers are one value."""
    network = build(architecture, **SMALL)
    weights = {name: torch.full_like(tensor, value) for name, tensor in network.state_dict().items()}
    network.load_state_dict(weights)
    save_checkpoint(path, network, header(architecture=architecture, **training))
    return path


class TestParse:
    def test_weights_become_shares_and_none_is_1(self) -> None:
        assert parse_mix("a:3+b") == [Part("a", 0.75), Part("b", 0.25)]
        assert parse_mix("a + b/c.safetensors:1 + d:2") == [
            Part("a", 0.25),
            Part("b/c.safetensors", 0.25),
            Part("d", 0.5),
        ]

    def test_a_colon_before_no_number_belongs_to_the_name(self) -> None:
        assert parse_mix("C:/a.safetensors+b:1") == [Part("C:/a.safetensors", 0.5), Part("b", 0.5)]

    @given(NAMES, st.data())
    def test_shares_add_up_to_1_in_the_proportion_of_the_weights(
        self, names: list[str], data: st.DataObject
    ) -> None:
        weights = [data.draw(st.floats(0.01, 100)) for _ in names]
        written = "+".join(f"{name}:{weight!r}" for name, weight in zip(names, weights, strict=True))
        parts = parse_mix(written)
        assert [part.name for part in parts] == names
        assert sum(part.share for part in parts) == pytest.approx(1)
        for part, weight in zip(parts, weights, strict=True):
            assert part.share * weights[0] == pytest.approx(parts[0].share * weight)

    @pytest.mark.parametrize(
        ("written", "said"),
        [
            ("a+", "a part of the mix is empty"),
            ("+", "a part of the mix is empty"),
            (":1+a", "a part of the mix is empty"),
            ("a:0.5", "a weight is for a mix"),
            ("a:1+a:2", "names a twice"),
            ("a:-1+b:2", "the weight of a is -1"),
            ("a:nan+b", "the weight of a is nan"),
            ("a:inf+b", "the weight of a is inf"),
            ("a:0+b:0", "add up to 0"),
        ],
    )
    def test_what_is_no_mix(self, written: str, said: str) -> None:
        with pytest.raises(UsageError, match=said):
            parse_mix(written)

    def test_labels(self) -> None:
        assert style_label("some/where/waves.safetensors") == "waves"
        assert style_label("starry-night.film") == "starry-night.film"
        assert style_label("starry-night:3+some/waves.safetensors") == "starry-night:0.75+waves:0.25"


class TestMean:
    def test_of_every_weight_and_buffer(self, tmp_path: Path) -> None:
        one = constant_style(tmp_path / "one.safetensors", 1.0, init="base")
        five = constant_style(tmp_path / "five.safetensors", 5.0, init="base")
        mixed = load_style(f"{one}:3+{five}")
        state = mixed.network.state_dict()
        assert {"recolor.mean", "recolor.root", "network.gather.convolution.weight"} <= set(state)
        assert all(torch.equal(tensor, torch.full_like(tensor, 2.0)) for tensor in state.values())
        assert mixed.metadata.title == "Waves 75% + Waves 25%" and mixed.metadata.painter == "A"
        assert not mixed.network.training

    def test_a_share_of_1_is_the_style_itself(self, tmp_path: Path) -> None:
        one = constant_style(tmp_path / "one.safetensors", 0.3, init="base")
        two = constant_style(tmp_path / "two.safetensors", -0.7, init="base")
        alone, mixed = load_style(str(one)), load_style(f"{one}:2+{two}:0")
        for name, tensor in alone.network.state_dict().items():
            assert torch.equal(tensor, mixed.network.state_dict()[name])

    def test_a_file_of_that_name_is_no_mix(self, tmp_path: Path) -> None:
        file = constant_style(tmp_path / "a+b:1", 0.5)
        assert load_style(str(file)).metadata.title == "Waves"


class TestRefusals:
    def refused(self, mix: str) -> str:
        with pytest.raises(UsageError) as caught:
            load_style(mix)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    def test_unlike_architectures(self, tmp_path: Path) -> None:
        brush = constant_style(tmp_path / "brush.safetensors", 1.0, init="base")
        swift = constant_style(tmp_path / "swift.safetensors", 1.0, architecture="swift", init="base")
        assert "one is a brush, the other a swift" in self.refused(f"{brush}+{swift}")

    def test_unlike_options(self, tmp_path: Path) -> None:
        brush = constant_style(tmp_path / "brush.safetensors", 1.0, init="base")
        wide = tmp_path / "wide.safetensors"
        options = {**SMALL, "width": 8}
        save_checkpoint(
            wide, build("brush", **options), header(init="base").model_copy(update={"options": options})
        )
        assert "'width': 4" in self.refused(f"{brush}+{wide}")

    def test_unlike_lineages(self, tmp_path: Path) -> None:
        one = constant_style(tmp_path / "one.safetensors", 1.0, init=FROM_NOTHING)
        two = constant_style(tmp_path / "two.safetensors", 2.0, init=FROM_NOTHING)
        told = self.refused(f"{one}+{two}")
        assert "were not trained from one network" in told and "--init" in told

    def test_a_name_that_there_is_not(self) -> None:
        assert "no-such: no such style" in self.refused("starry-night+no-such")


class TestLineage:
    def test_a_style_trained_from_another_file_is_of_its_lineage(self, tmp_path: Path) -> None:
        mother = constant_style(tmp_path / "mother.safetensors", 1.0, init=FROM_NOTHING)
        child = constant_style(tmp_path / "child.safetensors", 3.0, init="mother.safetensors")
        state = load_style(f"{mother}+{child}").network.state_dict()
        assert torch.equal(state["recolor.mean"], torch.full((3,), 2.0))

    def test_is_followed_through_known_styles_to_the_gallery(self) -> None:
        known = {"base": header(gallery=["a", "b"]), "a": header(gallery=["a", "b"])}
        known["child"] = header(init="a")
        found = {lineage(header(init=name), known.get) for name in (*known, "child")}
        assert found == {("gallery", "a", "b")}
        assert lineage(header(gallery=["a", "c"]), known.get) not in found

    def test_a_style_trained_from_one_that_it_replaced_ends(self) -> None:
        again = header(init="again")
        assert lineage(again, {"again": again}.get) == ("file", "again")

    def test_the_shipped_styles_are_of_one_and_so_is_what_starts_from_their_base(
        self, tmp_path: Path
    ) -> None:
        base = load_style("base")
        own = tmp_path / "own.safetensors"
        save_checkpoint(own, base.network, base.metadata.model_copy(update={"training": {"init": "base"}}))
        mixed = load_style(f"starry-night+{own}", for_video=True)
        assert mixed.metadata.architecture == base.metadata.architecture


@pytest.mark.parametrize("pair", [("starry-night", "the-scream"), ("great-wave", "composition-vii")])
def test_along_five_steps_the_picture_goes_from_one_style_to_the_other(
    pair: tuple[str, str], photo: Path, vgg_file: Path
) -> None:
    settings = ObjectiveSettings()
    loss_network = load_loss_network(settings.layers, path=vgg_file)
    image = read_tensor(photo, size=128)
    one, other = pair
    steps = [f"{one}:{4 - step}+{other}:{step}" for step in range(5)]
    painted = [fastst.load(step, device="cpu")(image[0])[None] for step in steps]
    for target, order in ((painted[0], 1), (painted[-1], -1)):
        objective = Objective(loss_network, target, settings)
        with torch.no_grad():
            errors = [float(objective(picture, objective.target(image)).style) for picture in painted]
        assert errors[::order] == sorted(errors)


def test_film_takes_the_mean_of_the_networks_for_film() -> None:
    pair = [load_style(f"{name}.film").network.state_dict() for name in ("starry-night", "the-scream")]
    mixed = load_style("starry-night+the-scream", for_video=True).network.state_dict()
    for name, tensor in mixed.items():
        torch.testing.assert_close(tensor, (pair[0][name] + pair[1][name]) / 2)


def test_a_mix_can_be_saved_and_loaded(tmp_path: Path) -> None:
    mixed = load_style("starry-night:0.6+the-scream:0.4")
    save_checkpoint(tmp_path / "between.safetensors", mixed.network, mixed.metadata)
    again = load_checkpoint(tmp_path / "between.safetensors")
    assert again.metadata.training["mix"] == {
        "starry-night": pytest.approx(0.6),
        "the-scream": pytest.approx(0.4),
    }
    assert load_style(f"{tmp_path / 'between.safetensors'}+great-wave").metadata.title.startswith(
        "The Starry"
    )
