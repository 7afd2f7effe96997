"""The initial weights of a run: random ones, those of a VGG-13, or a model file's; and the network of a model file."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from background_remover.errors import ModelError, OptionError
from background_remover.segmentation.network import Network
from background_remover.train.checkpoint import State, build
from background_remover.train.config import RECIPES, Recipe
from background_remover.train.data import augment
from background_remover.train.data.dataset import Bank
from background_remover.train.export import Contract, read
from background_remover.train.networks.batch_norm import statistics
from background_remover.train.networks.clicks import GUIDANCE
from background_remover.train.networks.imagenet import DEVIATION, MEAN, normalise
from background_remover.train.networks.lite import LiteUNet, load_pretrained, pretrained
from background_remover.train.networks.unet import UNet

_PREFIX = "module."  # `export.Contract` holds the network by this name
_CLOSE = 1e-4  # of an alpha: how far a rebuilt network may be from its file
_SAMPLES = 64  # enough to estimate a channel's mean and variance


def fresh(recipe: Recipe) -> State:
    """Return the weights a run begins with: those of ImageNet in a pretrained encoder, fresh ones elsewhere."""
    torch.manual_seed(recipe.seed)
    module = build(recipe)
    if isinstance(module, LiteUNet):
        load_pretrained(module.encoder, pretrained(module.variant), MEAN, DEVIATION)
    return module.state_dict()


def from_model(recipe: Recipe, path: Path, bank: Bank) -> State:
    """Return the weights of a model file for a run of this recipe on these pictures; see `load`."""
    torch.manual_seed(recipe.seed)
    module = build(recipe)
    load(module, path, _images(recipe, bank))
    return module.state_dict()


def from_vgg13(recipe: Recipe, path: Path, bank: Bank) -> State:
    """Return the weights of a VGG-13 state dict in the encoder of the U-Net, fresh ones elsewhere; see `UNet.settle`.

    Raises `OptionError` where the recipe's network is another, and `ModelError` where the file is.
    """
    torch.manual_seed(recipe.seed)
    module = build(recipe)
    if not isinstance(module, UNet):
        raise OptionError(f"the recipe {recipe.name!r} has no VGG-13 on its way down")
    try:
        weights = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # at damaged bytes torch raises whatever its unpickler runs into
        raise ModelError(f"{path}: not a readable state dict") from error
    module.load_vgg13(weights)
    module.settle(_images(recipe, bank))
    return module.state_dict()


def _images(recipe: Recipe, bank: Bank) -> Tensor:
    """Return normalised samples, (B, 3, H, W), to estimate the mean and the variance of every channel."""
    size = recipe.stages[-1].size
    return normalise(augment.draw(bank, _SAMPLES, (size, size), recipe.augmentation).images.cpu())


def load(module: nn.Module, path: Path, images: Tensor) -> None:
    """Load the weights of a model file into the network it was exported from, or into that with prompts beside it.

    What takes in the prompts stays as it is where the file has nothing of the kind. The exporter folds a batch
    normalisation into the convolution before it where it can. Such a normalisation is created again, and set to leave
    `images` just as they are, (B, 3, H, W) normalised; any representative batch will do. Raises `ModelError` where the
    file is of another network.
    """
    graph = read(path).graph
    weights = _weights(graph)
    folded = _folded(module, weights)
    state = {name: tensor for name, tensor in module.state_dict().items() if name.rpartition(".")[0] not in folded}
    if not any(name.startswith(GUIDANCE) for name in weights):
        state = {name: tensor for name, tensor in state.items() if not name.startswith(GUIDANCE)}
    for name, tensor in state.items():
        if name.endswith("num_batches_tracked"):
            continue
        if name not in weights or weights[name].shape != tensor.shape:
            raise ModelError(f"{path}: not of this recipe's network, its {name} of {tuple(tensor.shape)} is missing")
        tensor.copy_(weights[name])
    biases = _biases(graph, weights)
    own = {before for before in folded.values() if module.get_submodule(before).bias is not None}  # loaded already
    left = {name: None if before in own else biases.get(before) for name, before in folded.items()}
    normalisations = {name: layer for name, layer in module.named_modules() if isinstance(layer, nn.BatchNorm2d)}
    unfold(module, {normalisations[name]: bias for name, bias in left.items()}, images)


def rebuild(path: Path) -> Contract:
    """Return the network of a model file in PyTorch, with the file's weights; its answers are the file's.

    Raises `ModelError` where the file is of no network that is trained here.
    """
    file = Network(path)
    side = 2 * file.card.multiple
    images = np.random.default_rng(0).integers(0, 256, (1, side, side, 3), dtype=np.uint8)
    wanted = torch.from_numpy(file.predict(images))
    recipes = {recipe.module: recipe for recipe in RECIPES.values()}
    for recipe in recipes.values():
        module = build(recipe).eval()
        try:
            load(module, path, torch.zeros(1, 3, side, side))
        except ModelError:  # another network's
            continue
        for mirror in (False, True):
            contract = Contract(module, mirror).eval()
            with torch.no_grad():
                if torch.allclose(contract(torch.from_numpy(images)), wanted, atol=_CLOSE):
                    return contract
    raise ModelError(f"{path}: no network that is trained here, known: {', '.join(recipes)}")


@torch.no_grad()
def unfold(module: nn.Module, biases: dict[nn.BatchNorm2d, Tensor | None], images: Tensor) -> None:
    """Set each of these normalisations so that, on these images, it does nothing but add its bias.

    In the order in which they run, each takes the mean and the variance of what reaches it as its own.
    """

    def settle(layer: nn.BatchNorm2d, inputs: Sequence[Tensor]) -> None:
        bias = biases[layer]
        variance, mean = torch.var_mean(inputs[0].float(), dim=(0, 2, 3), correction=0)
        running_mean, running_variance = statistics(layer)
        running_mean.copy_(mean)
        running_variance.copy_(variance)
        layer.weight.copy_((variance + layer.eps).sqrt())
        layer.bias.copy_(mean if bias is None else mean + bias)

    hooks = [layer.register_forward_pre_hook(settle) for layer in biases]
    training = module.training
    try:
        module.eval()(images)
    finally:
        module.train(training)
        for hook in hooks:
            hook.remove()


def _weights(graph: onnx.GraphProto) -> State:
    """Return every weight by its name in the network."""
    return {
        weight.name.removeprefix(_PREFIX): torch.tensor(numpy_helper.to_array(weight)) for weight in graph.initializer
    }


def _biases(graph: onnx.GraphProto, weights: State) -> State:
    """Return the bias of every convolution that has one in the file, by the convolution's name."""
    convolutions = [node for node in graph.node if node.op_type == "Conv" and len(node.input) == 3]
    return {
        node.input[1].removeprefix(_PREFIX).removesuffix(".weight"): weights[node.input[2].removeprefix(_PREFIX)]
        for node in convolutions
    }


def _folded(module: nn.Module, weights: State) -> dict[str, str]:
    """Return the normalisations that the file lacks: each one's name, and that of the convolution before it."""
    folded: dict[str, str] = {}
    before = ""
    for name, layer in module.named_modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            before = name
        elif isinstance(layer, nn.BatchNorm2d) and f"{name}.running_var" not in weights:
            folded[name] = before
    return folded
