import csv
import dataclasses
import importlib.metadata
import io
import json
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover import Remover
from background_remover.batch.record import CODES
from background_remover.cli.program import COMMANDS, cli, main
from background_remover.errors import NoSubject
from background_remover.imaging.reader import decode
from background_remover.models import MODELS
from background_remover.parameters.layout import POSITIONS
from background_remover.segmentation.device import DEVICES
from background_remover.segmentation.network import Network
from tests.conftest import CARD

COMMAND = [sys.executable, "-m", "background_remover"]


@dataclasses.dataclass(frozen=True)
class Ran:
    status: int
    output: bytes
    error: str


@pytest.fixture
def run(capsysbinary, monkeypatch) -> Callable[..., Ran]:
    """Runs the command in this process, as the console script does, with the given bytes as standard input."""

    def run(*arguments: object, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        status = main([str(argument) for argument in arguments])
        output, error = capsysbinary.readouterr()
        return Ran(status, output, error.decode())

    return run


@pytest.fixture
def folder(tmp_path, photo) -> Path:
    """A folder with a picture and all sorts of files that are none."""
    PillowImage.fromarray(photo).save(tmp_path / "photo.png")
    whole = (tmp_path / "photo.png").read_bytes()
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.jpg").write_text("this is no picture but a line of text\n")
    (tmp_path / "half.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "folder").mkdir()
    (tmp_path / "bare.onnx").write_bytes(b"\x08\x08")
    return tmp_path


# What works


def test_a_picture_is_cut_out_in_silence(run, folder, bright, photo):
    assert run("remove", folder / "photo.png", folder / "cutout.png", "--model", bright) == Ran(0, b"", "")
    with PillowImage.open(folder / "cutout.png") as cutout:
        assert np.array_equal(np.asarray(cutout), np.asarray(Remover(bright).remove(photo)))


def test_the_mask_alone(run, folder, bright, photo):
    assert run("remove", folder / "photo.png", folder / "mask.jpg", "--model", bright, "--only-mask").status == 0
    with PillowImage.open(folder / "mask.jpg") as mask:
        assert (mask.mode, mask.size) == ("L", (120, 90))


def test_the_facts_as_json(run, folder, bright, photo):
    ran = run("remove", folder / "photo.png", folder / "cutout.png", "--model", bright, "--json")
    facts = json.loads(ran.output)
    cut = Remover(bright).cut(photo)
    assert (ran.status, facts["width"], facts["height"], facts["empty"]) == (0, 120, 90, False)
    assert facts["confidence"] == pytest.approx(cut.confidence, abs=1e-4)
    assert facts["ground"] == "graphic"  # a disc of one colour on another
    assert facts["seconds"] > 0


def test_no_subject_has_a_status_of_its_own(run, folder, make_model):
    PillowImage.new("RGB", (60, 40)).save(folder / "dark.png")
    model = make_model(metadata=dataclasses.replace(CARD, empty_below=0.5).to_metadata())
    ran = run("remove", folder / "dark.png", folder / "cutout.png", "--model", model)
    assert ran.status == 3
    assert f"{folder / 'dark.png'}: no subject found (confidence 0.00); --allow-empty" in ran.error
    assert not (folder / "cutout.png").exists()
    assert run("remove", folder / "dark.png", folder / "cutout.png", "--model", model, "--allow-empty").status == 0
    assert (folder / "cutout.png").exists()


@pytest.mark.parametrize("target", ["cutout.png", "-"])
def test_an_unsure_cutout_is_written_and_said(run, folder, make_model, target):
    PillowImage.new("RGB", (60, 40), (130, 130, 130)).save(folder / "fog.png")
    model = make_model(metadata=dataclasses.replace(CARD, empty_below=0.3, unsure_below=0.8).to_metadata())
    ran = run("remove", folder / "fog.png", target if target == "-" else folder / target, "--model", model)
    assert ran.status == 0
    said = f"background-remover: {folder / 'fog.png'}: unsure of the subject (confidence 0.56); look at the result, or"
    assert (ran.error.startswith(said), ran.error.count("\n")) == (True, 1)
    written = ran.output if target == "-" else (folder / target).read_bytes()
    with PillowImage.open(io.BytesIO(written)) as cutout:
        assert cutout.mode == "RGBA"


@pytest.mark.parametrize(("level", "unsure"), [(130, True), (255, False)])
def test_the_facts_say_whether_it_is_unsure(run, folder, make_model, level, unsure):
    PillowImage.new("RGB", (60, 40), (level, level, level)).save(folder / "fog.png")
    model = make_model(metadata=dataclasses.replace(CARD, empty_below=0.3, unsure_below=0.8).to_metadata())
    ran = run("remove", folder / "fog.png", folder / "cutout.png", "--model", model, "--json")
    assert json.loads(ran.output)["unsure"] is unsure
    assert bool(ran.error) is unsure


def test_json_and_the_picture_cannot_share_standard_output(run, folder, bright):
    assert run("remove", folder / "photo.png", "-", "--model", bright, "--json").status == 2


def test_before_a_background_a_cutout_may_be_a_jpeg(run, folder, bright):
    arguments = ["remove", folder / "photo.png", folder / "o.jpg", "--model", bright, "--background", "white"]
    assert run(*arguments).status == 0
    with PillowImage.open(folder / "o.jpg") as picture:
        assert (picture.mode, picture.size) == ("RGB", (120, 90))
    assert run(*arguments, "--canvas", "300x200").status == 0
    with PillowImage.open(folder / "o.jpg") as picture:
        assert picture.size == (300, 200)


def test_standard_input_and_output(run, folder, bright, photo):
    ran = run("remove", "-", "-", "--model", bright, stdin=(folder / "photo.png").read_bytes())
    assert (ran.status, ran.error) == (0, "")
    with PillowImage.open(io.BytesIO(ran.output)) as cutout:
        assert (cutout.format, cutout.mode, cutout.size) == ("PNG", "RGBA", (120, 90))


def test_the_format_of_standard_output(run, folder, bright):
    arguments = ["--model", bright, "--format", "webp", "--lossless", "--strip"]
    ran = run("remove", "-", "-", *arguments, stdin=(folder / "photo.png").read_bytes())
    with PillowImage.open(io.BytesIO(ran.output)) as cutout:
        assert (cutout.format, cutout.mode, cutout.size) == ("WEBP", "RGBA", (120, 90))


def test_an_animation_stays_one(run, folder, bright, photo):
    frames = [PillowImage.fromarray(np.roll(photo, 9 * number, axis=1)) for number in range(3)]
    frames[0].save(folder / "walk.gif", save_all=True, append_images=frames[1:], duration=[40, 80, 120], loop=0)
    ran = run("remove", folder / "walk.gif", folder / "walk.webp", "--model", bright, "--json")
    assert json.loads(ran.output)["frames"] == 3
    with PillowImage.open(folder / "walk.webp") as cutout:
        assert (cutout.n_frames, cutout.size) == (3, (120, 90))
    ran = run("remove", folder / "walk.gif", folder / "walk.tif", "--model", bright)
    assert ran.status == 2
    assert "walk.tif: TIFF holds no animation; write a .gif, .webp or .png, or take --frame 1" in ran.error
    assert run("remove", folder / "walk.gif", folder / "walk.tif", "--model", bright, "--frame", 3).status == 0


def test_pipes_of_a_real_process(folder, bright):
    command = [*COMMAND, "remove", "-", "-", "--model", str(bright)]
    ran = subprocess.run(command, input=(folder / "photo.png").read_bytes(), capture_output=True, check=True)
    assert ran.stderr == b""
    with PillowImage.open(io.BytesIO(ran.stdout)) as cutout:
        cutout.load()
        assert (cutout.format, cutout.mode, cutout.size) == ("PNG", "RGBA", (120, 90))


def test_an_existing_target_is_replaced(run, folder, bright):
    (folder / "cutout.png").write_bytes(b"old")
    assert run("remove", folder / "photo.png", folder / "cutout.png", "--model", bright).status == 0
    assert (folder / "cutout.png").read_bytes()[:4] == b"\x89PNG"


def test_remarks_on_an_odd_file_are_not_repeated(folder, bright):
    """The tag is too long for its file: Pillow warns, and reads the picture all the same."""
    exif = b"Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x0f\x00\x02\xff\xff\xff\xff\x00\x00\x00\x00"
    PillowImage.new("RGB", (9, 9)).save(folder / "odd.jpg", exif=exif)
    with warnings.catch_warnings(record=True) as remarks:
        warnings.simplefilter("always")
        decode(folder / "odd.jpg")
    assert remarks
    command = [*COMMAND, "remove", str(folder / "odd.jpg"), str(folder / "cutout.png"), "--model", str(bright)]
    assert subprocess.run(command, capture_output=True, check=True).stderr == b""


@pytest.mark.parametrize("flags", [["--threshold", 1], ["--grow", -500]])
def test_values_that_leave_nothing_leave_it_empty(run, folder, bright, monkeypatch, flags):
    monkeypatch.chdir(folder)
    ran = run("remove", "photo.png", "o.png", "--model", bright, *flags)
    assert ran.status == 3
    assert f"photo.png: no subject found, or none is left by {flags[0][2:]} (confidence" in ran.error
    assert not Path("o.png").exists()
    assert run("remove", "photo.png", "o.png", "--model", bright, "--allow-empty", *flags).status == 0


FAILURES = {
    "missing": ("none.png o.png", 1, "image", "check the name"),
    "text": ("half.png o.png", 1, "image", "get a whole copy of the picture"),
    "no folder": ("photo.png none/o.png", 1, "write", "make it first"),
    "no subject": ("photo.png o.png --threshold 1", 3, "no-subject", "--allow-empty gives the cutout even so"),
    "an option": ("photo.png o.png --threshold 7", 2, "option", "give a number from 0 to 1"),
    "another's flag": ("photo.png o.png --bg white", 2, "option", None),
    "no OUT": ("photo.png", 2, "option", None),
    "no model": ("photo.png o.png --model none.onnx", 1, "model", "check the name"),
}


@pytest.mark.parametrize(("line", "status", "code", "hint"), FAILURES.values(), ids=FAILURES)
def test_a_failure_is_json_as_well(run, folder, bright, monkeypatch, line, status, code, hint):
    monkeypatch.chdir(folder)
    model = [] if "--model" in line else ["--model", bright]
    ran = run("remove", *line.split(), *model, "--json")
    facts = json.loads(ran.output)
    assert (ran.status, facts["code"], facts["hint"]) == (status, code, hint)
    assert code in CODES
    assert ran.error.startswith(f"background-remover: {facts['error']}")
    assert "stage" not in facts


def test_center_is_taken(run, folder, bright):
    arguments = ["remove", folder / "photo.png", "--model", bright, "--canvas", "99x99", "--position"]
    for place in ("center", "centre"):
        assert run(*arguments[:2], folder / f"{place}.png", *arguments[2:], place).status == 0
    assert (folder / "center.png").read_bytes() == (folder / "centre.png").read_bytes()


COMPLETED = {
    "commands": ("", {*COMMANDS}),
    "models": ("remove a.jpg b.png --model", {*MODELS}),
    "positions": ("remove --position", {*POSITIONS}),
    "formats": ("batch --format", {"png", "webp", "tif", "tiff", "avif", "gif", "jpg", "jpeg", "bmp"}),
    "matting": ("remove --matting", {"none", "guided", "closed-form"}),
    "files": ("remove", {""}),
    "masks": ("remove --mask", {""}),
}


@pytest.mark.parametrize(("words", "wanted"), COMPLETED.values(), ids=COMPLETED)
def test_the_shell_completes_what_is_known(words, wanted):
    words = ["background-remover", *words.split(), ""]
    asked = {"_BACKGROUND_REMOVER_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(words)}
    asked["COMP_CWORD"] = str(len(words) - 1)
    code = "from background_remover.cli.program import main; main()"
    ran = subprocess.run([sys.executable, "-c", code], env={**os.environ, **asked}, capture_output=True, text=True)
    kinds, _, values = zip(*(line.partition(",") for line in ran.stdout.splitlines()), strict=True)
    assert set(values) == wanted
    assert set(kinds) == {"file" if wanted == {""} else "plain"}


# What is refused: arguments (folder/ stands for the folder), exit status, message

REFUSED = {
    "not a picture": ("remove folder/text.jpg folder/o.png", 1, "folder/text.jpg: not a picture of a known format"),
    "truncated": ("remove folder/half.png folder/o.png", 1, "folder/half.png: truncated or damaged"),
    "empty": ("remove folder/empty.png folder/o.png", 1, "folder/empty.png: empty; get a whole copy"),
    "a folder": ("remove folder/folder folder/o.png", 1, "folder/folder: a folder, not a picture; name a file"),
    "a folder for one": ("remove folder/folder folder/o.png", 1, "use background-remover batch folder/folder OUT"),
    "a folder as result": (
        "remove folder/photo.png folder/folder",
        1,
        "/folder: a folder, and OUT is a file; name one in it, as in",
    ),
    "several pictures": (
        "remove folder/photo.png folder/half.png folder/folder",
        2,
        "3 names, and remove takes two, IN and OUT; for several pictures use background-remover batch folder/photo.png",
    ),
    "an address": (
        "remove https://example.org/a.jpg folder/o.png",
        2,
        "https://example.org/a.jpg: an address, and pictures are files here; download it first",
    ),
    "an address as result": ("remove folder/photo.png s3://bucket/o.png", 2, "s3://bucket/o.png: an address"),
    "another's flag": ("remove folder/photo.png folder/o.png --bg white", 2, "'--bg': use --background COLOUR, as in"),
    "another's command": ("i folder/photo.png folder/o.png", 2, "No such command 'i': use remove IN OUT."),
    "no crop": ("remove folder/photo.png folder/o.png --margin 5%", 2, "margin does nothing without crop or canvas"),
    "no canvas": ("remove folder/photo.png folder/o.png --scale 0.5", 2, "scale does nothing without canvas"),
    "no shadow": ("remove folder/photo.png folder/o.png --shadow-blur 9", 2, "shadow-blur does nothing without shadow"),
    "no packing": ("remove folder/photo.png folder/o.webp --compress small", 2, "WEBP isn't packed as a PNG is; leave"),
    "no table's folder": ("evaluate folder --csv folder/none/t.csv", 1, "none/t.csv: there is no folder folder/none"),
    "a table's folder": ("evaluate folder --csv folder/folder", 1, "folder/folder: a folder, and what is written is a"),
    "no model's folder": (
        "models import folder/bare.onnx --name u2net --out folder/none/m.onnx",
        1,
        "none/m.onnx: there is no folder folder/none; make it first",
    ),
    "missing": ("remove folder/none.png folder/o.png", 1, "folder/none.png: no such file; check the name"),
    "empty input": ("remove - folder/o.png", 1, "standard input: empty; get a whole copy"),
    "too large": (
        "remove folder/photo.png folder/o.png --max-megapixels 0.01",
        1,
        "folder/photo.png: 120x90 is 0.0108 megapixels and the limit is 0.01; shrink the picture or raise",
    ),
    "no such target folder": ("remove folder/photo.png folder/none/o.png", 1, "no folder folder/none; make it first"),
    "a file as folder": ("remove folder/photo.png folder/text.jpg/o.png", 1, "no folder folder/text.jpg; make it"),
    "a folder as target": (
        "remove folder/photo.png folder/folder.png",
        1,
        "folder/folder.png: a folder, and OUT is a file",
    ),
    "its own input": ("remove folder/photo.png folder/photo.png", 1, "folder/photo.png: is the picture to be read"),
    "unknown suffix": (
        "remove folder/photo.png folder/o.pdf",
        2,
        "folder/o.pdf: a picture with transparency ends in .png,",
    ),
    "suffix without alpha": (
        "remove folder/photo.png folder/o.jpg",
        2,
        "ends in .png, .webp, .tif, .tiff, .avif or .gif, not in '.jpg'",
    ),
    "unknown model": ("remove folder/photo.png folder/o.png --model isnet", 2, "unknown model 'isnet'; known: unet"),
    "missing model": ("remove folder/photo.png folder/o.png --model folder/no.onnx", 1, "no.onnx: no such model file"),
    "no contract": ("remove folder/photo.png folder/o.png --model folder/bare.onnx", 1, "folder/bare.onnx: not a"),
    "limit of nothing": ("remove folder/photo.png folder/o.png --max-megapixels 0", 2, "give a number above 0"),
    "limit in words": ("remove folder/photo.png folder/o.png --max-megapixels few", 2, "'few' is not a valid float"),
    "translucent background": (
        "remove folder/photo.png folder/o.jpg --background #ffffff80",
        2,
        "folder/o.jpg: a picture with transparency ends in",
    ),
    "no such background": (
        "remove folder/photo.png folder/o.png --background whiteish",
        2,
        "background is 'whiteish'; give none, a colour",
    ),
    "missing background": (
        "remove folder/photo.png folder/o.png --background folder/none.jpg",
        1,
        "folder/none.jpg: no such file",
    ),
    "missing mask": ("remove folder/photo.png folder/o.png --mask folder/none.png", 1, "folder/none.png: no such file"),
    "two formats": ("remove folder/photo.png folder/o.png --format webp", 2, "its name says PNG and format says WEBP"),
    "unknown format": ("remove folder/photo.png - --format heic", 2, "format is 'heic'; known: png, webp, tif,"),
    "format without alpha": ("remove folder/photo.png - --format jpg", 2, "format jpg: a picture with transparency"),
    "no quality": ("remove folder/photo.png folder/o.png --quality 9", 2, "PNG has no quality; leave it out"),
    "no such frame": ("remove folder/photo.png folder/o.png --frame 2", 1, "photo.png: has no frame 2; give a number"),
    "unknown option": ("remove folder/photo.png folder/o.png --colour red", 2, "No such option"),
    "missing argument": ("remove folder/photo.png", 2, "Missing argument 'OUT'. Try: background-remover remove --help"),
    "unknown command": ("cut folder/photo.png", 2, "No such command 'cut'. Try: background-remover --help"),
    "no pairs": ("evaluate folder/folder", 2, "folder/folder: no pairs here; wanted image/ beside mask/"),
    "unknown part": ("evaluate folder --part half", 2, "'half' is not one of"),
    "unknown matting": ("evaluate folder --matting blur", 2, "matting is 'blur'; known: none, guided, closed-form"),
    "unknown second look": (
        "evaluate folder --second-look twice",
        2,
        "second-look is 'twice'; known: auto, small, off",
    ),
    "nothing to score": ("evaluate", 2, "nothing to score; give a DIR or --backgrounds DIR"),
    "no backgrounds": ("evaluate --backgrounds folder/none", 2, "folder/none: no such folder"),
    "a part without backgrounds": (
        "evaluate --backgrounds folder/folder --part test",
        2,
        "only the Oxford-IIIT Pet layout",
    ),
    "no list": (
        "evaluate folder/folder --without folder/none.txt",
        2,
        "folder/none.txt: can't be read (No such file or dir",
    ),
    "no limit": ("evaluate folder --limit 0", 2, "0 is not in the range"),
}


@pytest.mark.parametrize(("line", "status", "message"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_is_one_line_and_leaves_nothing(run, folder, bright, monkeypatch, line, status, message):
    monkeypatch.chdir(folder.parent)
    (folder / "folder.png").mkdir()
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    line = line.replace("folder/", f"{folder.name}/").replace("evaluate folder ", f"evaluate {folder.name} ")
    if line.startswith("remove") and "--model" not in line:
        line += f" --model {bright}"
    ran = run(*line.split())
    assert (ran.status, ran.output) == (status, b"")
    assert ran.error.startswith("background-remover: ")
    assert ran.error.count("\n") == 1
    assert message.replace("folder/", f"{folder.name}/") in ran.error
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no place here that nobody may write to")
def test_an_unwritable_target_is_refused(run, folder, bright):
    ran = run("remove", folder / "photo.png", "/proc/cutout.png", "--model", bright)
    assert ran.status == 1
    assert ran.error.startswith("background-remover: /proc/cutout.png: can't be written (")


def test_the_first_line_of_a_long_message_is_all_there_is(run, tmp_path):
    assert run("remove", tmp_path / "two\nlines.png", tmp_path / "o.png").error.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "status"), [(NoSubject("photo.png: no subject"), 3), (MemoryError(), 1), (KeyboardInterrupt(), 130)]
)
def test_other_ends_have_their_status(run, folder, monkeypatch, error, status):
    def fail(*arguments: object, **options: object) -> None:
        raise error

    monkeypatch.setattr("background_remover.cli.remove.load", fail)
    ran = run("remove", folder / "photo.png", folder / "o.png")
    assert ran.status == status
    assert ran.error.strip().startswith("background-remover: ")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_an_interrupted_process_says_so_and_leaves_nothing(folder, bright):
    os.mkfifo(folder / "pipe")
    command = [*COMMAND, "remove", str(folder / "pipe"), str(folder / "o.png"), "--model", str(bright)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    with (folder / "pipe").open("wb"):  # opens when the process does, which then waits for bytes
        process.send_signal(signal.SIGINT)
        error = process.communicate()[1]
    assert process.returncode == 130
    assert error.strip() == b"background-remover: interrupted"
    assert not (folder / "o.png").exists()


def test_a_reader_that_leaves_ends_the_process_in_silence(folder, bright):
    command = [*COMMAND, "remove", str(folder / "photo.png"), "-", "--model", str(bright)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
@pytest.mark.parametrize("arguments", [["remove", "photo.png", "-"], ["models"]])
def test_a_full_disk_is_said_once(folder, bright, arguments):
    model = ["--model", str(bright)] if "-" in arguments else []
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [*COMMAND, *arguments, *model], stdout=full, stderr=subprocess.PIPE, cwd=folder, check=False
        )
    assert ran.returncode == 1
    assert ran.stderr == b"background-remover: standard output: No space left on device\n"


def test_a_name_that_the_system_refuses_is_an_error_of_one_line(run, folder, bright):
    for arguments in (("photo.png", "x" * 300 + ".png"), ("x" * 300, "o.png")):
        ran = run("remove", *(folder / name for name in arguments), "--model", bright)
        assert ran.status == 1
        assert ran.error.startswith(f"background-remover: {folder}/x")
        assert ran.error.count("\n") == 1


# The other commands


def test_the_models_are_listed(run):
    ran = run("models")
    header, *rows = ran.output.decode().splitlines()
    assert ran.status == 0
    assert header.split() == ["name", "size", "parameters", "licence", "data", "scores"]
    assert [row.split()[0] for row in rows] == list(MODELS)
    assert all(f"{model.parameters:,}" in row for model, row in zip(MODELS.values(), rows, strict=True))


def test_the_devices_are_listed(run):
    ran = run("models", "--devices")
    rows = dict(line.split(maxsplit=1) for line in ran.output.decode().splitlines())
    assert ran.status == 0
    assert list(rows) == list(DEVICES)
    assert rows["cpu"] == "there"
    assert rows["cuda"] in ("there", "needs pip install onnxruntime-gpu")


@pytest.mark.parametrize("command", ["remove {photo} {out}.png", "batch {photo} {out}", "subjects {photo}"])
def test_a_device_that_is_missing_is_refused(run, photo, tmp_path, bright, command):
    PillowImage.fromarray(photo).save(tmp_path / "photo.png")
    names = command.format(photo=tmp_path / "photo.png", out=tmp_path / "out").split()
    ran = run(*names, "--model", bright, "--device", "directml")
    assert (ran.status, ran.output) == (2, b"")
    assert "device directml isn't in the onnxruntime that is installed" in ran.error
    assert "pip install onnxruntime-directml" in ran.error
    assert run(*names, "--model", bright, "--device", "auto").status == 0


@pytest.fixture
def pairs(tmp_path, photo) -> Path:
    (tmp_path / "image").mkdir()
    (tmp_path / "mask").mkdir()
    for number in range(4):
        PillowImage.fromarray(np.roll(photo, number, axis=1)).save(tmp_path / "image" / f"{number}.png")
        mask = np.roll(photo, number, axis=1)[..., 0] > 127
        PillowImage.fromarray(mask.astype(np.uint8) * 255).save(tmp_path / "mask" / f"{number}.png")
    return tmp_path


def test_a_model_is_scored(run, pairs, bright):
    ran = run("evaluate", pairs, "--model", bright, "--csv", pairs / "scores.csv", "--limit", 2)
    assert ran.status == 0
    assert "iou" in ran.output.decode()
    with (pairs / "scores.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["0", "2"]
    assert all(float(row["iou_border_ignored"]) > 0.95 for row in rows)


@pytest.fixture
def sources(tmp_path, photo) -> Path:
    """Two folders of pairs, one of whose subjects is dim and one dark, and one of pictures without a subject."""
    for folder, name, share in (("a", "one", 1.0), ("a", "dim", 0.54), ("b", "dark", 0.2), ("b", "two", 1.0)):
        for part, pixels in (
            ("image", (photo * share).astype(np.uint8)),
            ("mask", (photo > 127)[..., 0] * np.uint8(255)),
        ):
            (tmp_path / folder / part).mkdir(parents=True, exist_ok=True)
            PillowImage.fromarray(pixels).save(tmp_path / folder / part / f"{name}.png")
    (tmp_path / "walls").mkdir()
    for name, level in (("grey", 30), ("sky", 250), ("train", 250), ("house", 250)):
        PillowImage.new("RGB", (60, 40), (level, level, level)).save(tmp_path / "walls" / f"{name}.png")
    (tmp_path / "without.txt").write_text("# not to be used\ntrain.png  # a train\ntwo.png\n")
    (tmp_path / "behind.txt").write_text("house.png\none.png\n")  # the latter is no background
    return tmp_path


def cells(output: str, first: str) -> list[list[str]]:
    """The cells of the table's rows whose first cell this is."""
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in output.splitlines() if line.startswith("|")]
    return [rest for name, *rest in rows if name == first]


def test_folders_and_backgrounds_are_judged(run, sources, make_model, monkeypatch):
    card = dataclasses.replace(CARD, empty_below=0.3, unsure_below=0.8)
    model = make_model("choosy.onnx", metadata=card.to_metadata())
    monkeypatch.chdir(sources)
    lists = ["--without", "without.txt", "--behind-only", "behind.txt"]
    ran = run("evaluate", "a", "b", "--backgrounds", "walls", *lists, "--model", model, "--csv", "scores.csv")
    assert ran.status == 0, ran.error
    output = ran.output.decode()
    assert [line for line in output.splitlines() if line.startswith("## ")] == ["## a", "## b", "## all"]
    assert len(cells(output, "iou")) == 3
    assert cells(output, "a") == [["2", "0.0%", "0.0%", "50.0%"]]
    assert cells(output, "b") == [["1", "100.0%", "100.0%", "0.0%"]]
    assert cells(output, "all") == [["3", "33.3%", "33.3%", "33.3%"]]
    assert cells(output, "walls") == [["2", "50.0%", "0.0%", "50.0%"]]
    with Path("scores.csv").open(newline="") as file:
        rows = [(row["source"], row["name"], row["has_subject"], row["refused"]) for row in csv.DictReader(file)]
    assert rows == [
        ("a", "dim", "1", "0"),
        ("a", "one", "1", "0"),
        ("b", "dark", "1", "1"),
        ("walls", "grey.png", "0", "1"),
        ("walls", "sky.png", "0", "0"),
    ]


def test_backgrounds_alone_are_judged_too(run, sources, bright):
    ran = run("evaluate", "--backgrounds", sources / "walls", "--model", bright, "--limit", 2)
    assert (ran.status, ran.output.decode().count("|\n")) == (0, 3)
    assert cells(ran.output.decode(), str(sources / "walls")) == [["2", "0.0%", "0.0%", "50.0%"]]


def test_the_network_looks_once_at_what_is_scored(run, sources, bright, monkeypatch):
    asked, coarse = [], Network.coarse
    monkeypatch.setattr(Network, "coarse", lambda self, image: asked.append(image.shape) or coarse(self, image))
    ran = run("evaluate", sources / "a", "--backgrounds", sources / "walls", "--model", bright, "--second-look", "off")
    assert (ran.status, len(asked)) == (0, 6)


def test_a_table_that_cannot_be_written_is_named(run, pairs, bright):
    ran = run("evaluate", pairs, "--model", bright, "--csv", pairs / "none" / "scores.csv", "--limit", 1)
    assert ran.status == 1
    assert "none/scores.csv: there is no folder" in ran.error


# Help


@pytest.mark.parametrize("names", ["", *cli.commands, *(f"models {name}" for name in cli.commands["models"].commands)])
def test_every_command_and_option_is_explained(run, names):
    command = cli
    for name in names.split():
        command = command.commands[name]
    assert command.help
    assert all(option.help for option in command.params if isinstance(option, click.Option))
    for flag in ("--help", "-h"):
        ran = run(*names.split(), flag)
        assert ran.status == 0
        assert command.help.splitlines()[0] in " ".join(ran.output.decode().split())


@pytest.mark.parametrize("line", ["--help", "models --help"])
def test_no_commands_summary_is_cut_off(run, line):
    commands = run(*line.split()).output.decode().split("Commands:\n")[1].splitlines()
    assert commands
    assert not [row for row in commands if row.endswith("...")]


def test_no_command_gives_the_help(run):
    assert run() == run("--help")


def test_the_version_is_the_packages(run):
    assert importlib.metadata.version("background-remover") in run("--version").output.decode()


def test_a_cutout_imports_nothing_that_it_does_not_need():
    code = "import sys, background_remover.cli.program, background_remover.cli.remove; print(*sys.modules); "
    code += "import background_remover.remover; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    before_decoding = done.stdout.splitlines()[0].split()
    assert not {"numpy", "background_remover.matting", "background_remover.compositing"} & set(before_decoding)
    for name in (
        "background_remover.batch",
        "background_remover.video",
        "background_remover.compositing.floor_shadow",
        "background_remover.compositing.outline",
        "background_remover.matting.closed_form",
        "background_remover.matting.keying.unmix",
        "background_remover.matting.trimap_solver",
        "background_remover.pipeline.plain_ground",
        "background_remover.pipeline.subject_selection",
        "background_remover.runtime.dynamic_batching",
        "background_remover.segmentation.crop_cache",
        "PIL.ImageDraw",
        "hashlib",
        "secrets",
        "asyncio",
        "starlette",
        "onnxruntime",
    ):
        assert name not in done.stdout.split()


@pytest.mark.parametrize(("line", "status", "output"), [("remove none.png out.png", 1, ""), ("no-command", 2, "end\n")])
def test_a_process_that_cuts_one_picture_out_leaves_at_once(line, status, output, tmp_path):
    code = "import atexit, sys; from background_remover.cli.program import main; "
    code += "atexit.register(print, 'end'); sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code, *line.split()], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (status, output)
