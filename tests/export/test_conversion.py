import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover.cli.program import main
from background_remover.errors import Error, ModelError, OptionError
from background_remover.export import conversion
from background_remover.export.conversion import FORMATS, WITHIN, Difference, Format, compare, export
from background_remover.export.source import drawn
from background_remover.segmentation.network import Network


def copy(off: float) -> Format:
    """A format that is the model file again, whose answers are off by so much everywhere."""

    def load(path: Path):
        return lambda images: Network(path).predict(images) + np.float32(off)

    return Format(".onnx", lambda source, out: out.write_bytes(source.path.read_bytes()), load)


def test_what_is_exported_is_compared_before_it_gets_its_name(small, tmp_path, monkeypatch):
    monkeypatch.setattr(conversion, "FORMATS", {"near": copy(0.9 * WITHIN), "far": copy(1.1 * WITHIN)})
    difference = export(small, "near", tmp_path / "near.onnx")
    assert difference.most == difference.mean == pytest.approx(0.9 * WITHIN, rel=1e-2)
    with pytest.raises(ModelError, match=r"far\.onnx: its alphas differ from those of .* by 0\.011, allowed: 0\.01"):
        export(small, "far", tmp_path / "far.onnx")
    assert [path.name for path in tmp_path.iterdir()] == ["near.onnx"]


def test_a_difference_is_of_all_pixels_of_one_picture_and_of_one_pixel(small):
    network = Network(small)
    pictures = [np.zeros((1, 32, 32, 3), np.uint8), np.zeros((1, 64, 32, 3), np.uint8)]

    def answer(images):
        alphas = network.predict(images)
        if images.shape[1] == 32:
            alphas[0, 0, 0] += 0.25
        return alphas

    found = compare(network, answer, pictures)
    assert found == Difference(2, pytest.approx(0.25 / 3072), pytest.approx(0.25 / 1024), pytest.approx(0.25))


def test_a_quantised_format_is_compared_on_other_pictures_than_it_is_calibrated_on(small, tmp_path, monkeypatch):
    calibrated = []

    def write(source, out):
        calibrated.extend(source.pictures)
        out.write_bytes(source.path.read_bytes())

    monkeypatch.setattr(conversion, "FORMATS", {"small": replace(copy(0), write=write, quantised=True)})
    assert export(small, "small", tmp_path / "out.onnx", images=drawn(64)[:5]).pictures == 2
    assert len(calibrated) == 3


def test_a_format_that_is_a_folder_takes_the_place_of_an_earlier_one(small, tmp_path, monkeypatch):
    def write(source, out):
        out.mkdir()
        (out / "model").write_bytes(source.path.read_bytes())

    monkeypatch.setattr(conversion, "FORMATS", {"folder": Format(".mlpackage", write, lambda _: None, is_folder=True)})
    for older in ("nothing", "file"):
        export(small, "folder", tmp_path / "out.mlpackage")
        assert [path.name for path in (tmp_path / "out.mlpackage").iterdir()] == ["model"], older
        (tmp_path / "out.mlpackage" / "older").touch()


REFUSED = {
    "a name": ("tflite", "out.onnx", {}, r"an export to tflite ends in \.tflite; choose"),
    "a format": ("caffe", "out.onnx", {}, "unknown format 'caffe'; known: tflite, coreml, openvino, onnx-int8"),
    "a size": ("tflite", "out.tflite", {"size": (64, 40)}, "multiples of 32"),
    "a size that isn't fixed": (
        "openvino",
        "out.xml",
        {"size": (64, 64)},
        "pictures of every size; leave the size out",
    ),
    "no pictures": ("onnx-int8", "out.onnx", {}, "calibrated on photographs; give a folder of two or more"),
}


@pytest.mark.parametrize(("to", "name", "more", "message"), REFUSED.values(), ids=REFUSED)
def test_what_a_format_cant_take_is_refused(small, tmp_path, to, name, more, message):
    with pytest.raises(OptionError, match=message):
        export(small, to, tmp_path / name, **more)
    assert not list(tmp_path.iterdir())


LIBRARIES = {"tflite": "onnx2tf", "openvino": "openvino", "onnx-int8": "onnx"}


@pytest.mark.parametrize("to", LIBRARIES)
def test_a_missing_library_is_an_error_that_names_the_extra(small, tmp_path, monkeypatch, to):
    monkeypatch.setitem(sys.modules, LIBRARIES[to], None)
    extra = f"export-{to.removeprefix('onnx-')}"
    with pytest.raises(Error, match=rf"^needs an extra \(.*\): pip install 'background-remover\[{extra}\]'$"):
        export(small, to, tmp_path / f"out{FORMATS[to].ending}", images=drawn(64)[:2])
    assert not list(tmp_path.iterdir())


def test_the_command_says_how_far_the_answers_are(small, tmp_path, capsys, monkeypatch):
    for number, image in enumerate(drawn(64)):
        PillowImage.fromarray(image).save(tmp_path / f"{number}.png")
    monkeypatch.chdir(tmp_path)
    assert main(["models", "export", str(small), "--to", "onnx-int8", "--pictures", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("small-int8.onnx: alphas of 4 pictures differ by ")
    assert Network(tmp_path / "small-int8.onnx").card.name == "small-int8"
