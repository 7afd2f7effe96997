"""The npm package: made whole, it cuts out a picture in its example page, and its types name what it takes."""

import json
import re
import runpy
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from background_remover.version import __version__
from tests.web.conftest import GREY, PATIENCE, WEB, file
from tests.web.host import ENGINE, Host
from tests.web.waiting import expect_equal

JS = Path(__file__).parents[2] / "js"
OWN_OPTIONS = {"files", "webgpu", "signal", "onProgress", "mask", "background"}  # what isn't a text for the worker
MADE = ("local", "model", "runtime", "site.json")


@pytest.fixture(scope="module")
def package(model: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("npm") / "background-remover"
    shutil.copytree(JS, folder, ignore=shutil.ignore_patterns(*MADE))
    for _ in range(2):  # an earlier one is replaced
        runpy.run_path(str(folder / "prepack.py"))["fill"](folder, ENGINE, model)
    return folder


@pytest.fixture
def page(package: Path, browser: Browser) -> Iterator[Page]:
    with Host(package) as host:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{host.address}/example/index.html")
        yield page
        page.close()


def removed(page: Page, options: str) -> object:
    """What becomes of the scene, or of a grey picture: kind, type and size, or what is thrown."""
    return page.evaluate(
        f"""async () => {{
            const {{ removeBackground }} = await import("../index.js");
            const image = document.querySelector("#file").files[0];
            try {{
                const blob = await removeBackground(image, {options});
                const {{ width, height }} = await createImageBitmap(blob);
                return [blob.type, width, height];
            }} catch (error) {{
                return error.kind ?? error.name;
            }}
        }}"""
    )


def test_the_example_shows_a_cutout(page: Page) -> None:
    page.set_input_files("#file", [file()])
    expect(page.locator("#words")).to_have_text("done")
    expect(page.get_by_role("img", name="disc.png without its background")).to_be_visible()
    wanted = "{ format: 'jpg', background: 'white', crop: true, ground: 'photo' }"
    assert removed(page, wanted) == ["image/jpeg", 119, 119]
    assert removed(page, "{ background: image, onlyMask: undefined, shadow: true }") == ["image/png", 480, 360]
    assert removed(page, "{ colour: 'white' }") == "refused"
    assert removed(page, "{ background: image, onlyMask: true }") == "refused"
    assert removed(page, "{ signal: AbortSignal.abort() }") == "AbortError"
    assert removed(page, "{ files: '/elsewhere' }") == "Error"
    page.set_input_files("#file", [file("grey.png", GREY)])
    expect(page.locator("#words")).to_contain_text("empty: no subject found")
    assert page.evaluate("import('../index.js').then(({ release }) => release())") is None
    expect_equal(page, lambda: len(page.workers), 0)
    assert page.evaluate("import('../index.js').then(({ prepare }) => prepare())") is None
    assert page.workers
    failing = (
        "import('../index.js').then(({ prepare }) => prepare({ files: '/elsewhere' })).catch(({ message }) => message)"
    )
    assert "site.json" in page.evaluate(failing)


def test_a_refusal_names_options_as_they_are_written_here(page: Page) -> None:
    page.set_input_files("#file", [file()])
    message = page.evaluate(
        """import("../index.js").then(async ({ removeBackground }) => {
            const image = document.querySelector("#file").files[0];
            return removeBackground(image, { shadowBlur: 3 }).catch((error) => [error.kind, error.message]);
        })"""
    )
    assert message == ["refused", "shadowBlur does nothing without shadow; add that, or leave shadowBlur out"]


def test_its_types_name_what_the_worker_takes() -> None:
    types = (JS / "index.d.ts").read_text(encoding="utf-8")
    named = set(re.findall(r"^  (\w+)\?:", types, flags=re.MULTILINE))
    known = (WEB / "local" / "parameters" / "options.js").read_text(encoding="utf-8").partition("DEFAULTS")[2]
    fields = re.findall(r"^  (\w+):", known.partition("});")[0], flags=re.MULTILINE)
    assert {re.sub(r"_(\w)", lambda found: found[1].upper(), name) for name in fields} | OWN_OPTIONS == named


def test_it_is_whole_when_it_is_packed(package: Path) -> None:
    described = json.loads((package / "package.json").read_text(encoding="utf-8"))
    assert described["version"] == __version__
    assert described["private"], "it isn't published"
    if not shutil.which("npm"):
        pytest.skip("npm isn't installed here")
    line = ["npm", "pack", "--dry-run", "--json", "--ignore-scripts"]  # what its script does is done
    ran = subprocess.run(line, cwd=package, capture_output=True, text=True, check=True)
    packed = {entry["path"] for entry in json.loads(ran.stdout)[0]["files"]}
    made = {
        path.relative_to(package).as_posix()
        for name in MADE
        for path in [package / name, *package.glob(f"{name}/**/*")]
    }
    assert packed >= {name for name in made if (package / name).is_file()} | {"index.js", "index.d.ts", "README.md"}
    assert not {name for name in packed if name.endswith(("keeping.js", "service_worker.js", ".py"))}
