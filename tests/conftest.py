"""Tiny models that keep the contract, and the pictures that several tests share."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from background_remover.network import Card
from background_remover.types import Image

CARD = Card(
    name="bright",
    version="1",
    license="CC0-1.0",
    data="nothing: it takes what is bright for the subject",
    commit="0000000",
    parameters=1,
)
SLOPE, MIDDLE = 0.1, 127.5

ModelMaker = Callable[..., Path]


def bright_alpha(image: Image) -> np.ndarray:
    """What the tiny model answers, in NumPy: the sigmoid of the mean brightness."""
    return 1 / (1 + np.exp(-SLOPE * (image.astype(np.float64).mean(axis=-1) - MIDDLE)))


def model_maker(folder: Path) -> ModelMaker:
    """A function that writes a model of one's own choice of metadata, names and last step, and gives its path."""

    def make(
        name: str = "bright.onnx",
        metadata: dict[str, str] | None = None,
        names: tuple[str, str] = ("image", "alpha"),
        kind: int = TensorProto.UINT8,
        last: str = "Sigmoid",
    ) -> Path:
        source, target = names
        nodes = [
            helper.make_node("Cast", [source], ["levels"], to=TensorProto.FLOAT),
            helper.make_node("ReduceMean", ["levels"], ["grey"], axes=[3], keepdims=0),
            helper.make_node("Sub", ["grey", "middle"], ["centred"]),
            helper.make_node("Mul", ["centred", "slope"], ["logits"]),
            helper.make_node(last, ["logits"], [target]),
        ]
        graph = helper.make_graph(
            nodes,
            "bright",
            [helper.make_tensor_value_info(source, kind, ["n", "h", "w", 3])],
            [helper.make_tensor_value_info(target, TensorProto.FLOAT, ["n", "h", "w"])],
            [
                helper.make_tensor("middle", TensorProto.FLOAT, [], [MIDDLE]),
                helper.make_tensor("slope", TensorProto.FLOAT, [], [SLOPE]),
            ],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        helper.set_model_props(model, CARD.to_metadata() if metadata is None else metadata)
        onnx.save(model, folder / name)
        return folder / name

    return make


@pytest.fixture
def make_model(tmp_path: Path) -> ModelMaker:
    return model_maker(tmp_path)


@pytest.fixture(scope="session")
def bright(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that takes what is bright for the subject."""
    return model_maker(tmp_path_factory.mktemp("models"))()


@pytest.fixture
def photo() -> Image:
    """A white disc, the subject, on a dark ground: (90, 120, 3)."""
    rows, columns = np.mgrid[:90, :120]
    disc = (rows - 45) ** 2 + (columns - 70) ** 2 < 30**2
    return np.where(disc[..., None], np.uint8([250, 240, 230]), np.uint8([20, 30, 40]))
