import pytest
import torch

from background_remover.segmentation.network import PROMPT_PLANES
from background_remover.train.networks.clicks import GUIDANCE, PLANES, ClickUNet
from background_remover.train.networks.lite import LiteUNet


@pytest.fixture
def network() -> ClickUNet:
    torch.manual_seed(0)
    return ClickUNet("lite0").eval()


def stirred(network: ClickUNet) -> ClickUNet:
    """The network with guidance that does something, as after training."""
    for level in network.guidance.levels:
        torch.nn.init.normal_(level.weight, std=0.1)
    return network


def inputs(height: int = 64, width: int = 96) -> torch.Tensor:
    torch.manual_seed(1)
    return torch.cat([torch.randn(2, 3, height, width), torch.rand(2, PLANES, height, width)], dim=1)


def test_it_begins_as_the_network_without_prompts(network):
    plain = LiteUNet("lite0").eval()
    plain.load_state_dict({name: t for name, t in network.state_dict().items() if not name.startswith(GUIDANCE)})
    with torch.no_grad():
        assert torch.equal(network(inputs()), plain(inputs()[:, :3]))


def test_planes_of_zeros_are_no_prompt_however_long_it_has_learnt(network):
    blank = inputs()
    blank[:, 3:] = 0
    with torch.no_grad():
        assert torch.equal(stirred(network)(blank), network(blank[:, :3]))
        assert not torch.equal(network(inputs()), network(inputs()[:, :3]))


@pytest.mark.parametrize("size", [(32, 32), (96, 128)])
def test_any_multiple_of_32_gives_a_logit_a_pixel(network, size):
    with torch.no_grad():
        assert network(inputs(*size)).shape == (2, 1, *size)


def test_it_learns_from_the_first_step_on(network):
    network.train()(inputs()).sum().backward()
    assert all(level.weight.grad.abs().max() > 0 for level in network.guidance.levels)


def test_a_click_tells_far_away(network):
    """The deepest features hold it, and all that is made of them."""
    stirred(network)
    clicked = inputs(256, 256)
    clicked[:, 3:] = 0
    plain = clicked.clone()
    clicked[:, 3, 10:16, 10:16] = 1
    with torch.no_grad():
        assert (network(clicked) - network(plain))[..., -32:, -32:].abs().max() > 0


def test_it_takes_what_the_contract_of_a_model_file_says():
    assert PLANES == PROMPT_PLANES
