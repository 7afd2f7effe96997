"""The U-Net of `lite` with prompts beside the picture: planes of clicks, of a box and of the answer before."""

from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the customary name

from background_remover.train.networks.lite import LiteUNet

PLANES = 4  # discs of the clicks on the subject, those of the clicks beside it, the box, the answer before
GUIDANCE = "guidance."  # what the names of the weights that `LiteUNet` lacks begin with
_WIDTHS = 16, 32  # channels of the guidance at 1/2 and at 1/4 of the picture's size
_GAIN = 8.0  # of the last convolutions' output: so much faster do they learn than weights that have learnt already


class Guidance(nn.Module):
    """Planes of prompts -> what is added to an encoder's features at 1/4, 1/8, ...

    The last convolution of each level begins with zeros, so a network that gets this is at first what it was. Nothing
    here has a bias: planes of zeros, which are no prompts, add nothing, however long it has learnt.
    """

    def __init__(self, channels: tuple[int, ...]) -> None:
        """`channels` are those of the features, from 1/4 on."""
        super().__init__()
        self.embed = nn.Sequential(
            nn.Conv2d(PLANES, _WIDTHS[0], 3, stride=2, padding=1, bias=False),
            nn.ReLU(inplace=True),
            nn.Conv2d(_WIDTHS[0], _WIDTHS[1], 3, stride=2, padding=1, bias=False),
            nn.ReLU(inplace=True),
        )
        levels = [nn.Conv2d(_WIDTHS[1], count, 3, padding=1, bias=False) for count in channels]
        for level in levels:
            nn.init.zeros_(level.weight)
        self.levels = nn.ModuleList(levels)

    def forward(self, planes: Tensor) -> Mapping[int, Tensor]:
        """(B, 4, H, W) in [0, 1] -> by the encoder's level, 1 for 1/4, what is added there."""
        x = self.embed(planes)
        added = {}
        for number, level in enumerate(self.levels, 1):
            x = F.max_pool2d(x, 2) if number > 1 else x  # a mean would make a click fade
            added[number] = level(x) * _GAIN
        return added


class ClickUNet(LiteUNet):
    """Pictures and prompts in, the logit of the subject that is meant out, for every pixel.

    Interactive segmentation as in RITM (Sofiiuk et al. 2021, arXiv 2102.06583), whose planes these are; they come in at
    1/4 of the size and below, where the weights learn, and not beside the colours.
    """

    def __init__(self, variant: str = "lite2", frozen: int = 2) -> None:
        super().__init__(variant, frozen=frozen)
        self.guidance = Guidance(self.encoder.channels[1:])

    def _encode(self, x: Tensor) -> list[Tensor]:
        """Return the features of (B, 7, H, W), pictures and then planes, or of (B, 3, H, W), without a prompt."""
        images, planes = x[:, :3], x[:, 3:]
        return self._features(images, self.guidance(planes)) if planes.shape[1] else self._features(images)
