"""The start of a process: in processes of their own, as each begins but once."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image as PillowImage

THREADS = """
import os, sys
from pathlib import Path
from background_remover.runtime import startup

if sys.argv[1] == "limited":
    startup.limit_blas()
import numpy as np

np.ones((500, 500)) @ np.ones((500, 500))
print(os.environ.get("OPENBLAS_NUM_THREADS"), len(list(Path("/proc/self/task").iterdir())))
"""

GARBAGE = """
import gc, weakref
from background_remover.runtime import startup

class Node:
    pass

def cycle():
    node = Node()
    node.own = node
    return weakref.ref(node)

startup.resume_garbage_collection()
assert gc.isenabled() and not gc.get_freeze_count()  # nothing was held
startup.hold_garbage_collection()
early = cycle()
for _ in range(10_000):
    cycle()
assert early()
startup.resume_garbage_collection()
late = cycle()
gc.collect()
assert early() and not late()
"""

COLLECTING = """
import gc, sys
from background_remover.cli.program import main
from background_remover.pipeline import file_step

def make(*given):
    print(gc.isenabled(), gc.get_freeze_count() > 10_000)
    raise SystemExit(0)

file_step.make = make
sys.exit(main())
"""


def output(program: str, *arguments: str, **environment: str) -> str:
    line = [sys.executable, "-c", program, *arguments]
    return subprocess.run(line, capture_output=True, text=True, check=True, env=environment or None).stdout


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted as Linux lists them")
def test_products_of_matrices_are_made_in_one_thread_unless_somebody_says_otherwise():
    path = {"PYTHONPATH": ":".join(sys.path)}
    assert output(THREADS, "limited", **path).split() == ["1", "1"]
    assert output(THREADS, "limited", OPENBLAS_NUM_THREADS="3", **path).split()[0] == "3"


def test_garbage_is_collected_again_but_not_among_what_was_imported():
    output(GARBAGE)


def test_garbage_is_collected_while_a_picture_is_cut_out(tmp_path: Path):
    photo = tmp_path / "photo.png"
    PillowImage.new("RGB", (8, 8)).save(photo)
    assert output(COLLECTING, "remove", str(photo), str(tmp_path / "out.png")) == "True True\n"
