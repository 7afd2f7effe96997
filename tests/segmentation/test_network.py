import dataclasses
import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from background_remover import Remover
from background_remover.errors import ModelError, OptionError
from background_remover.segmentation.network import Card, Network
from background_remover.segmentation.preprocessing import fit_image, fit_size
from tests.conftest import CARD, bright_alpha

METADATA = CARD.to_metadata()


def test_the_answer_is_the_graphs(bright):
    images = np.random.default_rng(0).integers(0, 256, (2, 32, 96, 3), dtype=np.uint8)
    alphas = Network(bright, threads=1).predict(images)
    assert alphas.shape == (2, 32, 96)
    assert alphas.dtype == np.float32
    np.testing.assert_allclose(alphas, bright_alpha(images), atol=1e-6)


@pytest.mark.parametrize(("side", "size"), [(0, (64, 128)), (64, (32, 64))])
def test_a_crop_is_seen_mirrored_at_its_own_size_and_its_answer_mirrored_back(make_model, side, size):
    network = Network(make_model(metadata=dataclasses.replace(CARD, crop_side=side).to_metadata()))
    assert network.card.crop_side == side
    image = np.random.default_rng(0).integers(0, 256, (64, 128, 3), dtype=np.uint8)
    shade, seen, predict = np.linspace(0, 1, size[1], dtype=np.float32), [], network.predict
    network.predict = lambda images: seen.append(images[0]) or predict(images) * shade
    alpha = network.coarse_of_crop(image)
    assert np.array_equal(seen[0], fit_image(image, size)[:, ::-1])
    np.testing.assert_allclose(alpha, bright_alpha(fit_image(image, size)) * shade[::-1], atol=1e-6)


def test_a_flip_average_is_the_mean_over_a_picture_and_its_mirror_image(bright):
    network, image = Network(bright), np.random.default_rng(0).integers(0, 256, (64, 128, 3), dtype=np.uint8)
    shade, predict = np.linspace(0, 1, 128, dtype=np.float32), network.predict
    network.predict = lambda images: predict(images) * shade
    np.testing.assert_allclose(network.flip_averaged(image), bright_alpha(image) * (shade + shade[::-1]) / 2, atol=1e-6)


def clicked(path: Path, fixed: bool = False) -> Path:
    """Writes a model whose answer is the last plane of its prompts."""
    batch = 1 if fixed else "n"
    nodes = [
        helper.make_node("Cast", ["image"], ["colours"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["colours"], ["grey"], axes=[3], keepdims=0),
        helper.make_node("Cast", ["prompts"], ["planes"], to=TensorProto.FLOAT),
        helper.make_node("Gather", ["planes", "last"], ["plane"], axis=3),
        helper.make_node("Mul", ["grey", "nothing"], ["no colour"]),
        helper.make_node("Div", ["plane", "levels"], ["shares"]),
        helper.make_node("Add", ["shares", "no colour"], ["alpha"]),
    ]
    inputs = {"image": 3, "prompts": 4}
    graph = helper.make_graph(
        nodes,
        "clicked",
        [helper.make_tensor_value_info(name, TensorProto.UINT8, [batch, "h", "w", n]) for name, n in inputs.items()],
        [helper.make_tensor_value_info("alpha", TensorProto.FLOAT, [batch, "h", "w"])],
        [
            helper.make_tensor("last", TensorProto.INT64, [], [3]),
            helper.make_tensor("nothing", TensorProto.FLOAT, [], [0.0]),
            helper.make_tensor("levels", TensorProto.FLOAT, [], [255.0]),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, METADATA)
    onnx.save(model, path)
    return path


@pytest.mark.parametrize("fixed", [False, True])
def test_a_file_may_take_prompts_and_gets_none_by_default(tmp_path, fixed):
    network = Network(clicked(tmp_path / "clicked.onnx", fixed))
    random = np.random.default_rng(0)
    images, prompts = (random.integers(0, 256, (2, 32, 64, count), dtype=np.uint8) for count in (3, 4))
    assert network.takes_prompts
    np.testing.assert_allclose(network.predict(images, prompts), prompts[..., 3] / 255, atol=1e-6)
    assert not network.predict(images).any()


@pytest.mark.parametrize(("fixed", "number"), [(False, 3), (True, 1)])
def test_pictures_of_several_threads_go_in_batches_but_where_the_file_fixes_their_number(
    tmp_path, fixed, number, monkeypatch
):
    network = Network(clicked(tmp_path / "clicked.onnx", fixed))
    seen, run = [], Network._run
    monkeypatch.setattr(Network, "_run", lambda self, feeds: seen.append(len(feeds["image"])) or run(self, feeds))
    network = network.batched(4, 3)
    prompts = np.random.default_rng(0).integers(0, 256, (4, 1, 32, 64, 4), np.uint8)
    images = np.zeros((1, 32, 64, 3), np.uint8)
    with ThreadPoolExecutor(4) as pool:
        alphas = list(pool.map(lambda given: network.predict(images, given), prompts))
    np.testing.assert_allclose(alphas, prompts[..., 3] / 255, atol=1e-6)
    assert set(seen) == {number}


def test_prompts_of_another_shape_or_type_are_refused(tmp_path, bright):
    images, prompts = (np.zeros((1, 32, 64, count), np.uint8) for count in (3, 4))
    network = Network(clicked(tmp_path / "clicked.onnx"))
    for wrong in (prompts[:, :, :32], prompts[..., :3], prompts.astype(np.float32)):
        with pytest.raises(ValueError, match=r"prompts are \(1, 32, 64, 4\) of uint8, not"):
            network.predict(images, wrong)
    with pytest.raises(ValueError, match=r"bright\.onnx: takes no prompts"):
        Network(bright).predict(images, prompts)
    assert not Network(bright).takes_prompts


def test_the_card_comes_back_from_the_file(bright):
    assert Network(bright).card == CARD
    assert METADATA["contract"] == "1"
    assert METADATA["multiple"] == "32"
    assert METADATA["longest_side"] == "128"
    assert METADATA["fit"] == "shape"
    assert Card.from_metadata(METADATA | {"made_by": "somebody"}, "x.onnx") == CARD


@pytest.mark.parametrize("key", METADATA)
def test_a_file_without_a_key_of_the_contract_is_refused_by_name(make_model, key):
    path = make_model(metadata={name: value for name, value in METADATA.items() if name != key})
    with pytest.raises(ModelError, match=rf"bright\.onnx: not a model of this package, its metadata lack {key};"):
        Network(path)


@pytest.mark.parametrize("missing", [{}, {"unsure_below": ""}])
def test_a_file_without_a_threshold_of_doubt_is_never_unsure(make_model, missing):
    card = Network(make_model(metadata=METADATA | {"empty_below": "0.4"} | missing)).card
    assert card.unsure_below <= card.empty_below == 0.4
    assert "unsure_below" not in card.to_metadata()


@pytest.mark.parametrize("below", [0.4, 0.75])
def test_the_threshold_of_doubt_comes_back_from_the_file(make_model, below):
    told = dataclasses.replace(CARD, empty_below=0.4, unsure_below=below)
    assert told.to_metadata()["unsure_below"] == str(below)
    assert Network(make_model(metadata=told.to_metadata())).card == told


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unsure_below": "1.5"}, r"unsure_below '1\.5' is no number in \[0, 1\]"),
        ({"unsure_below": "0.3", "empty_below": "0.4"}, r"unsure_below 0\.3 is below empty_below 0\.4; calibrate it"),
        ({"contract": "2"}, "keeps contract '2', known: '1'"),
        ({"fit": "stretch"}, "fit 'stretch' is unknown, known: shape"),
        ({"multiple": "0"}, "multiple '0' is no whole number above 0"),
        ({"longest_side": "128.0"}, "longest_side '128.0' is no whole number"),
        ({"longest_side": "3200000"}, r"bright\.onnx: longest_side 3200000; give a number from 1 to 4096"),
        ({"crop_side": "3200000"}, r"bright\.onnx: crop_side 3200000; give a number from 1 to 4096"),
        ({"longest_side": "100"}, r"bright\.onnx: longest_side 100 is no multiple of 32; .*export it again"),
        ({"crop_side": "33"}, r"bright\.onnx: crop_side 33 is no multiple of 32; .*export it again"),
        ({"multiple": "256"}, r"bright\.onnx: longest_side 128 is no multiple of 256"),
        ({"parameters": "many"}, "parameters 'many' is no whole number"),
        ({"crop_side": "9" * 5000}, "crop_side '9{64}' is no whole number"),
        ({"name": ""}, "metadata lack name"),
    ],
)
def test_metadata_out_of_range_are_refused(make_model, change, message):
    with pytest.raises(ModelError, match=message):
        Network(make_model(metadata=METADATA | change))


@pytest.mark.parametrize(
    "broken", [{"names": ("input", "alpha")}, {"names": ("image", "mask")}, {"kind": TensorProto.FLOAT}]
)
def test_other_inputs_and_outputs_are_refused(make_model, broken):
    with pytest.raises(ModelError, match=r"bright\.onnx: takes .* and gives .*; wanted image uint8"):
        Network(make_model(**broken))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"none\.onnx: no such model file"):
        Network(tmp_path / "none.onnx")


@pytest.mark.parametrize("content", [b"", b"no model at all", "half"])
def test_a_damaged_file_is_refused(bright, tmp_path, content):
    path = tmp_path / "damaged.onnx"
    whole = bright.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if content == "half" else content)
    with pytest.raises(ModelError, match=r"damaged\.onnx: ") as caught:
        Network(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("last", ["Identity", "Log"])
def test_an_answer_beyond_the_range_or_nan_is_refused(make_model, last):
    with pytest.raises(ModelError, match=r"answers beyond \[0, 1\]"):
        Network(make_model(last=last)).predict(np.zeros((1, 32, 32, 3), np.uint8))


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((1, 33, 32, 3), np.uint8),
        np.zeros((1, 32, 31, 3), np.uint8),
        np.zeros((0, 32, 32, 3), np.uint8),
        np.zeros((1, 0, 32, 3), np.uint8),
        np.zeros((32, 32, 3), np.uint8),
        np.zeros((1, 32, 32, 4), np.uint8),
        np.zeros((1, 32, 32, 3), np.float32),
    ],
    ids=lambda images: f"{images.shape} {images.dtype}",
)
def test_images_of_another_shape_or_type_are_refused(bright, images):
    with pytest.raises(ValueError, match=r"images are|sides are"):
        Network(bright).predict(images)


@pytest.mark.parametrize("device", ["cpu", "auto", "cuda"])
def test_a_graphics_processor_is_asked_for_where_there_is_one(bright, monkeypatch, device):
    """No machine of the tests has one, so what onnxruntime is asked for is looked at, and not what it does."""

    class Session(onnxruntime.InferenceSession):
        def __init__(self, path: str, options: object, providers: list[str]) -> None:
            self.asked = providers
            super().__init__(path, options, providers=["CPUExecutionProvider"])

        def get_providers(self) -> list[str]:
            return self.asked

    there = ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: there)
    monkeypatch.setattr(onnxruntime, "InferenceSession", Session)
    assert Network(bright, device=device).provider == (
        "CPUExecutionProvider" if device == "cpu" else "CUDAExecutionProvider"
    )


def test_without_a_graphics_processor_the_processor_does(bright):
    assert Network(bright, device="auto").provider == "CPUExecutionProvider"
    assert Remover(bright, device="auto").provider == "CPUExecutionProvider"


def test_threads_are_one_or_more(bright):
    with pytest.raises(OptionError, match="0 threads; give 1 or more"):
        Network(bright, threads=0)


def test_nothing_but_our_errors_reaches_standard_error(make_model):
    path = make_model(last="Identity")
    program = f"""if True:
        import numpy
        from pathlib import Path
        from background_remover.segmentation.network import Network, ModelError
        try:
            Network(Path({str(path)!r})).predict(numpy.zeros((1, 32, 32, 3), numpy.uint8))
        except ModelError:
            print("refused")
    """
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (result.stdout, result.stderr) == ("refused\n", "")


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ((128, 128), (128, 128)),
        ((1, 1), (128, 128)),
        ((375, 500), (96, 128)),
        ((500, 375), (128, 96)),
        ((1080, 1920), (64, 128)),
        ((2000, 3000), (96, 128)),
        ((10000, 20), (128, 32)),
        ((31, 4000), (32, 128)),
        ((40, 64), (96, 128)),
    ],
)
def test_a_size_to_be_seen_at(size, wanted):
    assert fit_size(size, 32, 128) == wanted


@given(st.tuples(st.integers(1, 20000), st.integers(1, 20000)), st.sampled_from([(32, 128), (32, 100), (64, 320)]))
def test_no_other_size_keeps_the_shape_better(size, network):
    multiple, longest = network
    height, width = fit_size(size, multiple, longest)
    assert height % multiple == width % multiple == 0
    assert max(height, width) == longest // multiple * multiple

    def distortion(seen):
        return abs(math.log(seen[0] / seen[1]) - math.log(size[0] / size[1]))

    sides = range(multiple, longest + 1, multiple)
    others = [(a, b) for a in sides for b in sides if max(a, b) == max(height, width)]
    assert distortion((height, width)) <= min(map(distortion, others)) + 1e-12


def test_nothing_is_told_of_what_is_run(bright, monkeypatch):
    asked = []
    monkeypatch.setattr("onnxruntime.disable_telemetry_events", lambda: asked.append("nothing"))
    Network(bright)
    assert asked == ["nothing"]


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("Exception during initialization: std::bad_alloc")])
def test_too_little_memory_to_open_a_model_is_said(bright, monkeypatch, error):
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(onnxruntime, "InferenceSession", refuse)
    with pytest.raises(ModelError, match=r"bright\.onnx: not enough memory to open this model; end other programs"):
        Network(bright)
    monkeypatch.setattr("background_remover.runtime.parallel.ThreadPoolExecutor.submit", lambda *_: refuse_thread())
    with pytest.raises(ModelError, match=r"bright\.onnx: not enough memory to open this model"):
        Remover(bright)


def refuse_thread() -> None:
    raise RuntimeError("can't start new thread")


def test_a_library_that_cannot_be_loaded_is_one_line(bright, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ModelError, match=r"bright\.onnx: onnxruntime can't be loaded \(.*\); free memory, or install"):
        Network(bright)


def test_too_little_memory_for_a_picture_is_no_fault_of_the_model(bright, monkeypatch):
    class Session(onnxruntime.InferenceSession):
        def run(self, *_: object) -> None:
            raise RuntimeError("Non-zero status code returned: std::bad_alloc")

    monkeypatch.setattr(onnxruntime, "InferenceSession", Session)
    with pytest.raises(MemoryError):
        Network(bright).predict(np.zeros((1, 32, 32, 3), np.uint8))
