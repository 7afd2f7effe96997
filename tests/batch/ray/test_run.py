"""Pictures cut out by a cluster of two machines, both of them this one: what comes out whatever dies meanwhile."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image as PillowImage

from background_remover.cli.program import main
from background_remover.runtime import telemetry
from background_remover.version import __version__
from tests.video import clips
from tests.waiting import wait_until

PICTURES = 36
# The command, whose workers note their machine, die at one picture always, and at another once, when it is done but
# nobody knows. They take their time, so that there is a middle in which to kill one.
COMMAND = """
import os, sys, time
from fractions import Fraction
from pathlib import Path

import ray
from background_remover import telemetry
from background_remover.batch.ray import executor, segments
from background_remover.cli.program import main
from background_remover.batch.job import do

notes = Path(sys.argv.pop(1)).resolve()
if "--other" in sys.argv:
    sys.argv.remove("--other")
    executor.__version__ = "0.0.0"

def deadly(job, *rest):
    name = Path(job.source.key).name
    told = "onnxruntime" in sys.modules and os.environ.get(telemetry.SWITCH)
    (notes.parent / "telemetry" / f"{os.getpid()} {told}").touch()
    (notes / f"{ray.get_runtime_context().get_node_id()} {os.getpid()} {time.time_ns()} {name}").touch()
    if name == "poison.png":
        os.kill(os.getpid(), 9)
    time.sleep(0.15)
    record = do(job, *rest)
    if name == "unknown.png" and not (notes / "died").exists():
        (notes / "died").touch()
        os.kill(os.getpid(), 9)
    return record

executor.do = deadly
segments.SECONDS = Fraction(1, 10)
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """The home folder of whoever runs the cluster: nothing is in it."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def cluster(home) -> Iterator[Any]:
    """Two machines of one core."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Ray's own
        settings = {"worker_niceness": 0, "memory_monitor_refresh_ms": 0, "USAGE_STATS_ENABLED": 0}
        for name, value in settings.items():
            patch.setenv(f"RAY_{name}", str(value))
        patch.setenv("RAY_AUTH_MODE", "disabled")  # or a token would be left in the home folder
        for name in (telemetry.SWITCH, *(name for name in os.environ if name.startswith("XDG_"))):
            patch.delenv(name, raising=False)  # the machines of a cluster know nothing of this process
        patch.setenv("HOME", str(home))
        from ray.cluster_utils import Cluster

        folder = tempfile.mkdtemp(prefix="ray")  # short, for there are sockets in it
        patch.setenv("RAY_TMPDIR", folder)
        handler = signal.getsignal(signal.SIGTERM)  # Ray puts its own there
        machine = {"num_cpus": 1, "object_store_memory": 80 * 2**20}
        made = Cluster(True, head_node_args=machine | {"include_dashboard": False})
        try:
            made.add_node(**machine)
            patch.setenv(telemetry.SWITCH, "1")  # for this process, which may import onnxruntime as well
            yield made
        finally:
            made.shutdown()
            signal.signal(signal.SIGTERM, handler)
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """in/ with many small pictures, one that is broken, one whose workers die, and two whose results have one name."""
    tree = tmp_path_factory.mktemp("tree")
    names = [f"{number % 3}/{number}.png" for number in range(PICTURES)] + ["a.png", "a.bmp", "unknown.png"]
    for number, name in enumerate(names):
        path = tree / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        levels = np.zeros((20 + number % 7, 30 + number % 11, 3), np.uint8)
        levels[5:15, 5:15] = 250
        PillowImage.fromarray(levels).save(path)
    shutil.copy(tree / "in" / "a.png", tree / "in" / "poison.png")
    (tree / "in" / "broken.jpg").write_bytes(b"no picture")
    for folder in ("notes", "telemetry"):
        (tree / folder).mkdir()
    return tree


class Running:
    """A run in a process of its own, and what it says."""

    def __init__(self, command: list[str], tree: Path) -> None:
        self._said = tempfile.TemporaryFile("w+")  # noqa: SIM115 - `close` closes it
        self._process = subprocess.Popen(command, cwd=tree, stdout=self._said, stderr=subprocess.STDOUT)

    @property
    def error(self) -> str:
        self._said.seek(0)
        return self._said.read()

    def wait_for(self, condition: Callable[[], bool]) -> None:
        wait_until(lambda: condition() or self._process.poll() is not None)
        assert self._process.poll() is None, self.error

    def status(self) -> int:
        return self._process.wait()

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._said.close()


@pytest.fixture
def begin(cluster, tree, bright) -> Iterator[Callable[..., Running]]:
    """Begins a run, which is ended with the test."""
    runs = []

    def begin(line: str) -> Running:
        arguments = ["batch", *line.split(), "--model", str(bright), "--engine", "ray", "--address", cluster.address]
        runs.append(Running([sys.executable, "-c", COMMAND, "notes", *arguments], tree))
        return runs[-1]

    yield begin
    for run in runs:
        run.close()


def results(out: Path) -> dict[str, bytes]:
    """Place -> bytes of every file that isn't hidden."""
    places = {path.relative_to(out).as_posix(): path for path in out.rglob("[!.]*") if path.is_file()}
    return {place: path.read_bytes() for place, path in places.items() if not place.startswith(".")}


def begun(notes: Path) -> list[list[str]]:
    """The machine, the process and the picture of everything that was begun, in its order."""
    lines = [path.name.split() for path in notes.iterdir() if path.name != "died"]
    return [[node, process, name] for node, process, _, name in sorted(lines, key=lambda line: int(line[2]))]


def report(path: Path) -> dict[str, dict[str, Any]]:
    rows = pq.read_table(path).to_pylist()
    assert len({row["source"] for row in rows}) == len(rows)
    return {Path(row["source"]).name: row for row in rows}


def test_every_picture_is_done_once_whoever_dies(begin, tree, bright, monkeypatch):
    run = begin("in out --report r.parquet")
    notes = tree / "notes"
    run.wait_for(lambda: len(begun(notes)) > PICTURES // 3)
    alive = [int(process) for _, process, _ in begun(notes) if Path(f"/proc/{process}").exists()]
    os.kill(alive[-1], signal.SIGKILL)
    assert len(results(tree / "out")) < PICTURES
    assert run.status() == 1, run.error
    assert f"{PICTURES + 3} done" in run.error
    assert "machines: 2, networks: 2" in run.error
    assert "Traceback" not in run.error, run.error

    names = [name for *_, name in begun(notes)]
    assert names.count("poison.png") == 3
    assert names.count("unknown.png") == 2  # done, and then done again
    assert len({node for node, *_ in begun(notes)}) == 2

    rows = report(tree / "r.parquet")
    assert len(rows) == PICTURES + 5
    failed = {name: row["code"] for name, row in rows.items() if row["status"] == "failed"}
    assert failed == {"poison.png": "worker", "broken.jpg": "image"}
    assert rows["poison.png"]["hint"] == "give them more memory, or shrink the picture"

    monkeypatch.chdir(tree)
    assert main(["batch", "in", "alone", "--model", str(bright)]) == 1
    wanted = results(tree / "alone")
    del wanted["poison.png"]
    assert results(tree / "out") == wanted
    assert "a.bmp.png" in wanted
    for row in rows.values():
        if row["status"] == "done":
            assert Path(row["target"]).stat().st_size == row["target_bytes"]
    assert not list((tree / "out").rglob("*.part"))


def test_machines_share_a_clip_by_its_segments(begin, tree, bright, monkeypatch):
    monkeypatch.chdir(tree)
    Path("film").mkdir()
    shutil.copy("in/a.png", "film/still.png")
    clips.clip("film/a.mp4", sound="aac")
    run = begin("film made --video-format mkv --report c.parquet")
    assert run.status() == 0, run.error
    assert f"{len(clips.UNEVEN)} frames of videos" in run.error
    assert sorted(results(tree / "made")) == ["a.mkv", "still.png"]
    assert report(tree / "c.parquet")["a.mp4"]["frames"] == len(clips.UNEVEN)
    assert main(["batch", "film", "stretch", "--video-format", "mkv", "--model", str(bright)]) == 0
    (found, times), (wanted, stamps) = (clips.frames(Path(out, "a.mkv"), "bgra") for out in ("made", "stretch"))
    assert np.array_equal(found, wanted)
    assert times == stamps
    assert clips.sound_packets(Path("made/a.mkv")) == clips.sound_packets(Path("stretch/a.mkv"))
    assert not list((tree / "made").rglob("*.part"))


def test_workers_report_nothing_and_write_nothing_behind_their_users_back(begin, tree, home):
    """A machine of a cluster begins without the switch, and onnxruntime looks at it once, while it is imported."""
    run = begin("in/0 quiet")
    assert run.status() == 0, run.error
    told = [path.name.split() for path in (tree / "telemetry").iterdir()]
    assert {value for _, value in told} == {"1"}
    assert [path for path in home.rglob("*") if path.is_file()] == []


def test_workers_that_cannot_begin_end_the_run_in_one_line(begin, tree):
    run = begin("in other --other")
    assert run.status() == 1
    wanted = f"(a machine of the cluster has background-remover {__version__}, and not 0.0.0)"
    assert run.error.splitlines()[-1] == f"background-remover: the cluster failed {wanted}; --resume goes on"
    assert "Traceback" not in run.error, run.error


def test_a_run_that_was_interrupted_goes_on_though_a_machine_is_lost(begin, tree, cluster):
    notes, out = tree / "notes", tree / "later"

    def count() -> int:
        return len(results(out)) if out.exists() else 0

    first = begin("in/0 in/1 in/2 later")
    first.wait_for(lambda: count() > PICTURES // 4)
    first.interrupt()
    assert first.status() == 130, first.error
    assert "interrupted: --resume goes on" in first.error
    done = int(re.search(r"^(\d+) done", first.error, re.MULTILINE)[1])
    assert done < count() + 1 < PICTURES

    (machine,) = cluster.worker_nodes
    before = len(begun(notes))
    second = begin("in/0 in/1 in/2 later --resume --report later.parquet")
    second.wait_for(lambda: len(begun(notes)) > before + 5)
    cluster.remove_node(machine, allow_graceful=False)
    assert count() < PICTURES
    assert second.status() == 0, second.error
    assert f"{PICTURES - done} done in" in second.error
    assert (f"{done} done earlier" in second.error) is (done > 0)
    assert len(report(tree / "later.parquet")) == count() == PICTURES
    assert not list(out.rglob("*.part"))
