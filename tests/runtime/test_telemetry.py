"""Nothing leaves the machine and nothing is written behind the user's back: by the whole product, in real processes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from background_remover.batch.local.executor import WORTH
from background_remover.runtime import telemetry
from tests.conftest import png

UNSHARE = ["unshare", "--map-root-user", "--net", "--mount"]
WITHOUT_A_NET = """
import fcntl, socket, struct, subprocess, sys, threading, time
from pathlib import Path

fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh", b"lo", 1))  # SIOCSIFFLAGS: IFF_UP
subprocess.run(["mount", "--bind", sys.argv[1], "/etc/resolv.conf"], check=True)
resolver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
resolver.bind(("127.0.0.1", 53))
program = subprocess.Popen(sys.argv[2:], stderr=subprocess.PIPE, text=True)
print("begun:", program.stderr.readline().strip())  # once it says where it listens the network is open
resolver.settimeout(12)  # the first look-up came after 9 seconds
try:
    print("asked for:", resolver.recv(4096))
except TimeoutError:
    print("nothing asked for")
program.terminate()
program.wait(30)
"""


@pytest.fixture
def home(tmp_path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def environment(home: Path) -> dict[str, str]:
    """This process's, with another home, as a shell has it that has never run this program."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_"))}
    return own | {"HOME": str(home)}


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "background_remover", *arguments]


@pytest.mark.parametrize(
    ("arguments", "results"),
    {
        "the command": (["remove", "a.png", "out.png"], ["out.png"]),
        "a batch in threads": (["batch", "in", "out", "--jobs", "1"], ["out/.background-remover.jsonl", "out/a.png"]),
        "a batch in processes": (["batch", "in", "out", "--jobs", "2"], None),
    }.values(),
)
def test_nothing_is_written_but_results(tmp_path, home, bright, photo, arguments, results):
    (tmp_path / "in").mkdir()
    (tmp_path / "a.png").write_bytes(png(photo))
    names = ["a"] if results is not None else [str(number) for number in range(2 * WORTH)]
    for name in names:
        (tmp_path / "in" / f"{name}.png").write_bytes(png(photo))
    line = command(*arguments, "--model", str(bright))
    done = subprocess.run(line, cwd=tmp_path, env=environment(home), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert files(home) == []
    if results is not None:
        assert set(files(tmp_path)) - {"a.png", "in/a.png"} == set(results)


def test_without_a_home_nothing_is_said(tmp_path, bright, photo):
    (tmp_path / "a.png").write_bytes(png(photo))
    (tmp_path / "home").write_text("a file, so that no folder can be made in it")
    line = command("remove", "a.png", "out.png", "--model", str(bright))
    done = subprocess.run(line, cwd=tmp_path, env=environment(tmp_path / "home"), capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def is_apart() -> bool:
    return (
        shutil.which("unshare") is not None and subprocess.run([*UNSHARE, "true"], capture_output=True).returncode == 0
    )


@pytest.mark.skipif(not is_apart(), reason="this system lends no network of one's own")
def test_a_service_asks_for_no_host(tmp_path, home, bright):
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    line = command("serve", "--port", "0", "--model", str(bright))
    watched = [*UNSHARE, sys.executable, "-c", WITHOUT_A_NET, str(tmp_path / "resolv.conf"), *line]
    done = subprocess.run(watched, env=environment(home), capture_output=True, text=True, timeout=120)
    assert "begun: " in done.stdout, done.stderr
    assert "http://127.0.0.1" in done.stdout
    assert done.stdout.endswith("nothing asked for\n")
    assert files(home) == []


@pytest.mark.parametrize(
    "module", ["background_remover", "background_remover.train", "background_remover.batch.local.process_pool"]
)
def test_every_way_in_switches_it_off_and_keeps_what_is_set(module):
    program = f"import os, {module}; print(os.environ[{telemetry.SWITCH!r}])"
    own = {name: value for name, value in os.environ.items() if name != telemetry.SWITCH}
    for given, wanted in (({}, "1"), ({telemetry.SWITCH: "0"}, "0")):
        line = [sys.executable, "-c", program]
        assert subprocess.run(line, env=own | given, capture_output=True, text=True).stdout.strip() == wanted


def test_nothing_that_runs_imports_onnxruntime_before_this_package():
    """Ours is imported by `network` alone (see `test_layers`), and the package's first line runs before that file's."""
    for folder in ("benchmarks", "runs"):
        for path in (Path(__file__).parents[2] / folder).glob("*.py"):
            assert "import onnxruntime" not in path.read_text(encoding="utf-8"), path
