import pytest
import torch

from background_remover.errors import ModelError, OptionError
from background_remover.train.networks.unet import UNet

# torchvision's `vgg13().features`: (place, channels in, channels out)
VGG13 = (
    (0, 3, 64),
    (2, 64, 64),
    (5, 64, 128),
    (7, 128, 128),
    (10, 128, 256),
    (12, 256, 256),
    (15, 256, 512),
    (17, 512, 512),
    (20, 512, 512),
    (22, 512, 512),
)


@pytest.fixture(scope="module")
def unet() -> UNet:
    return UNet().eval()


@pytest.fixture
def vgg13() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    state = {"classifier.0.bias": torch.zeros(4096)}  # what comes after the convolutions is of no use here
    for place, channels_in, channels_out in VGG13:
        state[f"features.{place}.weight"] = torch.randn(channels_out, channels_in, 3, 3)
        state[f"features.{place}.bias"] = torch.randn(channels_out)
    return state


@torch.no_grad()
@pytest.mark.parametrize("size", [(32, 32), (96, 128), (128, 128), (256, 320)])
def test_the_same_weights_run_at_any_multiple_of_32(unet, size):
    logits = unet(torch.rand(1, 3, *size))
    assert logits.shape == (1, 1, *size)
    assert logits.isfinite().all()


@torch.no_grad()
@pytest.mark.parametrize("size", [(33, 32), (32, 48), (100, 100), (1, 1)])
def test_another_size_is_refused(unet, size):
    with pytest.raises(OptionError, match=f"^a size of {size[0]}x{size[1]}; give sides that are multiples of 32"):
        unet(torch.rand(1, 3, *size))


@torch.no_grad()
def test_a_sample_does_not_see_its_neighbours_in_the_batch(unet):
    images = torch.rand(2, 3, 32, 64)
    torch.testing.assert_close(unet(images)[1:], unet(images[1:]), rtol=0, atol=1e-5)


@torch.no_grad()
def test_the_answer_has_the_orientation_of_the_picture(unet):
    """A far corner of the picture moves its own corner of the answer more than the other corners."""
    dark, lit = torch.zeros(1, 3, 128, 160), torch.zeros(1, 3, 128, 160)
    lit[..., :32, 128:] = 1
    change = (unet(lit) - unet(dark)).abs()[0, 0]
    corners = {"own": change[:32, 128:], "left": change[:32, :32], "below": change[96:, 128:]}
    means = {name: corner.mean() for name, corner in corners.items()}
    assert max(means, key=means.get) == "own"


def test_dropout_is_the_share_of_zeros(unet):
    layer = UNet(dropout=0.25).down[0].dropout
    zeros = (layer.train()(torch.ones(100_000)) == 0).float().mean()
    assert zeros == pytest.approx(0.25, abs=0.01)
    assert unet.down[0].dropout(torch.ones(100)).min() == 1


def test_vgg13_fills_the_ten_convolutions_of_the_way_down(vgg13):
    unet = UNet()
    unet.load_vgg13(vgg13)
    convolutions = [level.convolutions[place] for level in unet.down for place in (0, 2)]
    for layer, (place, _, _) in zip(convolutions, VGG13, strict=True):
        assert torch.equal(layer.weight, vgg13[f"features.{place}.weight"])
        assert torch.equal(layer.bias, vgg13[f"features.{place}.bias"])


@pytest.mark.parametrize("name", ["features.0.weight", "features.15.bias"])
def test_another_state_dict_is_refused(vgg13, name):
    unet = UNet()
    with pytest.raises(ModelError, match=f"not a VGG-13 state dict: {name} "):
        unet.load_vgg13({key: value for key, value in vgg13.items() if key != name})
    with pytest.raises(ModelError, match=f"not a VGG-13 state dict: {name} "):
        unet.load_vgg13(vgg13 | {name: torch.zeros(1)})


@torch.no_grad()
def test_settled_convolutions_say_through_their_normalisations_what_they_said_without(vgg13):
    """The interior of what comes out of every convolution is VGG-13's, but for a scale and a shift of each channel."""
    plain, settled = UNet(), UNet()
    plain.load_vgg13(vgg13)
    settled.load_vgg13(vgg13)
    images = torch.randn(4, 3, 64, 64)
    settled.settle(images)
    x, y = images, images
    for level, (theirs, ours) in enumerate(zip(plain.down[:2], settled.eval().down[:2], strict=True)):
        layers = list(theirs.convolutions)
        x, y = layers[2](layers[0](x)), ours.convolutions(y)
        inside = slice(6 + level, -6 - level)  # of what the padded border doesn't reach
        a, b = (z[..., inside, inside].transpose(0, 1).flatten(1) for z in (x, y))
        heard = a.std(1) > 0.1 * a.std()
        assert heard.float().mean() > 0.2
        likeness = torch.stack(
            [torch.corrcoef(torch.stack(pair))[0, 1] for pair in zip(a[heard], b[heard], strict=True)]
        )
        assert likeness.min() > 0.999
        x, y = theirs.pool(x), ours.pool(y)


@torch.no_grad()
def test_settled_channels_all_say_something(vgg13):
    vgg13["features.5.bias"] = vgg13["features.5.bias"] - 100  # silent everywhere
    unet = UNet()
    unet.load_vgg13(vgg13)
    images = torch.randn(4, 3, 64, 64)
    unet.settle(images)
    x = images
    for level in unet.eval().down:
        said = level.convolutions(x)
        assert torch.allclose(said.mean((0, 2, 3)), torch.zeros(said.shape[1]), atol=1e-3)
        assert torch.allclose(said.std((0, 2, 3)), torch.ones(said.shape[1]), atol=0.05)
        x = level.pool(said)
