"""A program that uses the public names passes mypy's strict checks, and gets the types that the documents say."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

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
NO_PART = r"^background_remover\.train\.|\.(ray|address|journal|import_onnx)\.error$"
"""Training, and exceptions that are caught at the head of a module."""
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


def test_every_public_name_outside_training_has_a_type_that_all_checkers_agree_on(tmp_path):
    programs = Path(sys.executable).parent
    command = [programs / "basedpyright", "--verifytypes", "background_remover", "--ignoreexternal", "--outputjson"]
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}  # it takes the first Python's packages
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    names = json.loads(ran.stdout)["typeCompleteness"]["symbols"]
    assert len(names) > 2000
    vague = {name["name"] for name in names if name["isTypeAmbiguous"] or not name["isTypeKnown"]}
    assert {name for name in vague if not re.search(NO_PART, name)} == set()
