"""The files of the static site: what is in them, where they may be written, and that their list is true."""

import hashlib
import json
import re

import pytest

from background_remover.errors import OptionError
from background_remover.imaging.formats import WRITTEN
from background_remover.static_site.onnxruntime_web import WASM
from background_remover.static_site.packing import STRIDES
from background_remover.static_site.site import POLICY, WEB, site_files, write_site
from tests.static_site.conftest import ALL
from tests.static_site.test_packing import restored


@pytest.fixture
def files(runtime, bright):
    return site_files(runtime, str(bright))


def site_of(worker: bytes) -> dict[str, object]:
    return json.loads(worker.decode().removeprefix("const SITE = ").partition(";\n\n")[0])


def test_the_service_worker_lists_every_other_file_by_its_hash(files):
    listed = {entry["file"]: entry for entry in site_of(files["sw.js"])["files"]}
    assert listed.keys() == files.keys() - {"sw.js"}
    for name, entry in listed.items():
        assert entry == {"file": name, "bytes": len(files[name]), "sha256": hashlib.sha256(files[name]).hexdigest()}
    assert files["sw.js"].endswith((WEB / "local" / "service_worker.js").read_bytes())


def test_another_file_is_another_version(files, runtime, bright, make_model):
    again = site_files(runtime, str(bright))
    assert again == files
    other = site_files(runtime, str(make_model(last="HardSigmoid")))
    assert site_of(other["sw.js"])["version"] != site_of(files["sw.js"])["version"]


def test_the_page_and_the_files_it_names_are_there(files):
    html = files["index.html"].decode()
    for name in re.findall(r'(?:href|src)="([^"#]+)', html):
        assert name in files, name
    assert {f"static/{path.relative_to(WEB).as_posix()}" for path in WEB.rglob("*.js")} - files.keys() == {
        "static/local/service_worker.js"
    }
    assert not re.search(r"https?://(?!www\.w3\.org)", html)


def test_the_policy_is_strict_and_before_all_that_it_is_about(files):
    html = files["index.html"].decode()
    assert html.index(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}" />') < html.index("<link")
    rules = dict(rule.strip().split(" ", 1) for rule in POLICY.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert "unsafe-inline" not in POLICY
    assert site_of(files["sw.js"])["policy"] == POLICY


def test_the_facts_are_those_of_the_files(files, runtime, bright):
    facts = json.loads(files["page.json"])
    assert facts["static"] is True
    wanted = {"model": bright.read_bytes(), "wasm": runtime[WASM]}
    for entry, content in ((facts["model"], wanted["model"]), (facts["runtime"]["wasm"], wanted["wasm"])):
        packed = files[entry["file"]]
        assert entry["bytes"] == len(packed)
        assert entry["sha256"] == hashlib.sha256(packed).hexdigest()
        assert (entry["size"], entry["stride"] in STRIDES) == (len(content), True)
        assert restored(packed, entry["stride"]) == content
    assert facts["runtime"]["module"] in files
    assert facts["runtime"]["glue"] in files
    assert facts["model"]["metadata"]["longest_side"] == "128"
    assert facts["quality"]["jpg"] == next(one.quality for one in WRITTEN if one.name == "JPEG")
    others = {"page.json", "sw.js"}  # which are small
    assert facts["download"] == sum(len(data) for name, data in files.items() if name not in others)


def test_what_webgpu_takes_is_listed_as_late_and_counted_apart(runtime, bright, files, tmp_path):
    with_it = site_files(ALL, str(bright))
    late = with_it.keys() - files.keys()
    assert len(late) == len(ALL) - len(runtime)
    listed = site_of(with_it["sw.js"])["files"]
    assert {entry["file"] for entry in listed if entry.get("isLate")} == late
    facts, without = json.loads(with_it["page.json"]), json.loads(files["page.json"])
    webgpu = facts["runtime"].pop("webgpu")
    assert facts == without
    assert {webgpu["module"], webgpu["glue"], webgpu["wasm"]["file"]} == late
    assert webgpu["download"] == sum(len(with_it[name]) for name in late)
    site = write_site(tmp_path, ALL, str(bright))
    assert site.webgpu == webgpu["download"]
    assert site.size + site.webgpu == sum(map(len, with_it.values()))


def test_it_is_written_and_replaces_an_older_one(runtime, bright, files, tmp_path):
    folder = tmp_path / "new" / "site"
    for _ in range(2):
        site = write_site(folder, runtime, str(bright))
        written = {
            path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }
        assert written.pop("CNAME", b"example.org") == b"example.org"
        assert written == files
        assert (site.count, site.size) == (len(files), sum(map(len, files.values())))
        (folder / "static" / "main.js").write_text("older")
        (folder / "CNAME").write_text("example.org")


@pytest.mark.parametrize(("name", "text"), [("notes.txt", "mine"), ("page.json", "{"), ("page.json", "[]")])
def test_a_folder_with_something_else_is_refused(runtime, tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(OptionError, match="holds something else; give a new folder"):
        write_site(tmp_path, runtime)
    assert [path.name for path in tmp_path.iterdir()] == [name]
