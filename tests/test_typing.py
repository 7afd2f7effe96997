"""A program that uses the public names passes mypy's strict checks, and gets the types that the documents say."""

import subprocess
import sys

PROGRAM = """
from pathlib import Path

from background_remover import Cut, Error, Options, OutputOptions, Remover, VideoOptions, remove_batch, remove_video


def confidence(photo: Path) -> float | None:
    cut: Cut = Remover(model="unet", threads=2).remove(photo, Options(crop=True, margin=20))
    cut.save(photo.with_suffix(".png"), OutputOptions(strip=True))
    return cut.confidence if cut.alpha.any() else None


def failures(photos: list[Path]) -> list[Error | None]:
    return [removal.error for removal in remove_batch(photos)]


reveal_type(Remover().remove("photo.jpg").image)
reveal_type(Remover().remove("photo.jpg").alpha)
reveal_type(next(remove_video("a.mp4", video=VideoOptions())).cut.confidence)
Options(crop="yes")
"""
FLOATS = "numpy.ndarray[tuple[Any, ...], numpy.dtype[numpy.floating[numpy._typing._nbit_base._32Bit]]]"


def test_a_program_passes_the_strict_checks(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", tmp_path / "cache"]
    ran = subprocess.run([*command, "program.py"], cwd=tmp_path, capture_output=True, text=True)
    said = [line.split(": ", 1)[1] for line in ran.stdout.splitlines()[:-1]]
    assert said == [
        'note: Revealed type is "PIL.Image.Image"',
        f'note: Revealed type is "{FLOATS}"',
        'note: Revealed type is "float"',
        'error: Argument "crop" to "Options" has incompatible type "str"; expected "bool"  [arg-type]',
    ]
