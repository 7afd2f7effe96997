import ast
import importlib.metadata
import inspect
import io
import subprocess
import sys
from pathlib import Path

import httpx
import numpy as np
import pytest
from mypy import api
from PIL import Image as PillowImage

import background_remover
from background_remover import Options, OutputOptions, Remover, remove, remove_batch
from background_remover.cli.program import main
from background_remover.server.settings import ServerSettings
from tests.conftest import serving, wide_profile

ROOT = Path(__file__).parent.parent


def test_the_public_names_are_these():
    assert background_remover.__all__ == [
        "Cut",
        "Error",
        "ImageError",
        "ModelError",
        "NoPicture",
        "NoSubject",
        "OptionError",
        "Options",
        "OutputOptions",
        "Removal",
        "Remover",
        "Saving",
        "Source",
        "TooLarge",
        "UnknownFormat",
        "VideoCut",
        "VideoOptions",
        "__version__",
        "remove",
        "remove_batch",
        "remove_video",
    ]


def test_an_old_name_is_the_same_thing():
    assert background_remover.Saving is background_remover.OutputOptions


def test_the_modules_of_the_names_are_those_that_a_type_checker_reads():
    tree = ast.parse(Path(background_remover.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    read = {alias.name: node.module for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    read["Saving"] = read["OutputOptions"]
    assert {name: f"background_remover.{home}" for name, home in background_remover._MODULES.items()} == read
    assert {*read, "__version__"} == set(background_remover.__all__)


def test_names_and_modules_are_there_without_being_imported():
    code = """import sys, background_remover as package
    assert not {"numpy", "PIL"} & set(sys.modules)
    assert set(package.__all__) <= set(dir(package))
    assert package.errors.Error is package.Error
    assert package.models.DEFAULT
    from background_remover import *
    assert remove is package.remove
    assert not hasattr(package, "nothing")
    assert not hasattr(package, "_nothing")
    """
    code = "\n".join(line.strip() for line in code.splitlines())
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_each_is_there_and_explained():
    for name in background_remover.__all__:
        assert inspect.getdoc(getattr(background_remover, name)), name


def test_the_version_is_that_of_what_is_installed():
    assert background_remover.__version__ == importlib.metadata.version("background-remover")


def test_importing_the_package_imports_neither_network_nor_training():
    program = "import sys, background_remover; print(*sys.modules)"
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    heavy = {
        "onnxruntime",
        "torch",
        "click",
        "background_remover.train",
        "background_remover.cli.program",
        "py_sod_metrics",
    }
    assert not heavy & set(output.split())


def photo(kind: str) -> bytes:
    """A disc on a dark ground, in a file with much beside its pixels."""
    rows, columns = np.mgrid[:60, :80]
    disc = (rows - 30) ** 2 + (columns - 45) ** 2 < 20**2
    image = PillowImage.fromarray(np.where(disc[..., None], np.uint8([250, 240, 230]), np.uint8([20, 30, 40])))
    exif = PillowImage.Exif()
    exif[0x010F], exif[0x0112] = "Lens & Co", 6
    buffer = io.BytesIO()
    if kind == "16 bits":
        PillowImage.fromarray(np.where(disc, np.uint16(60001), np.uint16(2003))).save(buffer, "PNG", dpi=(300, 300))
    elif kind == "GIF":
        image.save(buffer, kind, save_all=True, append_images=[image.rotate(angle) for angle in (30, 60)], duration=40)
    else:
        image.save(buffer, kind, exif=exif, icc_profile=wide_profile(), dpi=(300, 300), quality=95)
    return buffer.getvalue()


FACES = {
    "EXIF, profile and resolution": ("JPEG", {}, {}, "png"),
    "16 bits": ("16 bits", {}, {}, "png"),
    "16 bits, as TIFF": ("16 bits", {"keep_colours": True}, {}, "tiff"),
    "a film": ("GIF", {}, {}, "webp"),
    "a film, as GIF": ("GIF", {}, {}, "gif"),
    "a frame": ("GIF", {"frame": 2}, {"compress": "small"}, "png"),
    "settings": (
        "JPEG",
        {"background": "#ff8000", "crop": True, "margin": "5%"},
        {"quality": 70, "strip": True},
        "jpg",
    ),
    "the alpha": ("JPEG", {"only_mask": True, "feather": 1.5, "longest": 40}, {}, "avif"),
}


@pytest.mark.parametrize(("kind", "options", "saving", "suffix"), FACES.values(), ids=FACES)
def test_command_python_and_http_give_the_same_bytes(bright, kind, options, saving, suffix, tmp_path):
    data = photo(kind)
    source, written, saved = tmp_path / "photo", tmp_path / f"command.{suffix}", tmp_path / f"python.{suffix}"
    source.write_bytes(data)
    fields = {name: str(value).lower() if value is True else str(value) for name, value in (options | saving).items()}
    flags = [
        word
        for name, text in fields.items()
        for word in (f"--{name.replace('_', '-')}", *([] if text == "true" else [text]))
    ]
    assert main(["remove", str(source), str(written), "--model", str(bright), *flags]) == 0
    cut = remove(source, Options(**options), model=bright)
    cut.save(saved, OutputOptions(**saving))
    (removal,) = remove_batch([io.BytesIO(data)], Options(**options), model=bright)
    with serving(ServerSettings(port=0, model=str(bright))) as address:
        params = {**fields, "format": suffix}
        answer = httpx.post(f"{address}/remove", content=data, params=params, timeout=60)
    assert answer.status_code == 200
    assert written.read_bytes() == saved.read_bytes() == answer.content
    assert written.read_bytes() == cut.encode(OutputOptions(**saving, format=suffix))
    assert written.read_bytes() == removal.cut.encode(OutputOptions(**saving, format=suffix))
    assert (
        Remover(bright).remove(data, Options(**options)).encode(OutputOptions(**saving, format=suffix))
        == answer.content
    )


PROGRAM = """
import io
from pathlib import Path

import numpy as np
from PIL import Image

from background_remover import (
    Cut, Error, NoSubject, Options, Removal, Remover, OutputOptions, Source, __version__, remove, remove_batch
)

remover = Remover("unet", threads=2)
options = Options(
    margin=20, canvas=(1200, 800), background=(255, 255, 255), shadow_offset=(3, "1%"), mask=Path("mask.png")
)


def cut_out(source: Source) -> Cut:
    try:
        return remover.remove(source, options)
    except NoSubject:
        return remove(source, Options(allow_empty=True, background=Path("beach.jpg")), model=Path("mine.onnx"))


with open("photo.jpg", "rb") as stream:
    cuts = [
        cut_out("photo.jpg"),
        cut_out(Path("photo.jpg")),
        cut_out(b""),
        cut_out(bytearray()),
        cut_out(io.BytesIO()),
        cut_out(stream),
        cut_out(np.zeros((4, 4, 3), np.uint8)),
        cut_out(np.zeros((4, 4), np.float64)),
        cut_out(Image.new("RGB", (4, 4))),
    ]
for cut in cuts:
    image: Image.Image = cut.image
    alpha: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = cut.alpha
    facts: tuple[float, bool] = (cut.confidence, cut.empty)
    cut.save("cutout.webp", OutputOptions(quality=80))
    cut.save(io.BytesIO())
    data: bytes = cut.encode(OutputOptions(format="tiff"))
for removal in remove_batch(Path("photos").iterdir(), options, jobs=4):
    done: Removal = removal
    error: Error | None = removal.error
    if error is None:
        removal.cut.save(Path("cutouts") / "cutout.png")
version: str = __version__
"""
WRONG = """
from background_remover import Options, nothing, remove

remove(3)
remove("photo.jpg", {"crop": True})
remove("photo.jpg").paste
Options(crop="yes")
"""


def checked(program: str, folder: Path) -> str:
    (folder / "program.py").write_text(program, encoding="utf-8")
    config = folder / "mypy.ini"
    config.write_text(f"[mypy]\nstrict = True\nmypy_path = {ROOT / 'src'}\ncache_dir = {folder / 'cache'}\n")
    output, errors, _ = api.run(["--config-file", str(config), str(folder / "program.py")])
    return output + errors


def test_a_type_checker_finds_nothing_in_a_program_that_is_right(tmp_path):
    assert checked(PROGRAM, tmp_path).startswith("Success")


def test_a_type_checker_finds_what_is_wrong(tmp_path):
    found = [line.split(":")[1] for line in checked(WRONG, tmp_path).splitlines() if ": error:" in line]
    assert found == ["2", "4", "5", "6", "7"]
