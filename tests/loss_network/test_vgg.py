import pytest
import torch
from torch import Tensor

from fastst.errors import FaststError, UsageError
from fastst.loss_network.torchvision_import import torchvision
from fastst.loss_network.vgg import IMAGENET_MEAN, IMAGENET_STD, LAYERS, LossNetwork

ALL = ("relu1_2", "relu2_2", "relu3_3", "relu4_3")


class TestLayers:
    def test_positions_are_torchvisions(self) -> None:
        assert (LAYERS["relu1_2"], LAYERS["relu2_2"], LAYERS["relu3_3"], LAYERS["relu4_3"]) == (3, 8, 15, 22)
        assert len(LAYERS) == 13


class TestLossNetwork:
    def test_equals_torchvisions_vgg(self, vgg_weights: dict[str, Tensor]) -> None:
        reference = torchvision.models.vgg16(weights=None).features[:23].eval()
        reference.load_state_dict(
            {name.removeprefix("features."): value for name, value in vgg_weights.items()}
        )
        image = torch.rand(2, 3, 32, 48)
        normalised = torchvision.transforms.functional.normalize(image, IMAGENET_MEAN, IMAGENET_STD)
        with torch.no_grad():
            found = LossNetwork(vgg_weights, ALL)(image, layers=ALL)
            for layer in ALL:
                expected = reference[: LAYERS[layer] + 1](normalised)
                torch.testing.assert_close(found[layer], expected, rtol=1e-3, atol=1e-4)

    def test_is_built_to_the_deepest_layer_and_no_further(self, vgg_weights: dict[str, Tensor]) -> None:
        network = LossNetwork(vgg_weights, ("relu2_2", "relu1_1"))
        assert len(network.features) == LAYERS["relu2_2"] + 1

    def test_runs_no_layer_past_the_one_asked_for(self, vgg_weights: dict[str, Tensor]) -> None:
        network = LossNetwork(vgg_weights, ALL)
        ran: list[int] = []
        for index, module in enumerate(network.features):
            module.register_forward_hook(lambda *_, index=index: ran.append(index))
        network(torch.rand(1, 3, 16, 16), layers=("relu3_3",))
        assert ran == list(range(LAYERS["relu3_3"] + 1))

    def test_is_frozen_but_passes_gradients_to_the_picture(self, vgg_weights: dict[str, Tensor]) -> None:
        network = LossNetwork(vgg_weights, ("relu2_1",))
        image = torch.rand(1, 3, 16, 16, requires_grad=True)
        network(image, layers=("relu2_1",))["relu2_1"].sum().backward()
        assert image.grad is not None and image.grad.abs().sum() > 0
        assert not any(parameter.requires_grad for parameter in network.parameters())

    def test_missing_weights_are_named(self, vgg_weights: dict[str, Tensor]) -> None:
        with pytest.raises(FaststError, match=r"features\.24\.weight"):
            LossNetwork(vgg_weights, ("relu5_1",))

    def test_unknown_layer(self, vgg_weights: dict[str, Tensor]) -> None:
        with pytest.raises(UsageError, match="conv3_3"):
            LossNetwork(vgg_weights, ("conv3_3",))
