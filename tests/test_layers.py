"""Rows import only from rows above, never sideways, and every file has its row."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import background_remover

ROOT = Path(background_remover.__file__).parent
ROWS = [
    "errors types heap telemetry paths peers version",
    "cancellation",
    "processor arrays.components arrays.neighbours",
    "atomic checksum streams interrupt progress levels metrics conventions confidence tables "
    "batch.lines formats.exif formats.profile formats.heic formats.tiff formats.png "
    "formats.lookalike formats.ending",
    "pixels values verdicts formats.metadata formats.palette segmentation.geodesic",
    "formats.depth linear matting.plain_ground compositing.outline",
    "picture matting.ground_distance matting.shade",
    "image matting.edge_colours",
    "models network refine trimap foreground composite pairs options mask retouch frame closed_form veil transparency "
    "batch.sources matting.unmix",
    "saving demand server.service server.refusal server.removebg server.page server.memory look segmentation.subjects "
    "matting.plain_choice",
    "result session source ground server.fields server.body server.gate server.connection server.dialect flags exits "
    "segmentation.crops",
    "animation evaluate foreign server.fetch server.encoded segmentation.correction",
    "cut segmentation.prompts",
    "removal choice",
    "remover",
    "files",
    "batch.job server.order server.answer server.gauges server.studio",
    "server.room server.armour server.manual",
    "batch.targets batch.manifest batch.report batch.review batch.watch batch.crew batch.workers batch.remote",
    "batch.plan batch.outcome batch.ledger",
    "batch.spread",
    "batch.actors",
    "server.contract server.rembg",
    "batch.local batch.cluster video server.application",
    "server.listener commands.failure",
    "commands.remove commands.batch commands.serve commands.evaluate commands.models commands.subjects",
    "cli __init__",
    "__main__ _pyinstaller.hook-background_remover",
]
# Training stands beside the product: its lowest row is as high as the product's highest.
TRAINING_ROWS = [
    "config unet lite losses curves download decode",
    "schedule",
    "data checkpoint summary",
    "augment",
    "fit",
    "export report calibrate",
    "average start",
    "__main__",
]
ROW = {module: row for row, modules in enumerate(ROWS) for module in modules.split()}
ROW |= {f"train.{module}": row for row, modules in enumerate(TRAINING_ROWS, len(ROWS)) for module in modules.split()}
FOLDERS = (
    "_pyinstaller",
    "arrays",
    "batch",
    "commands",
    "compositing",
    "formats",
    "matting",
    "segmentation",
    "server",
    "train",
)
ROW |= {f"{folder}.__init__": 0 for folder in FOLDERS}  # they hold a docstring; of `_pyinstaller` more, with no import

FILES = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in sorted(ROOT.rglob("*.py"))}
TRAINING_ONLY = {"torch", "lightning_fabric", "kornia", "matplotlib", "onnx", "onnxscript", "tqdm"}
SERVING = {"fastapi", "starlette", "uvicorn", "prometheus_client", "httpcore"}
CLUSTER = {"ray", "pyarrow", "fsspec"}
HEAVY = {*TRAINING_ONLY, *SERVING, *CLUSTER, "PyInstaller", "onnxruntime", "pillow_heif"}
EXTRAS = {
    "batch.actors": {"ray"},
    "foreign": {"onnx"},
    "formats.heic": {"pillow_heif"},
    "network": {"onnxruntime"},
    "batch.ledger": {"pyarrow"},
    "batch.remote": {"pyarrow", "fsspec"},
    "server.body": {"starlette"},
    "server.answer": {"starlette"},
    "server.connection": {"uvicorn"},
    "server.armour": {"starlette"},
    "server.fetch": {"httpcore"},
    "server.gauges": {"prometheus_client"},
    "server.room": {"starlette"},
    "server.contract": {"fastapi"},
    "server.rembg": {"fastapi"},
    "server.application": {"fastapi", "starlette"},
    "server.listener": {"uvicorn"},
    "_pyinstaller.hook-background_remover": {"PyInstaller"},
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


def own_imports(path: Path) -> set[str]:
    """The files of this package that a file imports; a public name comes from `__init__`."""
    own = {name.removeprefix("background_remover.") for name in imports(path) if name.startswith("background_remover.")}
    public = {"__init__" for name in own if "." not in name and name not in {*ROW, *FOLDERS}}
    return public | (own & ROW.keys())


def test_every_file_has_a_row():
    assert set(FILES) <= set(ROW), "give the new file a row"


@pytest.mark.parametrize("module", [module for module in FILES if module in ROW])
def test_a_file_imports_only_from_rows_above(module):
    sideways = {name for name in own_imports(FILES[module]) if ROW[name] >= ROW[module]}
    assert not sideways


@pytest.mark.parametrize("module", [module for module in FILES if not module.startswith("train.")])
def test_nothing_but_training_imports_what_training_needs(module):
    roots = {name.split(".")[0] for name in imports(FILES[module])}
    assert not roots & HEAVY - EXTRAS.get(module, set())
    assert not {name for name in own_imports(FILES[module]) if name.startswith("train.")}
