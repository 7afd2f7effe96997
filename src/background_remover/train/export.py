"""Export of a network as a model file, refused where the two give different alphas."""

import logging
import subprocess
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn

from background_remover.errors import ModelError
from background_remover.imaging.atomic import check_place, whole
from background_remover.segmentation.checksum import CHECKSUM, stamped
from background_remover.segmentation.network import INPUT, OUTPUT, PROMPT_PLANES, PROMPTS, Card, Network
from background_remover.segmentation.traces import remove_traces
from background_remover.train.checkpoint import Checkpoint, load_module
from background_remover.train.networks.clicks import ClickUNet
from background_remover.train.networks.imagenet import normalise

Storage = Literal["fp32", "fp16", "int8"]
OPSET = 18
TOLERANCE: dict[str, float] = {"fp32": 1e-4, "fp16": 0.02, "int8": 0.1}  # of an alpha, on noise
Answer = Callable[..., NDArray[np.float32]]  # pictures (N, H, W, 3), and prompts (N, H, W, 4) -> alphas (N, H, W)
_SMALL, _SCALE, _FLOAT = ".small", ".scale", ".float"  # what a weight that `shrink` stored is followed by in its names
_WORTH_SHRINKING = 4096  # numbers; smaller initialisers (biases, normalisations) stay as they are


class Contract(nn.Module):
    """A network of logits behind the contract of a model file; `mirror` is as in `export_module`."""

    def __init__(self, module: nn.Module, mirror: bool = False) -> None:
        super().__init__()
        self.module = module
        self.mirror = mirror

    def forward(self, image: Tensor, prompts: Tensor | None = None) -> Tensor:
        """(N, H, W, 3) uint8 sRGB, and (N, H, W, 4) uint8 where there are prompts -> (N, H, W) float32 in [0, 1]."""
        layers = [layer.permute(0, 3, 1, 2).float() / 255 for layer in (image, prompts) if layer is not None]
        if self.mirror:
            layers = [torch.cat([layer, layer.flip(3)]) for layer in layers]
        images, *planes = layers
        inputs = torch.cat([normalise(images), *planes], dim=1) if planes else normalise(images)
        alphas = torch.sigmoid(self.module(inputs))[:, 0]
        if not self.mirror:
            return alphas
        count = image.shape[0]
        return (alphas[:count] + alphas[count:].flip(2)) / 2


@dataclass(frozen=True)
class About:
    """The part of a model file's card that isn't in the checkpoint."""

    name: str
    version: str
    license: str
    data: str


def export(
    checkpoint: Path,
    out: Path,
    about: About,
    storage: Storage = "fp32",
    *,
    mirror: bool = False,
    size: int | None = None,
    crop_size: int = 0,
) -> Card:
    """Write the model file of a checkpoint and return its card; see `export_module`.

    `size` is by default that of the last stage of training; a convolutional network may do better at a larger one (see
    benchmarks/sizes.py).
    """
    check_place(out)
    size = size or Checkpoint.load(checkpoint).recipe.stages[-1].size
    return export_module(load_module(checkpoint), out, about, storage, mirror=mirror, size=size, crop_size=crop_size)


def export_module(
    network: nn.Module, out: Path, about: About, storage: Storage, *, mirror: bool, size: int, crop_size: int = 0
) -> Card:
    """Write the model file of a network of logits, and return its card.

    `size` is the longer side of the pictures that it will see, and `crop_size`, unless that is 0, of second passes.
    With `mirror` the file's answer is the mean of the network's answers to the picture and to its mirror image: twice
    the time, fewer mistakes. `storage` is how the weights lie in the file: as they are, as half precision, or as 8-bit
    integers with a scale for every output channel (Krishnamoorthi 2018, arXiv 1806.08342, section 3.1.2); the
    arithmetic stays fp32 in each case. Raises `ModelError` where the file's answers to random pictures differ from the
    network's, and `ImageError` where the file can't be written.
    """
    module = Contract(network, mirror).eval()
    card = Card(**vars(about), commit=_commit(), parameters=_count(module), longest_side=size, crop_side=crop_size)

    def answer(*inputs: NDArray[np.uint8]) -> NDArray[np.float32]:
        with torch.no_grad():
            alphas: Tensor = module(*map(torch.from_numpy, inputs))
        return np.asarray(alphas.numpy(), dtype=np.float32)

    write(_trace(module), card, storage, answer, out)
    return card


def write(graph: onnx.ModelProto, card: Card, storage: Storage, answer: Answer, out: Path) -> None:
    """Write a model file, whole or not at all; `graph` has fp32 weights.

    Raises `ModelError` where the file's answers to random pictures differ from these by more than the storage explains,
    and `ImageError` where it can't be written.
    """
    graph = shrink(graph, storage)
    remove_traces(graph)
    onnx.helper.set_model_props(graph, card.to_metadata())
    onnx.checker.check_model(graph)
    with whole(out) as partial:
        partial.write_bytes(stamped(graph.SerializeToString()))
        try:
            _compare(answer, partial, TOLERANCE[storage])
        except ModelError as error:
            raise ModelError(str(error).replace(str(partial), str(out))) from error


def read(path: Path) -> onnx.ModelProto:
    """Return a model file's graph with fp32 weights, see `widen`, and no checksum; `ModelError` where it isn't one."""
    try:
        graph = onnx.load(path)
        kept = [entry for entry in graph.metadata_props if entry.key != CHECKSUM]
        del graph.metadata_props[:]
        graph.metadata_props.extend(kept)
        return widen(graph)
    except Exception as error:  # protobuf's and onnx's errors share no base class
        raise ModelError(f"{path}: not a readable model file ({error})") from error


def shrink(graph: onnx.ModelProto, storage: Storage) -> onnx.ModelProto:
    """Store every large weight in fewer bytes, followed by the operators that bring it back; `widen` undoes it.

    onnxruntime folds those operators when it opens the file, so nothing is lost at run time.
    """
    if storage == "fp32":
        return graph
    kept = []
    for weight in graph.graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size < _WORTH_SHRINKING:
            kept.append(weight)
            continue
        transposed = _feeds_transposed_convolution(graph, weight.name)
        small, scale = _half(values) if storage == "fp16" else _integers(values, axis=1 if transposed else 0)
        kept.append(numpy_helper.from_array(small, weight.name + _SMALL))
        brought_back = weight.name if scale is None else weight.name + _FLOAT
        nodes = [onnx.helper.make_node("Cast", [weight.name + _SMALL], [brought_back], to=onnx.TensorProto.FLOAT)]
        if scale is not None:
            kept.append(numpy_helper.from_array(scale, weight.name + _SCALE))
            nodes.append(onnx.helper.make_node("Mul", [brought_back, weight.name + _SCALE], [weight.name]))
        for place, node in enumerate(nodes):
            graph.graph.node.insert(place, node)
    del graph.graph.initializer[:]
    graph.graph.initializer.extend(kept)
    return graph


def widen(graph: onnx.ModelProto) -> onnx.ModelProto:
    """Undo `shrink`, but for its rounding: every weight in fp32 under its own name."""
    held = {weight.name: weight for weight in graph.graph.initializer}
    for name in [name.removesuffix(_SMALL) for name in held if name.endswith(_SMALL)]:
        values = numpy_helper.to_array(held.pop(name + _SMALL)).astype(np.float32)
        if name + _SCALE in held:
            values *= numpy_helper.to_array(held.pop(name + _SCALE))
        held[name] = numpy_helper.from_array(values, name)
    nodes = [node for node in graph.graph.node if node.output[0].removesuffix(_FLOAT) not in held]
    del graph.graph.node[:], graph.graph.initializer[:]
    graph.graph.node.extend(nodes)
    graph.graph.initializer.extend(held.values())
    return graph


def _half(values: NDArray[np.float32]) -> tuple[NDArray[np.float16], None]:
    return values.astype(np.float16), None


def _integers(values: NDArray[np.float32], axis: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Quantise symmetrically: an output channel's largest weight becomes 127 or -127."""
    others = tuple(i for i in range(values.ndim) if i != axis)
    scale = (np.abs(values).max(axis=others, keepdims=True) / 127).astype(np.float32)
    scale[scale == 0] = 1
    return np.rint(values / scale).astype(np.int8), scale


def _feeds_transposed_convolution(graph: onnx.ModelProto, name: str) -> bool:
    return any(node.op_type == "ConvTranspose" and name in node.input for node in graph.graph.node)


def _trace(module: Contract) -> onnx.ModelProto:
    prompted = isinstance(module.module, ClickUNet)
    channels = {"image": 3} | ({"prompts": PROMPT_PLANES} if prompted else {})  # by the names in `forward`
    examples = tuple(torch.zeros(2, 64, 96, count, dtype=torch.uint8) for count in channels.values())
    for name in ("torch.onnx", "onnxscript", "onnx_ir"):  # torchvision isn't wanted here, and every step gets a line
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecations
        exported = torch.onnx.export(
            module,
            examples,
            input_names=[INPUT, PROMPTS][: len(examples)],
            output_names=[OUTPUT],
            dynamic_shapes={name: {0: "N", 1: "H", 2: "W"} for name in channels},
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    return cast(torch.onnx.ONNXProgram, exported).model_proto  # None comes of the older exporter alone


def _compare(answer: Answer, path: Path, tolerance: float) -> None:
    network = Network(path)
    random = np.random.default_rng(0)
    for size in ((32, 32), (96, 128), (128, 128)):
        channels = (3, PROMPT_PLANES) if network.takes_prompts else (3,)
        inputs = [random.integers(0, 256, (2, *size, count), dtype=np.uint8) for count in channels]
        worst = float(np.abs(network.predict(*inputs) - answer(*inputs)).max())
        if not worst <= tolerance:
            raise ModelError(f"{path}: differs from its source by {worst:.2g} at {size}, allowed: {tolerance:g}")


def _count(module: nn.Module) -> int:
    """Count the numbers the network holds, the running means and variances of its normalisations with them."""
    return sum(tensor.numel() for tensor in [*module.parameters(), *module.buffers()] if tensor.is_floating_point())


def _commit() -> str:
    """Return the commit of the code that made the file, marked where the tree held more than that."""
    try:
        run = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],  # noqa: S607 - git is where the user has it
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:  # no git here
        return "unknown"
    return run.stdout.strip() or "unknown"
