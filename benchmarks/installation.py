"""A program in an environment of its own: how large it is, and how long its import takes."""

import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from background_remover.errors import Error

WARM_STARTS = 5


@dataclass(frozen=True)
class Installation:
    """An environment: its interpreter, the bytes in its packages, and the seconds of an import.

    `cold` is the import in a process that finds no bytecode, as after the installation; `warm` the median of later
    ones. Both find the files in the system's memory.
    """

    python: Path
    size: int
    cold: float
    warm: float


def install(folder: Path, requirements: Sequence[str], statement: str) -> Installation:
    """Make an environment of what pip calls `requirements`, and measure the import `statement` there.

    An environment of the same requirements is used again, unless one is a project's folder, which may have changed.
    Raises `Error` where the installation fails.
    """
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    wanted, done = "\n".join(requirements), folder / "requirements.txt"  # written last: half an environment is none
    if any(Path(name).is_dir() for name in requirements) or not done.is_file() or done.read_text() != wanted:
        run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(folder)])
        pip = [sys.executable, "-m", "pip", "--python", str(python)]
        run([*pip, "install", "--quiet", *requirements])
        done.write_text(wanted)
    cold, warm = import_seconds(python, statement)
    return Installation(python, packages_size(folder), cold, warm)


def packages_size(folder: Path) -> int:
    """Return the bytes of the files in an environment's packages, without the bytecode that Python adds."""
    (packages,) = (path for path in folder.rglob("site-packages") if path.is_dir())
    files = (path for path in packages.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files if "__pycache__" not in path.parts)


def import_seconds(python: Path, statement: str) -> tuple[float, float]:
    """Return the seconds of the first import by a statement, and the median of later ones, each in a new process."""
    program = f"import time; start = time.perf_counter(); {statement}; print(time.perf_counter() - start)"
    with tempfile.TemporaryDirectory() as bytecode:
        command = [str(python), "-I", "-X", f"pycache_prefix={bytecode}", "-c", program]
        cold, *warm = (float(run(command)) for _ in range(1 + WARM_STARTS))
    return cold, median(warm)


@contextmanager
def npm_package(name: str, folder: Path) -> Iterator[Path]:
    """Give the files of an npm package, in a temporary folder within `folder`; raises `Error` where npm fails."""
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        run(["npm", "pack", name, "--silent", "--pack-destination", temporary])
        (archive,) = Path(temporary).glob("*.tgz")
        with tarfile.open(archive) as files:
            files.extractall(temporary, filter="data")
        yield Path(temporary) / "package"


def run(command: Sequence[str]) -> str:
    """Return what a command prints; raises `Error` with the last line of its complaints where it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - no shell reads it
    except OSError as error:
        raise Error(f"{command[0]}: {error.strerror}; install it first") from error
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise Error(f"{' '.join(command)} failed: {lines[-1]}")
    return done.stdout
