import sys
from pathlib import Path

import click.testing
import numpy as np
import pytest
from PIL import Image as PillowImage

import files
from background_remover.errors import Error
from background_remover.imaging.codecs import png
from background_remover.segmentation.network import Network
from installation import Installation
from photo import cut_out, decoded, ellipse, enlarged, photograph
from tests.benchmarks.conftest import cells

SIZE = (60, 80)


@pytest.fixture
def photo(tmp_path) -> Path:
    (tmp_path / "photo.jpg").write_bytes(photograph(SIZE))
    return tmp_path / "photo.jpg"


# The photo


def test_the_photo_is_the_same_every_time_and_has_noise():
    data = photograph(SIZE)
    image = decoded(data)
    assert data == photograph(SIZE)
    assert image.shape == (*SIZE, 3)
    assert 1 < np.abs(np.diff(image.astype(int), axis=1)).mean() < 60


def test_a_small_photo_becomes_a_large_one(photo):
    image = decoded(enlarged(photo, 0.03))
    assert image.shape == (150, 200, 3)
    small = np.asarray(PillowImage.fromarray(image).resize((80, 60), PillowImage.Resampling.BOX)).astype(int)
    assert np.abs(small - decoded(photo.read_bytes())).mean() < 12


@pytest.mark.parametrize("size", [(90, 120), (300, 200), (128, 128)])
def test_the_subject_covers_what_the_text_says(size):
    alpha = ellipse(size)
    assert alpha.shape == size
    assert alpha.dtype == np.float32
    assert alpha.mean() == pytest.approx(0.44, abs=0.01)
    assert alpha[0].max() == alpha[:, 0].max() == 0
    assert alpha[size[0] // 2, size[1] // 2] == 1


def test_hidden_colours_are_kept_or_zeroed():
    image = decoded(photograph(SIZE))
    kept, zeroed = (cut_out(image, zeroed=zeroed) for zeroed in (False, True))
    seen = kept[..., 3] > 0
    assert np.array_equal(kept[..., :3], image)
    assert np.array_equal(zeroed[seen], kept[seen])
    assert zeroed[~seen].max() == 0
    assert kept.dtype == zeroed.dtype == np.uint8


# Encoders


@pytest.mark.parametrize("encoder", [files.by_pillow(), files.in_one_piece(files.zlib.compress), png.encode])
def test_an_encoders_file_is_read_again(encoder):
    pixels = cut_out(decoded(photograph(SIZE)), zeroed=True)
    seconds, size = files.measure(encoder, pixels, 2)
    assert seconds > 0
    assert size == len(encoder(pixels))


def test_an_encoder_that_loses_pixels_is_found_out():
    pixels = cut_out(decoded(photograph(SIZE)), zeroed=False)
    with pytest.raises(Error, match="holds other pixels"):
        files.measure(lambda pixels: png.encode(pixels[::-1]), pixels, 1)


def test_the_table_compares_encoders_with_the_first():
    table = files.encoder_table({"slow": (3.0, 2_000_000), "quick": (0.25, 2_200_000)})
    assert cells(table)[1:] == [["slow", "3.000", "2.00", "1.0", "1.000"], ["quick", "0.250", "2.20", "12.0", "1.100"]]


def test_the_command_prints_both_tables(photo):
    pytest.importorskip("zlib_ng")
    pytest.importorskip("deflate")
    ran = click.testing.CliRunner().invoke(files.main, ["encoders", "--photo", str(photo), "--repeat", "1"])
    assert ran.exit_code == 0, ran.output
    assert "80x60, medians of 1." in ran.output
    rows = [line for line in ran.output.splitlines() if line.startswith("|")]
    assert len(rows) == 2 * (2 + len(files.encoders()))


def test_a_library_that_is_missing_is_named(photo, monkeypatch):
    monkeypatch.setitem(sys.modules, "deflate", None)
    ran = click.testing.CliRunner().invoke(files.main, ["encoders", "--photo", str(photo)])
    assert ran.exit_code == 1
    assert ran.stderr == "Error: deflate is missing: pip install isal zlib-ng deflate\n"


# The whole command


def test_our_instant_network_keeps_the_contract(tmp_path):
    files.make_network(tmp_path / "instant.onnx", files.OURS)
    network = Network(tmp_path / "instant.onnx")
    alpha = network.coarse(decoded(photograph(SIZE)))
    assert np.array_equal(alpha, ellipse((128, 128)))


def test_rembgs_instant_network_takes_what_rembg_gives_it(tmp_path):
    import onnxruntime

    files.make_network(tmp_path / "instant.onnx", files.FUNCTION)
    session = onnxruntime.InferenceSession(tmp_path / "instant.onnx", providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    (answer,) = session.run(None, {given.name: np.zeros((1, 3, 1024, 1024), np.float32)})
    assert np.array_equal(answer[0, 0], ellipse((1024, 1024)))


def test_our_command_is_timed(photo):
    command = files.time_command(Path(sys.executable), files.OURS, "import http.client", photo, 1)
    assert command.name == files.OURS
    assert 0 < command.imports < command.seconds
    assert command.size > 1000


def test_another_program_is_called_as_contender_does(photo, monkeypatch):
    line = files.command_line(Path("python"), files.FUNCTION, photo, Path("out.png"), Path("model.onnx"))
    assert line[:3] == ["python", "-I", "-c"]
    assert line[4:] == [str(Path(files.__file__).parent), "rembg", str(photo), "out.png", "model.onnx"]
    line = files.command_line(Path("bin/python"), files.COMMAND, photo, Path("out.png"), Path("model.onnx"))
    assert line[:4] == [str(Path("bin/rembg")), "i", "-m", "dis_custom"]
    assert line[4:] == ["-x", '{"model_path": "model.onnx"}', str(photo), "out.png"]
    monkeypatch.setattr(
        files, "command_line", lambda *others: [sys.executable, "-c", "import sys; sys.exit('no such')"]
    )
    with pytest.raises(Error, match=r"^rembg failed: no such$"):
        files.time_command(Path(sys.executable), files.FUNCTION, "import http.client", photo, 1)


def test_no_program_is_timed_without_bytecode_because_of_what_is_set_here(photo, monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    code = "import os, sys; sys.exit(' '.join(name for name in os.environ if name.startswith('PYTHON')) or 'none')"
    monkeypatch.setattr(files, "command_line", lambda *others: [sys.executable, "-c", code])
    with pytest.raises(Error, match=r"^rembg failed: none$"):
        files.time_command(Path(sys.executable), files.FUNCTION, "import http.client", photo, 1)


def test_a_command_that_cuts_something_else_out_is_found_out(photo, monkeypatch):
    code = "import sys; from PIL import Image; Image.new('RGBA', (80, 60)).save(sys.argv[1])"
    monkeypatch.setattr(
        files, "command_line", lambda python, program, photo, out, model: [str(python), "-c", code, str(out)]
    )
    with pytest.raises(Error, match=r"^rembg: its alpha is off by 0\.4"):
        files.time_command(Path(sys.executable), files.FUNCTION, "import http.client", photo, 1)


def test_the_command_table_compares_with_ours(photo, tmp_path, monkeypatch):
    installation = Installation(Path(sys.executable), 1, 2.0, 1.0)
    monkeypatch.setattr(files, "install", lambda folder, *others: installation)
    made = {"background-remover": 1.5, "rembg": 6.0, "rembg-cli": 12.0}
    monkeypatch.setattr(
        files, "time_command", lambda python, name, *others: files.Command(name, made[name], 0.25, 9_000_000)
    )
    ran = click.testing.CliRunner().invoke(files.main, ["command", "--photo", str(photo), "--cache", str(tmp_path)])
    assert ran.exit_code == 0, ran.output
    assert cells(ran.output)[1:] == [
        ["background-remover", "1.50", "0.25", "9.00", "1.0"],
        ["rembg", "6.00", "0.25", "9.00", "4.0"],
        ["rembg-cli", "12.00", "0.25", "9.00", "8.0"],
    ]
