import ast
import os
from pathlib import Path

import pytest

import background_remover
from background_remover.imaging.paths import is_file, is_folder, is_same, is_there, real

ROOT = Path(background_remover.__file__).parent
LOOKS = {"is_dir", "is_file", "exists", "samefile", "resolve"}  # of `Path`: they raise at what can't be looked at


@pytest.fixture
def loop(tmp_path) -> Path:
    (tmp_path / "loop").symlink_to("loop")
    return tmp_path / "loop"


def refuse(*arguments: object, **options: object) -> None:
    raise PermissionError(13, "Permission denied")


def test_files_folders_and_nothing(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    looks = (is_folder, is_file, is_there)
    assert [look(tmp_path) for look in looks] == [True, False, True]
    assert [look(tmp_path / "link") for look in looks] == [False, True, True]
    assert [look(tmp_path / "none") for look in looks] == [False, False, False]
    assert is_same(tmp_path / "link", tmp_path / "file")
    assert not is_same(tmp_path / "file", tmp_path)
    assert not is_same(tmp_path / "none", tmp_path / "none")
    assert real(tmp_path / "link") == real(tmp_path / "file")


def test_what_cannot_be_looked_at_is_nothing(loop, monkeypatch):
    for _ in range(2):
        assert not any(look(loop) for look in (is_folder, is_file, is_there))
        assert not is_same(loop, loop)
        monkeypatch.setattr(os, "stat", refuse)
    assert real(loop).name == "loop"


@pytest.mark.parametrize(
    "path",
    [
        *sorted((ROOT / "batch").rglob("*.py")),
        *(ROOT / "imaging" / name for name in ("output_options.py", "atomic.py")),
    ],
)
def test_batches_look_at_the_file_system_in_no_other_way(path):
    """One link that loops must not end a run of thousands."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    names = [(call.func.attr, call.lineno) for call in calls if isinstance(call.func, ast.Attribute)]
    assert not [(name, line) for name, line in names if name in LOOKS]
