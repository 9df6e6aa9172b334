import pytest
import torch

from fastst.loss_network.alexnet import AlexNetFeatures
from fastst.loss_network.convolutions import tensor_shapes


@pytest.fixture(scope="module")
def weights():
    generator = torch.Generator().manual_seed(7)
    return {
        name: 0.05 * torch.randn(shape, generator=generator)
        for name, shape in tensor_shapes("alexnet").items()
    }


def test_same_as_torchvision(weights):
    from fastst.loss_network.torchvision_import import torchvision

    theirs = torchvision.models.alexnet(weights=None).features.eval()
    theirs.load_state_dict({name.removeprefix("features."): tensor for name, tensor in weights.items()})
    images = torch.rand(2, 3, 95, 70, generator=torch.Generator().manual_seed(1))
    maps = torchvision.transforms.functional.normalize(images, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    expected = []
    with torch.no_grad():
        for layer in theirs:
            maps = layer(maps)
            if isinstance(layer, torch.nn.ReLU):
                # The next layers overwrite nothing, yet the rectifiers work in place.
                expected.append(maps.clone())

    found = AlexNetFeatures(weights)(images)

    assert list(found) == ["relu1", "relu2", "relu3", "relu4", "relu5"]
    for ours, reference in zip(found.values(), expected, strict=True):
        torch.testing.assert_close(ours, reference)


def test_frozen_but_differentiable(weights):
    network = AlexNetFeatures(weights)
    image = torch.full((1, 3, 64, 64), 0.5, requires_grad=True)
    network(image)["relu5"].sum().backward()
    assert image.grad is not None and image.grad.abs().sum() > 0
    assert all(not parameter.requires_grad for parameter in network.parameters())


def test_missing_layer_is_named(weights):
    with pytest.raises(KeyError, match=r"features\.8\.bias"):
        AlexNetFeatures({name: tensor for name, tensor in weights.items() if name != "features.8.bias"})
