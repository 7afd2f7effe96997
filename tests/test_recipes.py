"""The recipes: those for shells and make are run, and the request that n8n's workflow describes is sent."""

import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover.server.settings import ServerSettings
from tests.conftest import png, serving

ROOT = Path(__file__).parents[1]
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", (ROOT / "docs" / "recipes.md").read_text("utf-8"), re.M | re.S)
WORKFLOW = json.loads((ROOT / "examples" / "n8n.json").read_text(encoding="utf-8"))
NODES = {node["name"]: node for node in WORKFLOW["nodes"]}


def recipe(kind: str, word: str) -> str:
    (text,) = (text for language, text in BLOCKS if language == kind and word in text)
    return text


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with serving(ServerSettings(port=0)) as address:
        yield address


@pytest.fixture
def folder(tmp_path, photo):
    """A folder with two photos of a disc and one of nothing."""
    (tmp_path / "photos").mkdir()
    for name in ("a", "b"):
        PillowImage.fromarray(photo).save(tmp_path / "photos" / f"{name}.jpg", quality=95)
    PillowImage.new("RGB", (60, 40)).save(tmp_path / "photos" / "empty.jpg")
    return tmp_path


def run(folder: Path, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    command = ["/bin/bash", "-euo", "pipefail", "-c", script]
    return subprocess.run(command, cwd=folder, env={"PATH": path, **environment}, capture_output=True, text=True)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_the_photos_of_the_last_day(folder):
    ran = run(folder, recipe("sh", "-mtime"))
    assert ran.returncode == 3, ran.stderr  # one has no subject
    assert names(folder / "cutouts") == ["a.png", "b.png"]


def test_pictures_for_a_shop(folder):
    (folder / "photos" / "empty.jpg").unlink()
    assert run(folder, recipe("sh", "batch photos shop")).returncode == 0
    with PillowImage.open(folder / "shop" / "a.jpg") as picture:
        assert (picture.size, picture.getpixel((5, 5))) == ((1000, 1000), (255, 255, 255))


def test_what_has_no_subject_is_put_aside(folder):
    ran = run(folder, recipe("sh", "mv "))
    assert ran.returncode == 0, ran.stderr
    assert (names(folder / "cutouts"), names(folder / "aside")) == (["a.png", "b.png"], ["empty.jpg"])
    for photo in (folder / "photos").iterdir():
        photo.write_text("no picture")
    assert run(folder, recipe("sh", "mv ")).returncode == 1


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq isn't installed")
def test_the_cutouts_to_be_looked_at(folder):
    (folder / "photos" / "b.jpg").unlink()
    ran = run(folder, recipe("sh", "jq"))
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr
    report = folder / "report.jsonl"
    report.write_text(report.read_text().replace('"unsure": false', '"unsure": true'))
    assert run(folder, recipe("sh", "jq").splitlines()[-1]).stdout == "cutouts/a.png\n"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl isn't installed")
def test_a_service_is_asked(folder, service):
    (folder / "photos" / "empty.jpg").unlink()
    ran = run(folder, recipe("sh", "curl"), SERVICE=service)
    assert ran.returncode == 0, ran.stderr
    with PillowImage.open(folder / "b.png") as cutout:
        assert (cutout.mode, cutout.size) == ("RGBA", (120, 90))


@pytest.mark.skipif(shutil.which("make") is None, reason="make isn't installed")
def test_make_does_what_is_new(folder):
    (folder / "photos" / "empty.jpg").unlink()
    (folder / "Makefile").write_text(recipe("make", "wildcard"))
    assert run(folder, "make -j2").returncode == 0
    assert names(folder / "cutouts") == ["a.png", "b.png"]
    assert "Nothing to be done" in run(folder, "make").stdout
    PillowImage.open(folder / "photos" / "a.jpg").save(folder / "photos" / "c.jpg")
    assert run(folder, "make").stdout.count("background-remover remove") == 1


def test_the_workflow_leads_from_its_start_through_all_nodes():
    name, seen = "Start", ["Start"]
    while name in WORKFLOW["connections"]:
        ((link,),) = WORKFLOW["connections"][name]["main"]
        name = link["node"]
        seen.append(name)
    assert seen == list(NODES)
    assert len({node["id"] for node in NODES.values()}) == len(NODES)
    assert NODES["Start"]["type"] == "n8n-nodes-base.manualTrigger"


def test_the_workflows_request_is_answered_with_a_picture(service, photo):
    given = NODES["Remove background"]["parameters"]
    fields = given["bodyParameters"]["parameters"]
    (sent,) = (field for field in fields if field["parameterType"] == "formBinaryData")
    assert sent["inputDataFieldName"] == NODES["Read photos"]["parameters"]["options"]["dataPropertyName"]
    answer = httpx.request(
        given["method"],
        service + urlsplit(given["url"]).path,
        files={sent["name"]: ("photo.png", png(photo))},
        data={field["name"]: field["value"] for field in fields if field["parameterType"] == "formData"},
        timeout=given["options"]["timeout"] / 1000,
    )
    assert answer.status_code == 200
    with PillowImage.open(io.BytesIO(answer.content)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (120, 90))
        assert np.asarray(picture)[0, 0].min() > 250
