"""The documented line switches completion on in each shell that is installed here."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")
LINES = dict(re.findall(r"^(.*=(\w+)_source .*?)  +#", PAGE, flags=re.MULTILINE))
LINES = {shell: line for line, shell in LINES.items()}
ASKING = {
    "bash": "COMP_WORDS=(background-remover ev) COMP_CWORD=1\n"
    "_background_remover_completion background-remover; echo ${COMPREPLY[@]}",
    "zsh": "echo $_comps[background-remover]",  # the completion itself needs a terminal
    "fish": "complete -C 'background-remover ev'",
}
ANSWERS = {"bash": "evaluate", "zsh": "_background_remover_completion", "fish": "evaluate"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_documented_line_switches_completion_on(shell, tmp_path):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} isn't installed")
    before = "autoload -Uz compinit && compinit -u -D;" if shell == "zsh" else ""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
    }
    command = [shell, "-c", f"{before}{LINES[shell]}\n{ASKING[shell]}"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert ran.stdout.split()[:1] == [ANSWERS[shell]], ran.stderr
