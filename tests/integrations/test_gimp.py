"""The plug-in in GIMP 3 itself where it is installed; without it, what of the plug-in needs no GIMP."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover.cli.program import main
from tests.conftest import wide_profile

FOLDER = Path(__file__).parents[2] / "integrations" / "gimp" / "remove-background"
GIMP = "gimp-console"
COMMAND = str(Path(sys.executable).parent / "background-remover")
SCRIPT = """
import json, sys
from gi.repository import Gimp, Gio

def path(name):
    return Gio.File.new_for_path(f"{FOLDER}/{name}")

def run(layers, **arguments):
    procedure = Gimp.get_pdb().lookup_procedure("plug-in-remove-background")
    config = procedure.create_config()
    config.set_property("image", image)
    config.set_core_object_array("drawables", layers)
    for name, value in arguments.items():
        config.set_property(name, value)
    answer = procedure.run(config)
    return [answer.index(0) == Gimp.PDBStatusType.SUCCESS, Gimp.get_pdb().get_last_error()]

image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, path("photo.png"))
(layer,) = image.get_layers()
image.resize(200, 150, 30, 20)
layer.set_opacity(50)
found = {"done": run([layer], command=COMMAND, flags=f"--model {MODEL}")}
cutout, below = image.get_layers()
found["layers"] = [[one.get_name(), one.get_visible(), one.get_offsets()[1:]] for one in (cutout, below)]
found["no command"] = run([layer], command="none-such")
found["two layers"] = run([cutout, below], command=COMMAND)
found["wrong flag"] = run([layer], command=COMMAND, flags="--grow much")
found["count"] = len(image.get_layers())
found["images"] = len(Gimp.get_images())
image.remove_layer(below)
Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, path("out.png"), None)
with open(f"{FOLDER}/found.json", "w") as file:
    json.dump(found, file)
"""


def version() -> str:
    """What GIMP says of itself; nothing where there is none."""
    if shutil.which(GIMP) is None:
        return ""
    return subprocess.run([GIMP, "--version"], capture_output=True, text=True).stdout


@pytest.mark.skipif("version 3" not in version(), reason="GIMP 3 isn't installed: apt-get install gimp (Debian 13)")
def test_in_gimp_itself_a_layer_becomes_a_layer_with_a_mask(tmp_path, scene, bright):
    PillowImage.fromarray(scene).save(tmp_path / "photo.png", icc_profile=wide_profile())
    shutil.copy(bright, tmp_path / "bright.onnx")
    shutil.copytree(FOLDER, tmp_path / "settings" / "plug-ins" / FOLDER.name)
    command = os.environ.get("GIMP_COMMAND", COMMAND)
    named = {"FOLDER": str(tmp_path), "COMMAND": command, "MODEL": str(tmp_path / "bright.onnx")}
    (tmp_path / "script.py").write_text("".join(f"{name} = {text!r}\n" for name, text in named.items()) + SCRIPT)
    batch = [
        "--batch-interpreter",
        "python-fu-eval",
        "-b",
        f"exec(open({str(tmp_path / 'script.py')!r}).read())",
        "--quit",
    ]
    environment = {**os.environ, "GIMP3_DIRECTORY": str(tmp_path / "settings")}
    ran = subprocess.run([GIMP, "--no-interface", *batch], env=environment, capture_output=True, text=True, timeout=300)
    found = json.loads((tmp_path / "found.json").read_text()) if (tmp_path / "found.json").exists() else ran.stderr
    assert found["done"][0], found
    assert found["layers"] == [["Background cutout", True, [30, 20]], ["Background", False, [30, 20]]]
    assert "no command none-such" in found["no command"][1]
    assert "2 layers are selected" in found["two layers"][1]
    assert "'much' is not a valid integer" in found["wrong flag"][1]
    assert (found["count"], found["images"]) == (2, 1)
    main(["remove", str(tmp_path / "photo.png"), str(tmp_path / "own.png"), "--model", str(bright)])
    with PillowImage.open(tmp_path / "out.png") as out, PillowImage.open(tmp_path / "own.png") as own:
        inside = np.asarray(out.convert("RGBA"), np.int16)[20:110, 30:150]
        wanted = np.asarray(own, np.int16)
        assert np.abs(inside[..., 3] - wanted[..., 3]).max() <= 1
        assert np.abs(inside - wanted)[wanted[..., 3] == 255].max() <= 1
        assert np.asarray(out.convert("RGBA"))[:20, :, 3].max() == 0


@pytest.fixture
def plug_in(monkeypatch):
    """The module with a stand-in for GIMP's own, of which only the name is there."""
    monkeypatch.setitem(sys.modules, "gi", MagicMock())
    monkeypatch.setitem(sys.modules, "gi.repository", MagicMock())
    spec = importlib.util.spec_from_file_location("plug_in", FOLDER / f"{FOLDER.name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_gimp_can_start_it():
    assert os.access(FOLDER / f"{FOLDER.name}.py", os.X_OK)


def test_the_command_cuts_a_layers_file_out(plug_in, scene, bright, tmp_path):
    PillowImage.fromarray(scene).save(tmp_path / "layer.png")
    plug_in.cut_out(COMMAND, f"--model '{bright}' --crop", tmp_path / "layer.png", tmp_path / "cutout.png")
    with PillowImage.open(tmp_path / "cutout.png") as cutout:
        assert cutout.mode == "RGBA"
        assert cutout.width < 120


def test_what_fails_is_a_line(plug_in, tmp_path):
    with pytest.raises(FileNotFoundError, match="no command none-such; pip install background-remover"):
        plug_in.cut_out("none-such", "", tmp_path / "layer.png", tmp_path / "cutout.png")
    with pytest.raises(RuntimeError, match=r"layer\.png: no such file"):
        plug_in.cut_out(COMMAND, "", tmp_path / "layer.png", tmp_path / "cutout.png")
