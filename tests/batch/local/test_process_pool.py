import errno
import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image as PillowImage

from background_remover.batch.job import Job
from background_remover.batch.local.process_pool import ProcessPool
from background_remover.errors import ModelError
from background_remover.imaging.output_options import OutputOptions
from background_remover.options import Options
from tests.waiting import wait_until


@pytest.fixture
def job(tmp_path) -> Job:
    PillowImage.new("RGB", (40, 30), "white").save(tmp_path / "a.png")
    return Job(tmp_path / "a.png", tmp_path / "out.png")


def workers(model: Path | str, number: int = 1) -> ProcessPool:
    return ProcessPool(number, str(model), Options(), OutputOptions(), threads=1)


def test_a_picture_is_cut_out_elsewhere(bright, job, tmp_path):
    with closing(workers(bright)) as there:
        record = there.do(job)
        missing = there.do(Job(tmp_path / "none.png", tmp_path / "none-out.png"))
    assert (record.status, record.model, record.width, record.height) == ("done", str(bright), 40, 30)
    with PillowImage.open(job.target) as cutout:
        assert cutout.mode == "RGBA"
    assert (missing.status, missing.code) == ("failed", "image")
    assert "none.png: no such file; check the name" in missing.error


def test_a_model_that_cannot_be_opened_is_told(tmp_path):
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"broken\.onnx: not a whole ONNX model"):
        workers(tmp_path / "broken.onnx", 2)


@pytest.mark.skipif(os.name == "nt", reason="processes end in another way here")
def test_another_takes_the_place_of_one_that_is_killed(bright, job):
    with closing(workers(bright)) as there:
        os.kill(there._processes._all[0]._process.pid, signal.SIGKILL)
        failed = there.do(job)
        assert (failed.status, failed.code) == ("failed", "worker")
        assert (
            "a.png: the process that worked on it was ended (SIGKILL); shrink the picture, or work on" in failed.error
        )
        assert there.do(job).status == "done"


@pytest.mark.skipif(os.name == "nt", reason="processes end in another way here")
@pytest.mark.parametrize("fault", ["no process", "no model"])
def test_a_process_that_cannot_be_replaced_is_one_failure_and_the_next_job_tries_again(
    make_model, job, monkeypatch, fault
):
    model = make_model()
    content = model.read_bytes()

    def refuse(*line: object, **settings: object) -> None:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    with closing(workers(model)) as there:
        os.kill(there._processes._all[0]._process.pid, signal.SIGKILL)
        with monkeypatch.context() as patch:
            if fault == "no process":
                patch.setattr(subprocess, "Popen", refuse)
            model.write_bytes(b"no model" if fault == "no model" else content)
            failed = [there.do(job) for _ in range(3)]
        assert [(record.status, record.code) for record in failed] == [("failed", "worker")] * 3
        model.write_bytes(content)
        assert there.do(job).code in (None, "worker")  # the one that could not open its model ends here
        assert there.do(job).status == "done"


def test_none_is_left_at_the_end(bright):
    with closing(workers(bright, 2)) as there:
        processes = [process._process for process in there._processes._all]
        assert [process.poll() for process in processes] == [None, None]
    assert [process.poll() for process in processes] == [0, 0]


ORPHANS = """
import os, signal, sys
from background_remover.options import Options
from background_remover.imaging.output_options import OutputOptions
from background_remover.batch.local.process_pool import ProcessPool

there = ProcessPool(2, sys.argv[1], Options(), OutputOptions(), threads=1)
print(*(process._process.pid for process in there._processes._all), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="no word of a parent's end here")
def test_they_end_when_their_parent_is_killed(bright):
    ran = subprocess.run([sys.executable, "-c", ORPHANS, str(bright)], stdout=subprocess.PIPE, check=False, text=True)
    assert ran.returncode == -signal.SIGKILL
    left = [int(number) for number in ran.stdout.split()]
    assert len(left) == 2
    wait_until(lambda: not any(is_running(number) for number in left))


def is_running(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(os.name == "nt", reason="processes end in another way here")
def test_a_wish_to_end_is_for_the_parent(bright, job):
    """Whoever stops a service tells all of its processes: a picture in hand is finished all the same."""
    with closing(workers(bright)) as there:
        os.kill(there._processes._all[0]._process.pid, signal.SIGTERM)
        assert there.do(job).status == "done"
