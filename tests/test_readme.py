"""What the README says is true: its commands run and print what it shows, its code runs, its test command is CI's."""

import re
import subprocess
import sys
from pathlib import Path

import click
import numpy as np
import pytest
import skimage.data
from PIL import Image as PillowImage

from background_remover.cli.program import cli

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)
BASH = "/bin/bash"


def block(language: str, word: str) -> str:
    (text,) = (text for kind, text in BLOCKS if kind == language and word in text)
    return text


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a line of shell in a folder, with this environment's commands first."""
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    return subprocess.run(
        [BASH, "-c", command], cwd=folder, env={"PATH": path, "LC_ALL": "C.UTF-8"}, capture_output=True, text=True
    )


def commands(group: click.Group, prefix: str = "") -> list[str]:
    names = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            names += commands(command, f"{prefix}{name} ")
        else:
            names.append(f"{prefix}{name}")
    return names


@pytest.fixture
def folder(tmp_path):
    """A folder with the files that the README's examples name."""
    photo = skimage.data.chelsea()
    PillowImage.fromarray(photo).save(tmp_path / "photo.jpg")
    (tmp_path / "photos").mkdir()
    PillowImage.fromarray(photo).save(tmp_path / "photos" / "cat.jpg")
    (tmp_path / "notes.txt").write_text("not a picture")
    for name, picture in [("image", photo), ("mask", np.zeros(photo.shape[:2], np.uint8))]:
        (tmp_path / "DIR" / name).mkdir(parents=True)
        for number in range(6):  # of six, one is held out
            PillowImage.fromarray(picture).save(tmp_path / "DIR" / name / f"{number}.png")
    return tmp_path


def test_it_is_short():
    assert len(README.splitlines()) <= 150


def test_its_test_command_is_what_ci_runs():
    assert block("sh", "pytest").strip() in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("line", block("sh", "--only-mask").strip().splitlines())
def test_its_commands_run(line, folder):
    result = run(line, folder)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("text", [text for kind, text in BLOCKS if kind == "console"])
def test_its_commands_print_what_it_shows(text, folder):
    command, _, shown = text.partition("\n")
    result = run(command.removeprefix("$ "), folder)
    assert (result.stdout + result.stderr).strip() == shown.strip()


def test_its_python_runs(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    names: dict[str, object] = {}
    exec(block("python", "import"), names)
    assert names["cut"].alpha.shape == skimage.data.chelsea().shape[:2]
    assert "notes.txt: not a picture of a known format" in capsys.readouterr().out
    for name, kind in (("cutout.png", "PNG"), ("cutout.webp", "WEBP")):
        with PillowImage.open(name) as cutout:
            assert (cutout.format, cutout.mode) == (kind, "RGBA")


@pytest.mark.parametrize("name", commands(cli))
def test_every_command_is_documented(name):
    pages = [README, *(page.read_text(encoding="utf-8") for page in (ROOT / "docs").glob("*.md"))]
    assert any(f"background-remover {name}" in page for page in pages)


def test_its_links_lead_somewhere():
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
