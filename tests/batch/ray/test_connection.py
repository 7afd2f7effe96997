import subprocess
import sys

import pytest

from background_remover.batch.ray.connection import reason_of

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
    assert reason_of(ValueError(text)) == reason


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
