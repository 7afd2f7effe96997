"""The commands of training: each is explained, each works, and an error is one line and an exit status."""

import dataclasses
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
import pytest

from background_remover.segmentation.network import Network
from background_remover.train import checkpoint, fit, initial_weights
from background_remover.train.__main__ import cli, main
from background_remover.train.checkpoint import Checkpoint
from background_remover.train.config import RECIPES
from background_remover.train.data import download
from background_remover.train.data.download import DownloadError
from tests.train.conftest import Small, pair_folder, save, small_recipe, square

NAMES = ["summary", "download", "pack", "fit", "export", "average", "calibrate", "coreml", "report"]
CPU = "--accelerator cpu --devices 1 --precision 32-true"
ABOUT = "--name trial --version 1 --license CC0-1.0 --data squares"


@dataclasses.dataclass(frozen=True)
class Ran:
    status: int
    output: str
    error: str


@pytest.fixture
def run(capfd, tmp_path, monkeypatch) -> Callable[[str], Ran]:
    """Runs a command line in this process, in the temporary folder."""
    monkeypatch.chdir(tmp_path)

    def run(line: str) -> Ran:
        status = main(line.split())
        return Ran(status, *capfd.readouterr())

    return run


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A data folder, a few files that are something else, and a recipe that is done in a second."""
    monkeypatch.setitem(checkpoint.MODULES, "small", lambda recipe: Small(recipe.dropout))
    monkeypatch.setitem(RECIPES, "small", small_recipe())
    pair_folder(tmp_path / "data", [f"square {number}" for number in range(12)], size=96)
    save(tmp_path / "grounds" / "ground.png", square(96)[0])
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.pt").write_text("no checkpoint\n", encoding="utf-8")
    (tmp_path / "own.onnx").write_bytes(b"")
    return tmp_path


# What works


def test_from_data_to_a_model_file_and_its_report(run, folder):
    ran = run("pack --data data=2 --backgrounds grounds --size 96 --out data.pack")
    assert ran.status == 0
    assert ran.output.startswith("data.pack: 13 pictures, ")

    ran = run(f"fit --recipe small --data data.pack --out run {CPU}")
    assert ran.status == 0
    assert ran.output.splitlines()[0] == "11 pictures to train on, 2 held out"
    assert Checkpoint.load(folder / "run" / "last.pt").samples == 32

    ran = run(f"export run/best.pt small.onnx {ABOUT} --storage fp16")
    assert ran.status == 0
    assert ran.output.startswith("small.onnx: 0.1 MB, 25,409 parameters")
    card = Network(folder / "small.onnx").card
    assert (card.name, card.version, card.license, card.data) == ("trial", "1", "CC0-1.0", "squares")

    ran = run("average small.onnx small.onnx --out mean.onnx --storage fp16")
    assert ran.status == 0
    assert ran.output.startswith("mean.onnx: 0.1 MB, 25,409 parameters")
    assert Network(folder / "mean.onnx").card == card

    assert run(f"export small.onnx mirror.onnx {ABOUT} --mirror --size 64 --crop-size 32").status == 0
    mirror, image = Network(folder / "mirror.onnx"), np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    assert mirror.card == dataclasses.replace(card, commit=mirror.card.commit, longest_side=64, crop_side=32)
    np.testing.assert_allclose(mirror.coarse(image), mirror.flip_averaged(image), atol=1e-5)

    ran = run("report data sheet.png --model small.onnx --worst 1 --median 1")
    assert ran.status == 0
    assert ran.output.startswith("sheet.png: mean IoU 0.")
    assert (folder / "sheet.png").is_file()


def test_a_list_of_names_keeps_pictures_out(run, folder):
    pair_folder(folder / "all", ["kept", "odd one", "another"])
    names = "# not for training\nodd one.png  # half a square\nnowhere.png\n\n"
    (folder / "names.txt").write_text(names, encoding="utf-8")
    assert run("pack --data all --size 32 --out all.pack").output.startswith("all.pack: 3 pictures, ")
    assert run("pack --data all --without names.txt --size 32 --out some.pack").output.startswith("some.pack: 2 ")


def test_fit_hands_its_options_over(run, folder, monkeypatch):
    handed, named = [], {}
    monkeypatch.setattr(fit, "fit", lambda *arguments, **more: (handed.extend(arguments), named.update(more)))
    before = time.monotonic()
    ran = run(
        "fit --recipe small --samples 8 --seed 5 --data data=0.25 --backgrounds grounds --out run "
        "--accelerator cuda --devices 4 --precision 16-mixed --save-every 30"
    )
    recipe, train, validation, out, state, device = handed
    assert ran.status == 0
    assert recipe == dataclasses.replace(small_recipe(), samples=8, seed=5)
    assert [(source.name, source.kind, source.weight) for source in train.mixture] == [
        ("data", "pairs", 0.25),
        ("grounds", "backgrounds", 1.0),
    ]
    assert (len(train), len(validation), train.size) == (11, 2, fit.bank_size(recipe))
    assert out == Path("run")
    assert state.keys() == Small().state_dict().keys()
    assert device == fit.Device("cuda", "4", "16-mixed")
    assert named["save_every"] == 30
    assert before <= named["begun"] <= time.monotonic()  # the minutes count from the command's start


def test_fit_runs_for_minutes(run, folder):
    assert run("fit --recipe small --minutes 0.02 --data data --out run --accelerator cpu").status == 0
    state = Checkpoint.load(folder / "run" / "last.pt")
    assert state.recipe.minutes == 0.02
    assert (state.finished, state.samples > 0) == (True, True)
    ran = run("fit --recipe small --minutes 1 --samples 8 --data data --out run")
    assert (ran.status, "--samples and --minutes both say how long to train; give one" in ran.error) == (2, True)


def test_a_background_may_be_only_put_behind(run, folder, monkeypatch):
    handed = []
    monkeypatch.setattr(fit, "fit", lambda *arguments, **_: handed.extend(arguments))
    (folder / "behind.txt").write_text("b.png  # a house\n", encoding="utf-8")
    save(folder / "grounds" / "b.png", np.zeros((8, 8, 3), np.uint8))
    ran = run("fit --recipe small --data data --backgrounds grounds=2 --behind-only behind.txt --out run")
    assert ran.status == 0
    kinds = [(source.name, source.kind, source.weight) for source in handed[1].mixture]
    assert kinds == [("data", "pairs", 1.0), ("grounds", "backgrounds", 2.0), ("grounds", "behind", 0.0)]
    assert handed[1].of_kind("behind").sum() == 1


def test_fit_begins_with_the_encoder_weights_it_is_given(run, folder, monkeypatch):
    given = []
    monkeypatch.setattr(initial_weights, "from_vgg13", lambda recipe, weights, bank: given.append(weights))
    monkeypatch.setattr(fit, "fit", lambda *_, **__: None)
    assert run("fit --recipe small --data data --out run --encoder-weights vgg13.pth").status == 0
    assert given == [Path("vgg13.pth")]
    ran = run("fit --recipe small --data data --out run --encoder-weights vgg13.pth --init unet")
    assert ran.status == 2
    assert "--init and --encoder-weights both say what to begin with; give one" in ran.error


def test_the_summary_is_the_table_and_the_totals(run):
    ran = run("summary --height 32 --width 64")
    heading, first, *_, last = ran.output.splitlines()
    assert heading.startswith("name\tkind\toutput")
    assert first.split("\t")[:3] == ["input_1", "input", "32x64x3"]
    assert last == "66 layers, 22,846,593 parameters: 22,836,609 trainable, 9,984 not"


def test_download_fetches_the_pets_into_the_folder(run, monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(download, "_fetch", lambda archive, target: asked.append((archive, target)))
    monkeypatch.setattr(download, "_unpack", lambda path, folder: asked.append((path, folder)))
    assert run("download pets").status == 0
    images, annotations = download.OXFORD_IIIT_PET
    pets = Path("pets")
    assert asked == [
        (images, pets / "images.tar.gz"),
        (pets / "images.tar.gz", pets),
        (annotations, pets / "annotations.tar.gz"),
        (pets / "annotations.tar.gz", pets),
    ]


# What is refused: the command line, the exit status, a part of the message

REFUSED = {
    "unknown command": ("train", 2, "No such command 'train'. Try: python -m background_remover.train --help"),
    "unknown option": ("fit --epochs 3", 2, "No such option"),
    "missing option": ("fit --data data", 2, "Missing option '--out'. Try: python -m background_remover.train fit"),
    "missing argument": ("export text.pt", 2, "Missing argument 'FILE.onnx'"),
    "odd size": ("summary --height 100", 2, "100x128; give sides that are multiples of 32"),
    "no size": ("summary --height 0", 2, "0 is not in the range"),
    "unknown recipe": ("summary --recipe vit", 2, "unknown recipe 'vit'; known: unet"),
    "no data": ("fit --recipe small --out run", 2, "no data; give --data DIR"),
    "missing folder": ("fit --recipe small --data nowhere --out run", 2, "nowhere: no pairs here"),
    "empty folder": ("pack --backgrounds empty --out data.pack", 2, "no pictures in the data"),
    "missing backgrounds": ("pack --backgrounds nowhere --out data.pack", 2, "nowhere: no such folder"),
    "not a pack": ("fit --recipe small --data text.pt --out run", 2, "text.pt: not a file that `pack` wrote"),
    "weighed pack": ("fit --recipe small --data text.pt=2 --out run", 2, "text.pt=2': a packed file has the weights"),
    "packed pack": ("pack --data text.pt --out data.pack", 2, "text.pt: a file; pack takes folders"),
    "weight in words": ("pack --data data=much --out data.pack", 2, "'data=much': the weight after = must be a number"),
    "weight of nothing": ("pack --data data=0 --out data.pack", 2, "'data=0': the weight after = must be above 0"),
    "weight of NaN": ("pack --data data=nan --out data.pack", 2, "'data=nan': the weight after = must be above 0"),
    "no samples": ("fit --recipe small --data data --samples 0 --out run", 2, "0 is not in the range"),
    "nothing held out": ("fit --recipe small --backgrounds grounds --out run", 2, "no pictures in the validation part"),
    "unknown device": (f"fit --recipe small --data data --out run {CPU} --devices many", 2, "`devices`"),
    "unknown precision": (f"fit --recipe small --data data --out run {CPU} --precision 3", 2, "Precision '3'"),
    "run in a file": (f"fit --recipe small --data data --out text.pt {CPU}", 2, "'text.pt' is a file"),
    "pack in a missing folder": (
        "pack --data data --out nowhere/data.pack",
        1,
        "nowhere/data.pack: there is no folder nowhere; make it first",
    ),
    "run below a file": (f"fit --recipe small --data data --out text.pt/run {CPU}", 1, "text.pt is a file, and no"),
    "report in a missing folder": ("report data nowhere/sheet.png", 1, "nowhere/sheet.png: there is no folder nowhere"),
    "no VGG-13": ("fit --recipe small --data data --out run --encoder-weights text.pt", 2, "'small' has no VGG-13"),
    "missing checkpoint": (f"export nowhere.pt m.onnx {ABOUT}", 1, "nowhere.pt: no such checkpoint"),
    "no checkpoint": (f"export text.pt m.onnx {ABOUT}", 1, "text.pt: not a checkpoint"),
    "unknown storage": (f"export text.pt m.onnx {ABOUT} --storage int4", 2, "'int4' is not one of"),
    "export at no multiple": (
        f"export text.pt m.onnx {ABOUT} --size 33",
        2,
        "--size 33 is no multiple of 32; give one",
    ),
    "export of crops at none": (f"export text.pt m.onnx {ABOUT} --crop-size 33", 2, "--crop-size 33 is no multiple of"),
    "export at a huge size": (
        f"export text.pt m.onnx {ABOUT} --size 32000",
        2,
        "--size 32000; give a number from 1 to",
    ),
    "export to no model file": (f"export text.pt m.txt {ABOUT}", 2, "m.txt: a model file ends in .onnx"),
    "average onto its source": ("average own.onnx own.onnx --out own.onnx", 2, "is what it is to be made of"),
    "average of one": ("average unet --out m.onnx", 2, "an average takes two model files or more"),
    "average of two networks": ("average unet unet-lite2 --out m.onnx", 1, "not of the same network"),
    "unknown model": ("report data sheet.png --model isnet", 2, "unknown model 'isnet'"),
    "missing model": ("report data sheet.png --model text.onnx", 1, "text.onnx: no such model file"),
}


@pytest.mark.parametrize(("line", "status", "message"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_is_one_line_and_leaves_nothing(run, folder, line, status, message):
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    ran = run(line)
    assert ran.status == status
    assert ran.error.startswith("background_remover.train: ")
    assert ran.error.count("\n") == 1
    assert message in ran.error
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_a_run_of_another_recipe_is_left_alone(run, folder):
    assert run(f"fit --recipe small --data data --out run {CPU}").status == 0
    before = {path: path.read_bytes() for path in (folder / "run").iterdir()}
    ran = run(f"fit --recipe small --data data --out run {CPU} --seed 1")
    assert ran.status == 2
    assert "run/last.pt belongs to another recipe" in ran.error.splitlines()[-1]
    assert {path: path.read_bytes() for path in (folder / "run").iterdir()} == before


def test_a_broken_file_is_named_and_the_rest_is_packed(run, folder):
    (folder / "data" / "image" / "square 3.png").write_bytes(b"no picture")
    ran = run("pack --data data --size 32 --out data.pack")
    assert ran.status == 0
    assert ran.output.startswith("data.pack: 11 pictures")


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (DownloadError("pets: the connection broke off"), 1, "pets: the connection broke off"),
        (
            OSError(28, "No space left on device", "pets/images.tar.gz"),
            1,
            "pets/images.tar.gz: No space left on device",
        ),
        (KeyboardInterrupt(), 130, "interrupted; the same command continues from the last checkpoint"),
    ],
)
def test_other_ends_have_their_status(run, monkeypatch, error, status, message):
    def fail(folder: Path) -> None:
        raise error

    monkeypatch.setattr(download, "download", fail)
    ran = run("download pets")
    assert ran.status == status
    assert ran.error.strip() == f"background_remover.train: {message}"


# Help


def test_the_commands_are_these():
    assert list(cli.commands) == NAMES


@pytest.mark.parametrize("names", ["", *NAMES])
def test_every_command_and_option_is_explained(run, names):
    command = cli.commands[names] if names else cli
    assert command.help
    assert all(option.help for option in command.params if isinstance(option, click.Option))
    for flag in ("--help", "-h"):
        ran = run(f"{names} {flag}")
        assert (ran.status, ran.error) == (0, "")
        assert command.help.splitlines()[0] in " ".join(ran.output.split())


def test_no_commands_summary_is_cut_off(run):
    assert not [row for row in run("--help").output.split("Commands:\n")[1].splitlines() if row.endswith("...")]


def test_no_command_gives_the_help(run):
    assert run("") == run("--help")


def test_every_recipe_is_named_in_the_help(run):
    told = "".join(run("fit --help").output.split())  # a line may end within a name
    assert all(name in told for name in RECIPES)


def test_the_module_runs_as_a_program():
    ran = subprocess.run(
        [sys.executable, "-m", "background_remover.train", "summary", "--height", "1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.splitlines() == ["background_remover.train: a size of 1x128; give sides that are multiples of 32"]
