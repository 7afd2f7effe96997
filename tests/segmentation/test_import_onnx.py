import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from background_remover import Options, Remover
from background_remover.arrays.resample import resize
from background_remover.cli.program import main
from background_remover.errors import Error, ModelError, OptionError
from background_remover.segmentation.import_onnx import wrap
from background_remover.segmentation.network import Network
from background_remover.segmentation.preprocessing import KNOWN, Convention, convention
from background_remover.types import Image

WEIGHT, BIAS = np.float32([0.9, -0.4, 0.7]), np.float32(-0.3)
IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SMALL = Convention(32, *IMAGENET, "probabilities")


@dataclass(frozen=True)
class Foreign:
    """A tiny network in the shape of a foreign one: a weighted sum of the colours of each pixel, and a sigmoid or not.

    Beside the first output, which is the answer, stand `others`, which answer half of it.
    """

    shape: Sequence[int | str] = (1, 3, 32, 32)
    kind: int = TensorProto.FLOAT
    logits: bool = False
    names: tuple[str, ...] = ("input.1", "d0")
    others: tuple[str, ...] = ()
    nhwc: bool = False
    channels: int | None = 1
    opset: int = 11
    ir: int = 6
    constants: bool = False

    def write(self, path: Path) -> Path:
        onnx.save(self.model(), path)
        return path

    def model(self) -> onnx.ModelProto:
        source, answer = self.names
        nodes = []
        if self.nhwc:
            nodes.append(helper.make_node("Transpose", [source], ["planes"], perm=[0, 3, 1, 2]))
        channels = self.channels or 1
        dtype = helper.tensor_dtype_to_np_dtype(self.kind)
        weight = np.tile(WEIGHT.reshape(1, 3, 1, 1), (channels, 1, 1, 1)).astype(dtype)
        weights = [
            numpy_helper.from_array(weight, "weight"),
            numpy_helper.from_array(np.full(channels, BIAS, dtype), "bias"),
        ]
        if self.constants:
            nodes += [helper.make_node("Constant", [], [tensor.name], value=tensor) for tensor in weights]
        nodes += [
            helper.make_node("Conv", ["planes" if self.nhwc else source, "weight", "bias"], ["alpha"]),
            helper.make_node("Identity" if self.logits else "Sigmoid", ["alpha"], ["answered"]),
        ]
        last = "answered"
        if self.nhwc:
            nodes.append(helper.make_node("Transpose", ["answered"], ["pixels"], perm=[0, 2, 3, 1]))
            last = "pixels"
        if self.channels is None:
            nodes.append(helper.make_node("ReduceMax", [last], ["plane"], axes=[1], keepdims=0))
            last = "plane"
        nodes.append(helper.make_node("Identity", [last], [answer]))
        nodes += [helper.make_node("Mul", [last, "half"], [name]) for name in self.others]
        if self.others:
            weights.append(numpy_helper.from_array(np.array(0.5, dtype), "half"))
        return self._model(nodes, weights)

    def _model(self, nodes: list[onnx.NodeProto], weights: list[onnx.TensorProto]) -> onnx.ModelProto:
        source, answer = self.names
        sides = [side for axis, side in enumerate(self.shape) if axis != (3 if self.nhwc else 1)]
        if self.channels is not None:
            sides.insert(3 if self.nhwc else 1, self.channels)
        inputs = [helper.make_tensor_value_info(source, self.kind, self.shape)]
        if self.ir < 4:  # every weight is an input as well
            inputs += [helper.make_tensor_value_info(w.name, w.data_type, w.dims) for w in weights]
        outputs = [helper.make_tensor_value_info(name, self.kind, sides) for name in (answer, *self.others)]
        graph = helper.make_graph(nodes, "foreign", inputs, outputs, [] if self.constants else weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=self.ir)


def oracle(images: Image, mean: Sequence[float], std: Sequence[float]) -> np.ndarray:
    """What a `Foreign` answers to uint8 (..., 3) pictures, in NumPy: (...) in [0, 1]."""
    seen = (images.astype(np.float64) / 255 - mean) / std
    return 1 / (1 + np.exp(-(seen @ WEIGHT.astype(np.float64) + BIAS)))


def noise(*shape: int) -> Image:
    return np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)


# One of each shape, with the numbers of its own program: rembg's sessions, MODNet's inference_onnx.py.

SHAPES = {
    "u2net": (Foreign((1, 3, 320, 320), others=("d1", "d2", "d3", "d4", "d5", "d6")), 320, 320, *IMAGENET),
    "silueta": (Foreign(("n", 3, 320, 320), opset=13), 320, 320, *IMAGENET),
    "isnet-general-use": (Foreign((1, 3, 1024, 1024), others=("side",)), 1024, 1024, (0.5,) * 3, (1,) * 3),
    "isnet-anime": (Foreign((1, 3, "h", "w")), 1024, 1024, IMAGENET[0], (1,) * 3),
    "birefnet-general": (Foreign((1, 3, 1024, 1024), logits=True, opset=17, ir=8), 1024, 1024, *IMAGENET),
    "modnet": (Foreign(("n", 3, "h", "w"), names=("image", "matte")), 384, 512, (0.5,) * 3, (0.5,) * 3),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_wrapped_network_answers_what_its_own_program_computes(tmp_path, name):
    foreign, height, width, mean, std = SHAPES[name]
    card = wrap(foreign.write(tmp_path / "foreign.onnx"), tmp_path / "ours.onnx", name, convention(name))
    images = noise(2, height, width)
    np.testing.assert_allclose(Network(tmp_path / "ours.onnx").predict(images), oracle(images, mean, std), atol=1e-5)
    assert card == Network(tmp_path / "ours.onnx").card
    assert (card.name, card.longest_side, card.license) == (name, width, "not stated")
    assert card.parameters == (5 if foreign.others else 4)


VARIANTS = {
    "half precision": (Foreign(kind=TensorProto.FLOAT16), SMALL),
    "half precision, logits": (Foreign(kind=TensorProto.FLOAT16, logits=True), replace(SMALL, answer="logits")),
    "channels last": (Foreign((1, 32, 32, 3), nhwc=True), replace(SMALL, layout="nhwc")),
    "no channel": (Foreign(channels=None), SMALL),
    "weights in nodes": (Foreign(constants=True), SMALL),
    "weights among the inputs": (Foreign(ir=3, opset=7), SMALL),
    "the newest operators": (Foreign(ir=10, opset=21), SMALL),
}


@pytest.mark.parametrize(("foreign", "wanted"), VARIANTS.values(), ids=VARIANTS)
def test_other_formats_answer_the_same(tmp_path, foreign, wanted):
    wrap(foreign.write(tmp_path / "foreign.onnx"), tmp_path / "ours.onnx", "small", wanted)
    alphas = Network(tmp_path / "ours.onnx").predict(noise(1, 32, 32))
    half = foreign.kind == TensorProto.FLOAT16
    np.testing.assert_allclose(alphas, oracle(noise(1, 32, 32), *IMAGENET), atol=3e-3 if half else 1e-5)


def test_the_output_can_be_chosen(tmp_path):
    file = Foreign(others=("weak",)).write(tmp_path / "foreign.onnx")
    wrap(file, tmp_path / "ours.onnx", "small", replace(SMALL, output="weak"))
    alphas = Network(tmp_path / "ours.onnx").predict(noise(1, 32, 32))
    np.testing.assert_allclose(alphas, oracle(noise(1, 32, 32), *IMAGENET) / 2, atol=1e-5)


@pytest.mark.parametrize(("multiple", "seen"), [(None, (64, 64)), (16, (48, 64))])
def test_the_whole_pipeline_serves_it(tmp_path, photo, multiple, seen):
    foreign = Foreign((1, 3, "h", "w")).write(tmp_path / "foreign.onnx")
    wrap(foreign, tmp_path / "ours.onnx", "small", replace(SMALL, size=64, multiple=multiple))
    coarse = oracle(resize(photo, seen, "bilinear"), *IMAGENET).astype(np.float32)
    wanted = resize(coarse, photo.shape[:2], "bicubic").clip(0, 1)
    np.testing.assert_allclose(
        Remover(tmp_path / "ours.onnx").alpha(photo, Options(matting="none", second_look="off")), wanted, atol=1e-5
    )


def test_an_even_answer_is_not_stretched(tmp_path):
    wrap(Foreign().write(tmp_path / "foreign.onnx"), tmp_path / "ours.onnx", "small", SMALL)
    even = np.full((40, 30, 3), 90, np.uint8)
    alpha = Remover(tmp_path / "ours.onnx").alpha(even, Options(matting="none"))
    np.testing.assert_allclose(alpha, oracle(even, *IMAGENET), atol=1e-5)


# What is refused: the network, its convention, the message

REFUSED = {
    "not of floats": (Foreign((1, 3, 32, 32), kind=TensorProto.DOUBLE), SMALL, "takes input.1 double (1, 3, 32, 32);"),
    "another size": (Foreign((1, 3, 48, 48)), SMALL, "wanted one input, float or float16 (1, 3, 32, 32); check size"),
    "another layout": (Foreign((1, 32, 32, 3), nhwc=True), SMALL, "takes input.1 float (1, 32, 32, 3); wanted"),
    "a fixed size": (Foreign(), replace(SMALL, multiple=16), "wanted one input, float or float16 (1, 3, ?, ?);"),
    "no such output": (Foreign(others=("d1",)), replace(SMALL, output="d2"), "no output 'd2'; known: d0, d1"),
    "two channels": (Foreign(channels=2), SMALL, "gives d0 float (1, 2, 32, 32); wanted float or float16 with one"),
    "too old": (Foreign(opset=6), SMALL, "opset 6 is too old, wanted 7 or later"),
    "too new": (Foreign(opset=21, ir=99), SMALL, "wrapped, it can't be used: not a whole ONNX model ("),
    "logits": (
        Foreign(logits=True),
        SMALL,
        "wrapped, it can't be used: answers beyond [0, 1], which is no alpha; check",
    ),
    "no logits": (
        Foreign(),
        replace(SMALL, answer="logits"),
        "its answers lie in [0, 1] already, so they are no logits;",
    ),
}


@pytest.mark.parametrize(("foreign", "wanted", "message"), REFUSED.values(), ids=REFUSED)
def test_a_network_of_another_convention_is_refused(tmp_path, foreign, wanted, message):
    file = foreign.write(tmp_path / "foreign.onnx")
    with pytest.raises(ModelError) as caught:
        wrap(file, tmp_path / "ours.onnx", "small", wanted)
    assert str(caught.value).startswith(f"{file}: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == [file]


def test_a_model_file_of_ours_is_refused(tmp_path, bright):
    with pytest.raises(ModelError, match=r"takes image uint8 \(n, h, w, 3\); wanted one input"):
        wrap(bright, tmp_path / "ours.onnx", "small", SMALL)


@pytest.mark.parametrize("content", [None, b"no model at all", b""])
def test_a_file_that_is_no_model_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "foreign.onnx").write_bytes(content)
    with pytest.raises(ModelError, match=r"foreign\.onnx: (no such model file|not a whole ONNX model|opset 0)"):
        wrap(tmp_path / "foreign.onnx", tmp_path / "ours.onnx", "small", SMALL)


def test_weights_beside_the_file_are_refused(tmp_path):
    onnx.save(Foreign().model(), tmp_path / "foreign.onnx", save_as_external_data=True, size_threshold=0)
    with pytest.raises(ModelError, match="keeps its weights in another file"):
        wrap(tmp_path / "foreign.onnx", tmp_path / "ours.onnx", "small", SMALL)


def test_a_file_that_would_pass_2_gb_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("background_remover.segmentation.import_onnx.LARGEST", 100)
    with pytest.raises(ModelError, match=r"is 0\.0 GB and an ONNX file ends at 2"):
        wrap(Foreign().write(tmp_path / "foreign.onnx"), tmp_path / "ours.onnx", "small", SMALL)


@pytest.mark.parametrize(
    ("out", "message"), [("foreign.onnx", "is what it is to be made of"), ("o.bin", "ends in .onnx")]
)
def test_a_target_of_another_kind_is_refused(tmp_path, out, message):
    with pytest.raises(OptionError, match=message):
        wrap(Foreign().write(tmp_path / "foreign.onnx"), tmp_path / out, "small", SMALL)


def test_without_onnx_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    monkeypatch.delitem(sys.modules, "background_remover.segmentation.import_onnx")
    with pytest.raises(Error, match=r"pip install 'background-remover\[import\]'"):
        importlib.import_module("background_remover.segmentation.import_onnx")


# Conventions


def test_what_is_given_stands_in_the_place_of_what_is_known():
    assert convention("u2net") == KNOWN["u2net"]
    assert convention("u2net", size=512, answer="logits") == replace(KNOWN["u2net"], size=512, answer="logits")
    assert convention("mine", size=32, mean=IMAGENET[0], std=IMAGENET[1], answer="probabilities") == SMALL


def test_an_unknown_name_needs_its_numbers():
    with pytest.raises(OptionError, match=r"'mine' is no .* give its mean, answer, or one of the names u2net, u2netp,"):
        convention("mine", size=32, std=(1, 1, 1))


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": 0},
        {"size": 5000},
        {"multiple": 0},
        {"multiple": 33},
        {"multiple": 20},
        {"std": (1, 0, 1)},
        {"mean": (float("nan"), 0, 0)},
        {"answer": "masks"},
        {"layout": "hwc"},
    ],
    ids=str,
)
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(OptionError):
        replace(SMALL, **wrong)


# The command


def test_the_command_makes_a_file_that_the_others_take(tmp_path, photo, capsys):
    file = Foreign(others=("d1",)).write(tmp_path / "u2net.onnx")
    assert main(["models", "import", str(file), "--name", "u2net", "--size", "32", "--licence", "Apache-2.0"]) == 0
    wrapped = tmp_path / "u2net.wrapped.onnx"
    assert capsys.readouterr().out == f"{wrapped}: 5 parameters; use it with --model {wrapped}\n"
    assert Remover(wrapped).alpha(photo).shape == photo.shape[:2]
    assert Network(wrapped).card.license == "Apache-2.0"


def test_the_command_takes_every_number(tmp_path, capsys):
    file = Foreign((1, 32, "w", 3), nhwc=True, logits=True, others=("d1",)).write(tmp_path / "mine.onnx")
    numbers = "--size 32 --mean 0.1 0.2 0.3 --std 1 2 3 --answer logits --layout nhwc --output d0"
    assert (
        main(["models", "import", str(file), "--name", "mine", *numbers.split(), "--out", str(tmp_path / "o.onnx")])
        == 0
    )
    alphas = Network(tmp_path / "o.onnx").predict(noise(1, 32, 32))
    np.testing.assert_allclose(alphas, oracle(noise(1, 32, 32), (0.1, 0.2, 0.3), (1, 2, 3)), atol=1e-5)


def test_the_command_refuses_in_one_line(tmp_path, capsys):
    file = Foreign().write(tmp_path / "mine.onnx")
    assert main(["models", "import", str(file), "--name", "mine"]) == 2
    assert main(["models", "import", str(file), "--name", "u2net"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "give its size, mean, std, answer" in lines[0]
    assert "check size" in lines[1]
