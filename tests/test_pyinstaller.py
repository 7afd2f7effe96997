"""What a frozen program is given; PyInstaller itself is not needed for it."""

import runpy
import sys
from pathlib import Path, PurePath
from types import ModuleType

import background_remover
from background_remover._pyinstaller.__init__ import data_files, hook_dirs
from background_remover.cli.program import COMMANDS
from background_remover.models import MODELS

PACKAGE = Path(background_remover.__file__).parent


def test_the_weights_and_the_page_come_along_to_where_they_are_looked_for():
    files = {PurePath(folder, Path(source).name): Path(source) for source, folder in data_files()}
    for name in (*(f"weights/{name}.onnx" for name in MODELS), "web/index.html"):
        assert files[PurePath("background_remover", name)] == PACKAGE / name
    beside = {path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert set(files.values()) == beside - {PACKAGE / "py.typed"}


def test_the_hook_lists_them_and_what_is_imported_by_its_name(monkeypatch):
    hooks = ModuleType("PyInstaller.utils.hooks")
    hooks.copy_metadata = lambda name: [(f"{name}.dist-info", ".")]
    hooks.collect_submodules = lambda name: [f"{name}.{command}" for command in COMMANDS]
    monkeypatch.setitem(sys.modules, "PyInstaller.utils.hooks", hooks)
    (folder,) = hook_dirs()
    found = runpy.run_path(str(Path(folder) / "hook-background_remover.py"))
    assert found["datas"] == [*data_files(), ("background-remover.dist-info", ".")]
    assert found["hiddenimports"] == [f"background_remover.cli.{command}" for command in COMMANDS]


def test_pyinstaller_finds_the_hook_by_an_entry_point():
    text = (PACKAGE.parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert 'hook-dirs = "background_remover._pyinstaller:hook_dirs"' in text.split("pyinstaller40]")[1]
