"""What a pool of actors is told and tells; `test_cluster.py` lets one work."""

import subprocess
import sys

import pytest

from background_remover.batch.ray.actors import _carried, _reason, _share, _Tally
from background_remover.batch.ray.plan import ClusterSettings
from background_remover.models import MODELS
from background_remover.options import Options

SHARES = {
    "none": ([{"CPU": 8.0}], 0.0),
    "one for eight cores": ([{"CPU": 8.0, "GPU": 1.0}], 0.125),
    "of two kinds of machines those with one count": ([{"CPU": 64.0}, {"CPU": 30.0, "GPU": 4.0}], 0.1333),
    "more than cores": ([{"CPU": 2.0, "GPU": 8.0}], 1.0),
    "no cores": ([{"GPU": 1.0}], 1.0),
}


@pytest.mark.parametrize(("nodes", "share"), SHARES.values(), ids=SHARES)
def test_the_cores_of_a_machine_share_its_graphics_processors(nodes, share):
    assert _share(nodes) == share
    for node in nodes:
        if "GPU" in node and node.get("CPU", 0) >= node["GPU"]:
            assert node["CPU"] * share <= node["GPU"]


def test_a_tally_knows_what_is_in_hand():
    tally = _Tally()
    assert [tally.begin("a"), tally.begin("b"), tally.begin("a")] == [1, 1, 2]
    tally.end("a", "{}")
    assert [tally.begin("a"), tally.begin("a"), tally.begin("b")] == ["{}", "{}", 2]
    tally.forget(["a", "never"])
    assert [tally.begin("a"), tally.begin("b")] == [1, 3]


REASONS = {
    "one line": ("nobody answers", "nobody answers"),
    "another machine's": (
        "\x1b[36mray::W.__init__()\x1b[39m (pid=1)\n  File 'a.py', line 1\n    raise X\n"
        "background_remover.errors.ModelError: of another version\n\nThe above exception was the cause\n"
        "ray.exceptions.UserCodeException: UDF failed\nTo change this, read on.",
        "of another version",
    ),
    "Ray's own": ("The actor died.\n\tclass_name: W\nIt was killed.", "It was killed."),
    "none": ("", "ValueError"),
}


@pytest.mark.parametrize(("text", "reason"), REASONS.values(), ids=REASONS)
def test_a_reason_is_one_line(text, reason):
    assert _reason(ValueError(text)) == reason


def test_workers_get_the_files_that_the_command_names(tmp_path, bright):
    for name in ("mask.png", "wall.jpg"):
        (tmp_path / name).write_bytes(name.encode())
    options = Options(mask=str(tmp_path / "mask.png"), background=str(tmp_path / "wall.jpg"))
    assert _carried(ClusterSettings(("in",), "out", str(bright), options)) == {
        "model": (".onnx", bright.read_bytes()),
        "mask": (".png", b"mask.png"),
        "background": (".jpg", b"wall.jpg"),
    }
    assert _carried(ClusterSettings(("in",), "out", "unet", Options(background="red"))) == {
        "model": (".onnx", MODELS["unet"].path.read_bytes())
    }


@pytest.mark.parametrize("missing", ["ray", "pyarrow"])
def test_without_the_extra_the_command_says_what_to_install(missing):
    program = (
        f"import sys; sys.modules[{missing!r}] = None; from background_remover.cli.program import main; "
        "sys.exit(main(['batch', 'in', 'out', '--engine', 'ray']))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.returncode == 1
    (line,) = ran.stderr.splitlines()
    assert line.startswith("background-remover: ")
    assert line.endswith("pip install 'background-remover[cluster]'")
