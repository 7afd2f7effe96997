import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover.errors import ImageError
from background_remover.imaging import reader
from background_remover.imaging.codecs.png import encode
from background_remover.imaging.formats import WRITABLE
from background_remover.imaging.output_options import OutputOptions
from background_remover.options import Options
from background_remover.pipeline.memory_estimate import CLOSED_FORM_TILE, SOLVED, memory
from background_remover.server.removebg.parameters import RemoveBgOptions
from background_remover.server.removebg.render import Rendering
from background_remover.server.request.cutout import CutoutRequest
from tests.conftest import png

PLAIN = Options()
PHOTO = png(np.zeros((30, 40, 3), np.uint8))
# A process that cuts a small picture out and then the one that is named: the bytes by which the second had it grow.
PROGRAM = """
import json, sys
from pathlib import Path
from background_remover import Options, Remover
from background_remover.pipeline.file_step import make
from background_remover.runtime.allocator import keep_freed_memory
from background_remover.imaging.file import load
from background_remover.imaging.output_options import OutputOptions

def held(name):
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines[name].split()[0]) * 1024

keep_freed_memory()
small, large, model, options, kind = sys.argv[1:]
options, saving = Options(**json.loads(options)), OutputOptions(format=kind)
remover = Remover(model, threads=2)
make(remover, load(Path(small)), None, options, saving)
before = held("VmRSS")
made = make(remover, load(Path(large)), None, options, saving)
print(held("VmHWM") - before)
"""
COSTLY = {"shadow": True, "background": "blur:10"}
CASES = [
    ({}, "png", "8 bits"),
    ({}, "png", "16 bits"),
    ({}, "png", "16 bits, transparency"),
    ({"background": "white"}, "jpg", "8 bits"),
    ({"background": "white"}, "jpg", "16 bits"),
    ({"background": "blur:10"}, "png", "8 bits"),
    ({"shadow": True}, "png", "8 bits"),
    ({"feather": 3}, "png", "8 bits"),
    ({"grow": 5}, "png", "8 bits"),
    ({"outline": "2%,white"}, "png", "8 bits"),
    ({"canvas": "2400x1600"}, "png", "8 bits"),
    ({}, "webp", "8 bits"),
    ({}, "avif", "8 bits"),
    (COSTLY, "png", "8 bits"),
    (COSTLY, "png", "16 bits"),
    (COSTLY, "png", "16 bits, transparency"),
]
HEIGHT, WIDTH = 1600, 2400
BESIDE = 20e6  # bytes that don't grow with the picture


def moving(frames: int) -> bytes:
    first, *others = (PillowImage.new("L", (40, 30), 9 * number) for number in range(frames))
    buffer = io.BytesIO()
    first.save(buffer, "GIF", save_all=True, append_images=others)
    return buffer.getvalue()


def scene(kind: str, height: int = HEIGHT, width: int = WIDTH) -> bytes:
    """A bright ellipse with a soft rim before a ground of many colours."""
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    alpha = np.clip((0.7 - np.hypot(rows, columns)) * 50 + 0.5, 0, 1)[..., None]
    ground = np.random.default_rng(0).integers(0, 90, (height, width, 3))
    levels = (ground * (1 - alpha) + 240 * alpha).astype(np.uint8)
    if kind != "8 bits":
        levels = levels.astype(np.uint16) * np.uint16(257)
    if kind == "16 bits, transparency":
        levels = np.dstack([levels, np.full_like(levels[..., :1], 60_000)])
    return encode(levels)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from Linux's /proc")
@pytest.mark.parametrize(("asked", "suffix", "kind"), CASES, ids=["-".join([*one, *rest]) for one, *rest in CASES])
def test_a_cutout_takes_no_more_than_is_said(tmp_path, bright, asked, suffix, kind):
    took, said = taken_and_said(tmp_path, bright, scene(kind), asked, suffix)
    assert took <= said


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from Linux's /proc")
def test_closed_form_matting_takes_no_more_than_is_said(tmp_path, bright):
    pytest.importorskip("pymatting")
    took, said = taken_and_said(tmp_path, bright, scene("8 bits", 800, 1200), {"matting": "closed-form"}, "png")
    assert CLOSED_FORM_TILE / 2 < took <= said


def taken_and_said(folder: Path, model: Path, picture: bytes, asked: dict[str, object], suffix: str) -> tuple[int, int]:
    """The bytes that the cutout of a picture took, in a process that cut out a small one before, and the estimate."""
    large, small = folder / "large.png", folder / "small.png"
    large.write_bytes(picture)
    small.write_bytes(png(np.zeros((64, 64, 3), np.uint8)))
    options = {"allow_empty": True, **asked}
    line = [sys.executable, "-c", PROGRAM, str(small), str(large), str(model), json.dumps(options), suffix]
    took = int(subprocess.run(line, capture_output=True, text=True, check=True).stdout)
    return took, memory(large, Options(**options), WRITABLE[f".{suffix}"]) + round(BESIDE)


def test_closed_form_matting_counts_by_pixels_and_with_one_tile():
    film, closed = moving(3), Options(matting="closed-form")
    assert memory(film, closed, "PNG") == memory(film, PLAIN, "PNG") + 3 * 40 * 30 * SOLVED + CLOSED_FORM_TILE
    order = CutoutRequest(film, closed, OutputOptions())
    assert order.memory() == memory(film, closed, None)


def test_what_is_asked_for_counts():
    plain = memory(PHOTO, PLAIN, "PNG")
    assert plain == reader.memory(PHOTO)
    composed = memory(PHOTO, Options(background="white"), "JPEG")
    assert plain < composed < memory(PHOTO, Options(background="blur:3"), "PNG")
    assert composed < memory(PHOTO, PLAIN, "WEBP") == memory(PHOTO, PLAIN, "AVIF")


def test_the_pixels_of_a_canvas_count_and_those_of_all_frames():
    small, large = (memory(PHOTO, Options(canvas=size), "PNG") for size in ("20x20", "400x300"))
    assert large == 100 * small
    film = moving(3)
    assert memory(film, PLAIN, "PNG") == 3 * memory(film, Options(frame=2), "PNG")


def test_pictures_beside_count():
    whole = memory(PHOTO, PLAIN, "PNG", [PHOTO, PHOTO])
    assert whole == 3 * memory(PHOTO, PLAIN, "PNG")
    order = CutoutRequest(PHOTO, PLAIN, OutputOptions(), {"mask": PHOTO, "background": PHOTO})
    assert order.memory() == whole


def test_remove_bgs_pictures_count():
    plain = Rendering(PHOTO, None, RemoveBgOptions(), 50).memory()
    assert plain < Rendering(PHOTO, PHOTO, RemoveBgOptions(), 50).memory()
    assert plain < Rendering(PHOTO, None, RemoveBgOptions(shadow=0.5), 50).memory()


def test_what_is_no_picture_is_refused():
    with pytest.raises(ImageError, match="known format"):
        memory(b"no picture", PLAIN, "PNG")
