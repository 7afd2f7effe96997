"""The lists in docs/how-it-works.md: a layer imports only from those above it, a file only from groups before it."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import background_remover

ROOT = Path(background_remover.__file__).parent
PAGE = (Path(__file__).parents[1] / "docs" / "how-it-works.md").read_text(encoding="utf-8")
README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
TESTS = Path(__file__).parent
BESIDE = {"runs", "docs", "tests", "benchmarks", "deploy", "examples", "integrations", "web", "js", "weights"}
START = {("__main__",)}  # it starts the program, and is above every layer
LAYERS, TOP_FILES, FOLDER_FILES, FILE_LINES, FUNCTION_LINES = 10, 9, 14, 250, 50
LONG = {
    "cli/batch: batch": "the help of its flags and their checks are one list",
    "train/fit: fit": "the whole of the training loop is to be seen at once",
}  # a function that may be longer, and why
LONG_FILES = {
    "batch/ray/actors": "the actors and the pool that holds them share one protocol",
    "batch/run": "the order of one run's steps is to be seen at once",
}  # a file that may be longer, and why


def block(heading: str) -> list[str]:
    """The lines of the first block of code below a heading of the page."""
    part = PAGE.split(f"## {heading}\n", 1)[1]
    return part.split("```")[1].strip("\n").split("\n")


def rows() -> dict[tuple[str, ...], dict[str, int]]:
    """For each folder, () at the top: an item in it, a file or a folder, -> its row."""
    found = {(): {name: row for row, line in enumerate(block("Layers")) for name in line.split()}}
    for line in block("Order of files"):
        folder, _, items = line.partition(":")
        found[tuple(folder.split("/"))] = {
            name: row for row, names in enumerate(items.split(">")) for name in names.split()
        }
    return found


ROWS = rows()
FILES = {
    path.relative_to(ROOT).with_suffix("").parts: path
    for path in sorted(ROOT.rglob("*.py"))
    if "_pyinstaller" not in path.parts and (path.name != "__init__.py" or path.parent == ROOT)
}
TRAINING_ONLY = {"torch", "lightning_fabric", "kornia", "matplotlib", "onnx", "onnxscript", "scipy", "tqdm"}
SERVING = {"starlette", "python_multipart", "uvicorn", "h11", "prometheus_client", "httpcore"}
CLUSTER = {"ray", "pyarrow", "fsspec"}
VIDEO = {"av", "cv2"}
ASSISTANTS = {"mcp"}
RUNTIMES = {"ai_edge_litert", "coremltools", "onnx2tf", "openvino"}
HEAVY = {
    *TRAINING_ONLY,
    *SERVING,
    *CLUSTER,
    *VIDEO,
    *ASSISTANTS,
    *RUNTIMES,
    "PyInstaller",
    "onnxruntime",
    "pillow_heif",
}
EXTRAS = {
    "batch/ray/actors": {"ray"},
    "batch/ray/address": {"pyarrow", "fsspec"},
    "batch/ray/connection": {"ray"},
    "batch/ray/executor": {"ray"},
    "batch/ray/journal": {"pyarrow"},
    "export/coreml": {"coremltools"},
    "export/graph": {"onnx", "onnxruntime"},
    "export/onnx_int8": {"onnx", "onnxruntime"},
    "export/openvino": {"openvino"},
    "export/tflite": {"ai_edge_litert", "onnx", "onnx2tf"},
    "imaging/codecs/heic": {"pillow_heif"},
    "mcp/server": {"mcp"},
    "segmentation/import_onnx": {"onnx"},
    "segmentation/device": {"onnxruntime"},
    "server/api": {"starlette"},
    "server/application": {"starlette"},
    "server/connection": {"uvicorn", "h11"},
    "server/handler": {"starlette"},
    "server/listener": {"uvicorn"},
    "server/metrics": {"prometheus_client"},
    "server/middleware": {"starlette"},
    "server/page": {"starlette"},
    "server/rembg/routes": {"starlette"},
    "server/remove/routes": {"starlette"},
    "server/removebg/routes": {"starlette"},
    "server/request/body": {"starlette"},
    "server/request/download": {"httpcore"},
    "server/request/multipart": {"starlette", "python_multipart"},
    "server/responses": {"starlette"},
    "server/share/routes": {"starlette"},
    "server/state": {"starlette"},
    "server/health": {"starlette"},
    "server/video/result_file": {"starlette"},
    "server/video/routes": {"starlette"},
    "server/video/upload": {"starlette"},
    "video/measure": {"av"},
    "video/duration": {"av"},
    "video/optical_flow": {"cv2"},
    "video/reader": {"av"},
    "video/sound": {"av"},
    "video/writer": {"av"},
}  # a file of the product, and the heavy libraries that it alone may import


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports anywhere, by its full name; for `from package import name` both are given."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_imports(path: Path) -> set[tuple[str, ...]]:
    """The files of this package that a file imports; a public name comes from `__init__`."""
    own = {tuple(name.split(".")[1:]) for name in imports(path) if name.startswith("background_remover.")}
    known = {name for name in own if name in FILES}
    folders = {name[:length] for name in FILES for length in range(1, len(name))}
    public = {("__init__",) for name in own - known - folders if len(name) == 1}
    return known | public


def rank(file: tuple[str, ...], other: tuple[str, ...]) -> tuple[int, int]:
    """The rows of two files in the innermost folder that holds both."""
    depth = next(index for index, (one, two) in enumerate(zip(file, other, strict=False)) if one != two)
    folder = ROWS[file[:depth]]
    return folder[file[depth]], folder[other[depth]]


def test_every_file_and_folder_is_in_the_list_and_nothing_else():
    listed = {(*folder, name) for folder, items in ROWS.items() for name in items}
    folders = {name[:length] for name in FILES for length in range(1, len(name))}
    assert listed == {*FILES, *folders} - START
    assert len(block("Layers")) <= LAYERS


@pytest.mark.parametrize("file", sorted(set(FILES) - START), ids="/".join)
def test_a_file_imports_only_from_rows_above(file):
    for other in own_imports(FILES[file]) - {file}:
        own, its = rank(file, other)
        assert its < own, f"{'/'.join(file)} imports {'/'.join(other)}"


def test_training_imports_neither_commands_nor_batches_nor_the_service():
    for file, path in FILES.items():
        if file[0] == "train":
            assert not {other[0] for other in own_imports(path)} & {"cli", "batch", "server"}, file


@pytest.mark.parametrize("file", [file for file in FILES if file[0] != "train"], ids="/".join)
def test_nothing_but_training_imports_what_training_needs(file):
    roots = {name.split(".")[0] for name in imports(FILES[file])}
    assert not roots & HEAVY - EXTRAS.get("/".join(file), set())
    assert not {other for other in own_imports(FILES[file]) if other[0] == "train"}


def test_no_folder_holds_too_many_files():
    assert len([name for name in FILES if len(name) == 1]) <= TOP_FILES
    for folder in ROWS.keys() - {()}:
        assert len([name for name in FILES if name[:-1] == folder]) <= FOLDER_FILES, folder


@pytest.mark.parametrize("file", sorted(FILES), ids="/".join)
def test_no_function_is_too_long(file):
    for node in ast.walk(ast.parse(FILES[file].read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            name = f"{'/'.join(file)}: {node.name}"
            assert (node.end_lineno - node.lineno >= FUNCTION_LINES) == (name in LONG), name


@pytest.mark.parametrize("file", sorted(FILES), ids="/".join)
def test_no_file_is_too_long(file):
    lines = FILES[file].read_text(encoding="utf-8").splitlines()
    assert len(lines) <= FILE_LINES or "/".join(file) in LONG_FILES


def test_every_reason_for_a_long_file_is_of_a_file():
    assert LONG_FILES.keys() <= {"/".join(file) for file in FILES}


def test_the_code_runs_on_the_oldest_python():
    """Vermin finds syntax and names of the standard library that are newer than `requires-python` says."""
    project = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    (oldest,) = re.findall(r'^requires-python = ">=(.*)"$', project, flags=re.MULTILINE)
    ran = subprocess.run(
        [
            Path(sys.executable).parent / "vermin",
            f"-t={oldest}-",
            "--eval-annotations",
            "--violations",
            "--no-tips",
            ROOT,
        ],
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f'"Programming Language :: Python :: {oldest}",' in project


def test_tests_mirror_the_source():
    for path in TESTS.rglob("test_*.py"):
        place = path.relative_to(TESTS)
        if place.parts[0] in ("benchmarks", "integrations", "runs", "web") or len(place.parts) == 1:
            continue
        folder = ROOT / place.parent
        assert folder.is_dir(), f"{place}: no such folder in the package"


def test_the_readmes_tree_names_every_folder():
    tree = README.split("```\nsrc/background_remover/\n", 1)[1].split("```")[0]
    named = set(re.findall(r"(\w+)/", tree)) - BESIDE
    assert named >= {name for name in ROWS[()] if (ROOT / name).is_dir()}
    assert named <= {part for folder in ROWS for part in folder}


def test_every_file_says_at_its_head_what_it_gives():
    heads = {file: ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "" for file, path in FILES.items()}
    assert not [file for file, head in heads.items() if len(head) < len("Scores. ") or " " not in head]
    assert len(set(heads.values())) == len(heads)
