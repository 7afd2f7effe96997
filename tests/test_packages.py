"""What is published: `PACKAGES` names the folder that `runs/packages.sh` makes; without it nothing is tested here."""

import email
import hashlib
import json
import os
import re
import tarfile
import zipfile
from pathlib import Path

import pytest

from background_remover.models import MODELS

ROOT = Path(__file__).parents[1]
FOLDER = os.environ.get("PACKAGES")
pytestmark = pytest.mark.skipif(FOLDER is None, reason="PACKAGES isn't set: nothing was packed")


def packed(suffix: str) -> Path:
    (path,) = Path(FOLDER).glob(f"*{suffix}")
    return path


@pytest.fixture(scope="module")
def wheel():
    with zipfile.ZipFile(packed(".whl")) as file:
        yield file


def source_files(folder: Path) -> set[str]:
    paths = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix() for path in paths}


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == source_files(ROOT / "src")
    assert names >= {"background_remover/py.typed", "background_remover/web/index.html"}
    assert {name.split(".dist-info/")[1] for name in set(wheel.namelist()) - names} == {
        "METADATA",
        "RECORD",
        "WHEEL",
        "entry_points.txt",
        "licenses/LICENSE",
    }


def test_the_weights_in_it_are_those_that_are_named(wheel):
    for name, model in MODELS.items():
        data = wheel.read(f"background_remover/weights/{name}.onnx")
        assert hashlib.sha256(data).hexdigest() == model.sha256


def test_its_times_are_the_commits_and_no_files_own(wheel):
    assert len({entry.date_time for entry in wheel.infolist()}) == 1


def test_the_sdist_holds_what_its_own_tests_read():
    with tarfile.open(packed(".tar.gz")) as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    wanted = {f"{folder}/{name}" for folder in ("src", "tests", "docs") for name in source_files(ROOT / folder)}
    assert names >= wanted | {"Dockerfile", "README.md", ".ci/run", "runs/packages.sh", "constraints.txt"}
    assert not [name for name in names if name.startswith(("scratch", ".venv", ".git/")) or name.endswith(".pyc")]


def test_the_bill_of_materials_names_every_package_of_the_base_and_of_the_service(wheel):
    bill = json.loads(packed(".cdx.json").read_text(encoding="utf-8"))
    assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", "background-remover")
    (metadata,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    needed = email.message_from_bytes(wheel.read(metadata)).get_all("Requires-Dist")
    needed = [need for need in needed if "extra ==" not in need or "'serve'" in need]
    wanted = {re.match(r"[\w-]+", need)[0] for need in needed}
    assert wanted >= {"onnxruntime", "starlette"}
    assert {part["name"].replace("_", "-") for part in bill["components"]} >= wanted
    assert all(part["purl"].startswith("pkg:pypi/") and part["version"] for part in bill["components"])
