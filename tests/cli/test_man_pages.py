"""The pages that the documented line makes of the help name every command and flag, and `man` can set them."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from background_remover.cli.program import PROGRAM, cli

PAGE = (Path(__file__).parents[2] / "docs" / "packages.md").read_text(encoding="utf-8")


def commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """A command and those below it, by the name of its page."""
    yield name, command
    for below, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, f"{name}-{below}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The pages as the documented line makes them, in a folder of its own."""
    (line,) = re.findall(r"^click-man .*$", PAGE, flags=re.MULTILINE)
    made = tmp_path_factory.mktemp("home")
    words = line.replace("~", str(made)).split()
    subprocess.run([Path(sys.executable).parent / words[0], *words[1:]], check=True, capture_output=True)
    return made / ".local" / "share" / "man" / "man1"


def text_of(page: Path) -> str:
    """The page without the marks of roff."""
    return re.sub(r"\\f[A-Z]|\\", "", page.read_text(encoding="utf-8"))


def test_every_command_has_a_page_with_all_its_flags(folder):
    pages = dict(commands(cli, PROGRAM))
    assert {page.stem for page in folder.iterdir()} == pages.keys()
    for name, command in pages.items():
        text = text_of(folder / f"{name}.1")
        flags = [flag for option in command.params if isinstance(option, click.Option) for flag in option.opts]
        assert [flag for flag in flags if flag not in text] == [], name
        assert [below for below in getattr(command, "commands", {}) if f"{below}(1)" not in text] == []


@pytest.mark.skipif(shutil.which("man") is None, reason="man isn't installed")
def test_man_sets_them_without_a_warning(folder):
    ran = subprocess.run(["man", "--warnings", "--local-file", *folder.iterdir()], capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Cut the subject out of the picture IN" in re.sub(r"\s+", " ", ran.stdout)
