"""The private parts of Pillow: each is there in the version installed, and one file alone uses them."""

import ast
import ctypes
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import PIL
import pytest
from PIL import Image as PillowImage
from PIL import ImageFile

import background_remover
from background_remover.imaging.codecs import pillow_internals
from background_remover.imaging.codecs.png import encode
from background_remover.imaging.formats import FORMATS

ROOT = Path(background_remover.__file__).parent
FENCE = ROOT / "imaging" / "codecs" / "pillow_internals.py"
UNDOCUMENTED = {"OPEN", "preinit", "init", "core", "tile", "codec_name", "decoderconfig", "ImageFileDirectory_v2"}
DOCUMENTED_PLUGINS = {"PIL.PngImagePlugin.PngInfo"}


def bytes_of(kind: str, **saving: object) -> bytes:
    buffer = io.BytesIO()
    PillowImage.new("RGB", (8, 6), (1, 2, 3)).save(buffer, kind, **saving)
    return buffer.getvalue()


def opened(data: bytes) -> ImageFile.ImageFile:
    kind, opener = pillow_internals.opener_for(data[:16], [known.name for known in FORMATS])
    image = opener(io.BytesIO(data), "")
    assert image.format == kind
    return image


def openers() -> bool:
    return all(opened(bytes_of(known.name)).size == (8, 6) for known in FORMATS if known.written)


def tiles() -> bool:
    image = opened(encode(np.zeros((6, 8, 3), np.uint16)))
    return pillow_internals.raw_modes(image) == ["RGB;16B"] and pillow_internals.codec_names(image) == {"zip"}


def other_layouts() -> bool:
    image = opened(encode(np.full((6, 8, 3), 0x1234, np.uint16)))
    pillow_internals.set_raw_mode(image, "RGB;16L")
    return image.getpixel((0, 0)) == (0x34, 0x34, 0x34)


def planes() -> bool:
    image = opened(bytes_of("TIFF", tiffinfo={284: 2}))
    pillow_internals.keep_plane(image, pillow_internals.raw_modes(image)[0])
    return image.mode == "I;16" and len(image.tile) == 1


def directories() -> bool:
    data = b"MM\0*\0\0\0\x08" + pillow_internals.directory_bytes({256: 7, 257: 9}, b"MM", 8)
    place = pillow_internals.first_directory(data[:8])
    found = pillow_internals.read_directory(io.BytesIO(data), data[:8], place)
    return (place, found[256], found[257], pillow_internals.is_big_endian(found)) == (8, 7, 9, True)


def library() -> bool:
    return Path(pillow_internals.library_file()).is_file() and bool(ctypes.CDLL(pillow_internals.library_file()))


def some_rows() -> bool:
    pixels = np.random.default_rng(1).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    return pillow_internals.rows(PillowImage.fromarray(pixels), 2, 5) == pixels[2:5].tobytes()


@pytest.mark.parametrize(
    ("part", "works"),
    [
        ("Image.preinit, Image.init and Image.OPEN, name -> (opener, test of the first bytes)", openers),
        ("ImageFile.tile, of (codec_name, extents, offset, args)", tiles),
        ("args of a tile, whose first is the raw mode, and which may be replaced", other_layouts),
        ("Image._mode, which may be set before the pixels are decoded", planes),
        ("ImageFileDirectory_v2 with next, load, prefix and tobytes", directories),
        ("PIL._imaging, a shared library", library),
        ("Image._getencoder, of (mode, name, args), with setimage of an image's im, and encode", some_rows),
    ],
)
def test_this_version_of_pillow_has_what_is_used(part: str, works: Callable[[], bool]):
    missing = f"Pillow {PIL.__version__} has no longer {part}; mend {FENCE.name}"
    try:
        fine = works()
    except Exception as error:
        pytest.fail(f"{missing} ({type(error).__name__}: {error})")
    assert fine, missing


def test_a_file_of_no_format_has_no_opener():
    assert pillow_internals.opener_for(b"text", [known.name for known in FORMATS]) is None
    assert pillow_internals.opener_for(bytes_of("PNG")[:16], ["JPEG"]) is None


def private_uses(path: Path) -> list[str]:
    """What a file uses of Pillow that its documentation doesn't name; empty where it imports nothing of Pillow."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = [
        f"{node.module}.{alias.name}"
        for node in nodes
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "PIL"
        for alias in node.names
    ]
    names += [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    ours = [name for name in names if name.split(".")[0] == "PIL"]
    found = [name for name in ours if "Plugin" in name or "._" in name]
    if ours:
        found += [
            node.attr
            for node in nodes
            if isinstance(node, ast.Attribute)
            and (node.attr in UNDOCUMENTED or (node.attr.startswith("_") and not node.attr.startswith("__")))
            and not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"))
        ]
    return [name for name in found if name not in DOCUMENTED_PLUGINS]


def test_no_other_file_uses_private_parts():
    assert private_uses(FENCE)
    found = {path: private_uses(path) for path in ROOT.rglob("*.py") if path != FENCE}
    assert not {str(path.relative_to(ROOT)): uses for path, uses in found.items() if uses}


def test_the_check_finds_private_parts(tmp_path):
    path = tmp_path / "file.py"
    path.write_text(
        "from PIL import Image\nfrom PIL import TiffImagePlugin, _util\nImage.core\nImage.new('L', ())._mode\n"
    )
    assert private_uses(path) == ["PIL.TiffImagePlugin", "PIL._util", "core", "_mode"]


@pytest.mark.parametrize(("kind", "others"), [("JPEG", ("Png", "Gif")), ("PNG", ("Jpeg", "Gif"))])
def test_the_most_common_formats_load_no_other_formats_module(kind, others):
    code = "import sys; from background_remover.imaging.codecs.pillow_internals import opener_for\n"
    code += f"assert opener_for({bytes_of(kind)[:16]!r}, ['PNG', 'JPEG'])[0] == {kind!r}\n"
    code += f"assert not {{f'PIL.{{name}}ImagePlugin' for name in {others}}} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


REMARKS = """
import io, sys
from PIL import Image
from background_remover.imaging.codecs.pillow_internals import silence_libtiff

if sys.argv[1] == "hushed":
    silence_libtiff()
buffer = io.BytesIO()
Image.effect_noise((64, 64), 90).save(buffer, "TIFF", compression="tiff_adobe_deflate")
data = bytearray(buffer.getvalue())
data[20:120] = bytes(100)
try:
    Image.open(io.BytesIO(data)).load()
except OSError:
    pass
"""


def test_remarks_on_damaged_files_are_hushed():
    said = {
        mode: subprocess.run([sys.executable, "-c", REMARKS, mode], capture_output=True, check=True).stderr
        for mode in ("hushed", "plain")
    }
    assert said["plain"]
    assert not said["hushed"]


def test_a_pillow_without_libtiff_is_left_alone(monkeypatch):
    class Library:
        def __getitem__(self, name: str) -> None:
            raise AttributeError(name)

    monkeypatch.setattr(pillow_internals.ctypes, "CDLL", lambda name: Library())
    pillow_internals.silence_libtiff()
