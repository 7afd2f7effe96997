"""The version is written once, in `version.py`; test_public_names.py compares it with that of the installed package."""

import ast
from pathlib import Path

import background_remover
from background_remover.version import __version__

ROOT = Path(background_remover.__file__).parent


def test_the_package_shows_it():
    assert background_remover.__version__ is __version__


def test_no_other_file_writes_it_or_asks_the_installed_package():
    for file in ROOT.rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        asked = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        asked |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
        written = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value == __version__]
        assert "importlib.metadata" not in asked, file
        assert len(written) == (file.name == "version.py"), file
