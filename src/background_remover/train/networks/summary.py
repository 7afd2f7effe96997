"""The layer table of a network, read off a forward pass through it."""

from collections import Counter
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from background_remover.train.networks.unet import Concat

COLUMNS = ("name", "kind", "output (height x width x channels)", "parameters", "inputs")
_KINDS: dict[type[nn.Module], tuple[str, str]] = {  # module -> kind, and the stem of the layer's name
    nn.ConvTranspose2d: ("conv2d_transpose", "conv2d_transpose"),
    nn.Conv2d: ("conv2d", "conv2d"),
    nn.BatchNorm2d: ("batch_normalization", "batch_normalization"),
    nn.MaxPool2d: ("max_pooling2d", "max_pooling2d"),
    nn.Dropout: ("dropout", "dropout"),
    Concat: ("concat", "tf.concat"),
}


@dataclass(frozen=True)
class Row:
    """One layer: its name, what it is, what it gives, how many numbers it holds, what it reads."""

    name: str
    kind: str
    output: tuple[int, int, int]  # height, width, channels
    parameters: int  # trainable or not: a batch normalisation's running mean and variance count
    inputs: tuple[str, ...]

    def __str__(self) -> str:
        size = "x".join(map(str, self.output))
        return "\t".join((self.name, self.kind, size, str(self.parameters), ",".join(self.inputs)))


def summarise(module: nn.Module, height: int, width: int) -> list[Row]:
    """Return the layers in the order in which they run on a picture of that size.

    Names and kinds are those of the Keras table the network is specified by. Which layer feeds which is seen by
    following the tensors from one layer's output to the next layer's input; "?" is what was made between layers.
    """
    rows = [Row("input_1", "input", (height, width, 3), 0, ())]
    image = torch.zeros(1, 3, height, width)
    makers: dict[int, str] = {image.data_ptr(): "input_1"}
    kept: list[Tensor] = [image]  # a freed tensor's address would be given again, to another layer's output
    seen: Counter[str] = Counter()

    def note(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        kind, stem = next(names for known, names in _KINDS.items() if isinstance(layer, known))
        name = f"{stem}_{seen[stem]}" if seen[stem] else stem
        seen[stem] += 1
        numbers = [*layer.parameters(), *(b for b in layer.buffers() if b.is_floating_point())]
        channels, rows_out, columns_out = output.shape[1:]
        sources = tuple(makers.get(tensor.data_ptr(), "?") for tensor in inputs)
        size = (rows_out, columns_out, channels)
        rows.append(Row(name, kind, size, sum(number.numel() for number in numbers), sources))
        makers[output.data_ptr()] = name
        kept.append(output)

    layers = [layer for layer in module.modules() if isinstance(layer, tuple(_KINDS))]
    hooks = [layer.register_forward_hook(note) for layer in layers]
    training = module.training
    try:
        with torch.no_grad():
            module.eval()(image)
    finally:
        module.train(training)
        for hook in hooks:
            hook.remove()
    return rows


def table(module: nn.Module, height: int, width: int) -> str:
    """Return the rows as tab-separated text under a heading, and the totals in a last line."""
    rows = summarise(module, height, width)
    total = sum(row.parameters for row in rows)
    trainable = sum(p.numel() for p in module.parameters() if p.requires_grad)
    totals = f"{len(rows)} layers, {total:,} parameters: {trainable:,} trainable, {total - trainable:,} not"
    return "\n".join(["\t".join(COLUMNS), *map(str, rows), totals])
