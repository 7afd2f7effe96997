"""The mean of the weights of several model files of one network."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from background_remover.errors import ModelError, OptionError
from background_remover.imaging.atomic import check_place, write_whole
from background_remover.segmentation.confidence import IDENTITY, to_text
from background_remover.segmentation.network import Card, Network
from background_remover.train.export import Storage, read, write


def average(files: Sequence[Path], out: Path, storage: Storage = "fp32") -> Card:
    """Write the model file and return its card: the first file's, with no confidence measured yet.

    Weights that went on from the same start lie in one basin, and the middle of it is often better than any of them,
    on the pictures of the last run as on those of the first (Wortsman et al. 2022, arXiv 2203.05482 and 2109.01903). A
    file that is named twice counts twice. The exporter has folded what normalisations it could into the convolutions
    before them: else the mean of two normalisations that came by their statistics differently would be neither.
    Raises `OptionError` at fewer than two files, `ModelError` where they aren't of one network, and `ImageError` where
    the file can't be written.
    """
    check_place(out)
    if len(files) < 2:
        raise OptionError("an average takes two model files or more")
    card = Network(files[0]).card
    graphs = [read(file) for file in files]
    held = [{weight.name: numpy_helper.to_array(weight) for weight in graph.graph.initializer} for graph in graphs]
    for file, graph, weights in zip(files[1:], graphs[1:], held[1:], strict=True):
        if _shape(graph, weights) != _shape(graphs[0], held[0]):
            raise ModelError(f"{file}: not of the same network as {files[0]}; give models that one recipe made")
    mean = [numpy_helper.from_array(_mean([weights[name] for weights in held]), name) for name in held[0]]
    graph = graphs[0]
    del graph.graph.initializer[:]
    graph.graph.initializer.extend(mean)
    card = replace(card, confidence=to_text(IDENTITY), empty_below=0.0, unsure_below=0.0)
    with tempfile.TemporaryDirectory() as place:
        mean_file = Path(place) / "mean.onnx"
        write_whole(mean_file, graph.SerializeToString())
        answer = Network(mean_file).predict
    write(graph, card, storage, answer, out)
    return card


def _shape(graph: onnx.ModelProto, weights: dict[str, NDArray[np.generic]]) -> tuple[object, ...]:
    """Return what files of one network share: their operators in order, and each weight's name, type and shape."""
    nodes = tuple((node.op_type, *node.input, *node.output) for node in graph.graph.node)
    return nodes, {name: (values.dtype, values.shape) for name, values in weights.items()}


def _mean(values: Sequence[NDArray[np.generic]]) -> NDArray[np.generic]:
    """Return the mean of floating-point numbers; of others, which are shapes and axes, the first."""
    if not np.issubdtype(values[0].dtype, np.floating):
        return values[0]
    return np.asarray(np.mean(np.stack(values), axis=0, dtype=np.float64).astype(values[0].dtype))
