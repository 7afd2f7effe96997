"""The page without a server: offline after one visit, nothing asked of others, and failures that lose nothing."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from background_remover.models import DEFAULT, MODELS
from background_remover.static_site.packing import pack
from background_remover.static_site.site import WEB, write_site
from tests.web.conftest import PATIENCE, SCENE, add, check, decoded, downloaded, file, items, place
from tests.web.host import ENGINE, Host
from tests.web.waiting import eventually, expect_equal

LARGEST = 14_000_000  # bytes of the site with the default network, on a host that compresses nothing
KEPT = "It is all here: the page works without a network now."
OWN = "content-autofill.googleapis.com:443"  # what Chromium itself asks at a form, whatever page has it
NOT_KEPT = "This browser can't keep it"

Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def folder(model: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site that runs the tiny network without onnxruntime-web: what is tested with it is all around that."""
    folder = tmp_path_factory.mktemp("site")
    write_site(folder, ENGINE, model)
    return folder


@pytest.fixture
def host(folder: Path) -> Iterator[Host]:
    with Host(folder) as host:
        yield host
    assert set(host.elsewhere) <= {OWN}


@pytest.fixture
def wrongs() -> list[str]:
    """Requests to others, errors of scripts, and what the policy forbade."""
    return []


@pytest.fixture
def visit(browser: Browser, host: Host, wrongs: list[str]) -> Iterator[Visit]:
    """Opens the page in a new profile, with the host as its proxy; in the end looks at what was wrong."""
    contexts: list[BrowserContext] = []

    def visit(script: str = "", keeps: bool = True, host: Host = host) -> Page:
        context = browser.new_context(
            proxy={"server": host.address, "bypass": "127.0.0.1"},
            service_workers="allow" if keeps else "block",
            accept_downloads=True,
            locale="en-GB",
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.on(
            "request", lambda sent: sent.url.startswith((host.address, "blob:", "data:")) or wrongs.append(sent.url)
        )
        context.on("weberror", lambda error: wrongs.append(str(error.error)))
        context.on("console", lambda said: "Content Security Policy" in said.text and wrongs.append(said.text))
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.goto(host.address)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not wrongs


def test_it_works_without_a_network_after_one_visit(
    visit: Visit, engine: dict[str, bytes], model: str, tmp_path: Path
) -> None:
    weights = pack(MODELS[DEFAULT].path.read_bytes(), [2])
    assert write_site(tmp_path, engine, model).size + len(weights.data) <= LARGEST
    with Host(tmp_path) as host:
        page = visit(host=host)
        expect(page.locator("#promise")).to_have_text("No account, full size, and nothing leaves this browser.")
        expect(page.locator("#limits")).to_contain_text("to load once")
        expect(page.locator("#limits")).to_contain_text(KEPT)
        check(page, "static start")
        add(page, file("first.png"))
        page.context.set_offline(True)
        host.is_away, before = True, len(host.asked)
        add(page, file("second.png"), done=2)
        page.reload()
        expect(page.locator("#limits")).to_contain_text(KEPT)
        eventually(page, lambda: page.evaluate("crossOriginIsolated"), bool)  # so that the network uses threads
        add(page, file("third.png"))
        name, data = downloaded(page)
        assert (name, decoded(data).shape) == ("third-cutout.png", (*decoded(SCENE).shape[:2], 4))
        page.get_by_role("radio", name="Scene").check()
        page.get_by_label("Language").select_option("de")
        expect(page.get_by_role("button", name="Speichern", exact=True)).to_be_visible()
        expect(page.locator("#limits")).to_contain_text("Die Seite geht jetzt auch ohne Netz.")
        assert set(host.asked[before:]) <= {"/sw.js"}, "a newer version, and nothing else"


def test_the_first_visit_ends_isolated_where_nobody_has_begun(visit: Visit) -> None:
    page = visit()  # what isn't asked by a script of the test isn't taken for somebody's doing
    page.wait_for_event("framenavigated")
    expect(page.locator("#limits")).to_contain_text(KEPT)
    eventually(page, lambda: page.evaluate("crossOriginIsolated"), bool)


def test_the_network_is_open_before_the_first_picture(visit: Visit, host: Host) -> None:
    page = visit()
    expect(page.locator("#limits")).to_contain_text(KEPT)
    eventually(page, lambda: len(page.workers), bool)
    eventually(page, lambda: page.workers[0].evaluate("performance.getEntriesByName('file').length"), bool)
    add(page, file())
    assert len(page.workers) == 1


def test_what_cannot_be_prepared_is_tried_again(visit: Visit, host: Host) -> None:
    host.cut = {".onnx.packed"}
    page = visit(keeps=False)
    prepared = "import('/static/service/local.js').then(({ prepare }) => prepare())"
    assert page.evaluate(prepared) is None, "a failure is said with the first picture"
    host.cut = set()
    assert page.evaluate(prepared) is None
    before = len(host.asked)
    add(page, file())
    assert not [path for path in host.asked[before:] if path.endswith(".packed")]


def test_the_policy_holds(visit: Visit, wrongs: list[str]) -> None:
    page = visit(keeps=False)
    found = page.evaluate(
        """async () => {
            const violated = [];
            document.addEventListener("securitypolicyviolation", (event) => violated.push(event.effectiveDirective));
            document.head.append(Object.assign(document.createElement("script"), { textContent: "window.hacked = 1" }));
            const image = Object.assign(new Image(), { src: "http://127.0.0.2/a.png" });
            await new Promise((resolve) => (image.onerror = resolve));
            try { Function("window.hacked = 1")(); } catch {}
            await new Promise((resolve) => setTimeout(resolve));
            return [window.hacked ?? null, violated.sort()];
        }"""
    )
    assert found == [None, ["img-src", "script-src", "script-src-elem"]]
    assert len(wrongs) >= 3
    wrongs.clear()


def test_a_file_that_is_no_picture_is_said_and_the_others_go_on(visit: Visit) -> None:
    page = visit(keeps=False)
    expect(page.locator("#limits")).to_contain_text(NOT_KEPT)
    page.set_input_files("#files", [file("notes.png", b"no picture"), file("cut.png", SCENE[:300]), file("disc.png")])
    expect(items(page, "done")).to_have_count(1)
    expect(items(page, "failed")).to_have_count(2)
    expect(page.locator("#card")).to_contain_text("This file can't be used")
    expect(page.locator("#card")).not_to_contain_text("server")


@pytest.mark.parametrize("keeps", [True, False])
def test_a_model_that_arrives_in_part_is_said_and_loaded_anew(visit: Visit, host: Host, keeps: bool) -> None:
    host.cut = {".onnx.packed"}
    page = visit(keeps=keeps)
    expect(page.locator("#limits")).to_contain_text(NOT_KEPT)
    page.set_input_files("#files", [file()])
    expect(page.locator("#card")).to_contain_text("Not all of it has arrived")
    host.cut = set()
    page.get_by_role("button", name="Try again").click()
    expect(items(page, "done")).to_have_count(1)


def test_a_host_that_is_away_is_waited_for(visit: Visit, host: Host) -> None:
    page = visit(keeps=False)
    expect(page.locator("#limits")).to_contain_text(NOT_KEPT)
    host.is_away = True
    page.set_input_files("#files", [file()])
    expect(items(page, "failed")).to_have_count(1)
    host.is_away = False
    expect(items(page, "done")).to_have_count(1)


def test_a_browser_without_simd_is_said(visit: Visit) -> None:
    page = visit("WebAssembly.validate = () => false", keeps=False)
    page.set_input_files("#files", [file()])
    expect(page.locator("#card")).to_contain_text("This browser can't do it")
    expect(page.locator("#card")).to_contain_text("It lacks WebAssembly with SIMD")
    expect(page.get_by_role("button", name="Remove it")).to_be_visible()


def test_a_lack_of_memory_is_said_and_the_worker_begun_anew(visit: Visit) -> None:
    page = visit(keeps=False)
    script = (WEB / "local" / "pipeline.js").read_text(encoding="utf-8")
    failing = "\n".join(
        [script.partition("export async function remove")[0], "export const remove = () => new Uint8Array(2 ** 53);"]
    )
    page.context.route(
        "**/local/pipeline.js", lambda route: route.fulfill(body=failing, content_type="text/javascript")
    )
    page.set_input_files("#files", [file("one.png"), file("two.png")])
    expect(items(page, "failed")).to_have_count(2)
    expect(page.locator("#card")).to_contain_text("Not enough memory")
    page.context.unroute("**/local/pipeline.js")
    for _ in range(2):
        items(page, "failed").first.get_by_role("button").first.click()
        page.get_by_role("button", name="Try again").click()
        expect(page.locator("#card")).to_be_hidden()
    expect(items(page, "done")).to_have_count(2)


def test_strokes_are_refined_without_a_network(visit: Visit, host: Host) -> None:
    """What is kept beside the disc is found again by its colours, as a server finds it; each stroke is a step."""
    page = visit()
    expect(page.locator("#limits")).to_contain_text(KEPT)
    add(page, file())
    files = [downloaded(page)[1]]
    host.is_away, before = True, len(host.asked)
    for tool, width, point in [("Keep", 60, (182, 180)), ("Hair", 120, (186, 180)), ("Erase", 40, (100, 180))]:
        page.get_by_role("radio", name=tool).check()
        page.locator("#brush").fill(str(width))
        page.mouse.click(*place(page, *point))
        expect(page.locator("#status")).to_contain_text("The edges are refined")
        expect(page.locator(".frame")).to_have_attribute("aria-busy", "false")
        files.append(downloaded(page)[1])
    cut, kept, found, erased = (decoded(data)[..., 3].astype(int) for data in files)
    disc, beside, middle = (180, 172), (180, 190), (180, 100)  # y and x
    assert [int(alpha[beside]) for alpha in (cut, kept)] == [0, 255]
    assert found[disc] > 245
    assert found[beside] < 10
    assert [int(alpha[middle]) for alpha in (found, erased)] == [255, 0]
    for data in reversed(files[:-1]):
        page.get_by_role("button", name="Undo").click()
        assert downloaded(page)[1] == data
    assert set(host.asked[before:]) <= {"/sw.js"}, "nothing but whether there is a newer version"


def test_a_lean_connection_is_spared_until_a_picture_comes(visit: Visit, host: Host) -> None:
    page = visit("Object.defineProperty(navigator, 'connection', { value: { saveData: true } })")
    expect(page.locator("#limits")).to_contain_text("to load once")
    page.wait_for_load_state("networkidle")
    assert not [path for path in host.asked if path.endswith((".packed", "/sw.js"))]
    add(page, file())
    assert len([path for path in host.asked if path.endswith(".wasm.packed")]) == 1


def release(folder: Path, title: str) -> None:
    """Makes another version of a site, whose page has another title."""
    html = (folder / "index.html").read_bytes()
    newer = html.replace(b"<title>Background remover", b"<title>" + title.encode())
    worker = (
        (folder / "sw.js")
        .read_bytes()
        .replace(hashlib.sha256(html).hexdigest().encode(), hashlib.sha256(newer).hexdigest().encode())
    )
    worker = worker.replace(b'"bytes": %d,' % len(html), b'"bytes": %d,' % len(newer))
    (folder / "index.html").write_bytes(newer)
    (folder / "sw.js").write_bytes(worker.replace(b'"version": "', b'"version": "' + title.encode()))


SHARE = """<form action="{address}/share" method="post" enctype="multipart/form-data">
<input type="file" name="photo" multiple /><input type="submit" /></form>"""  # as a phone sends what is shared


def test_photos_that_another_app_shares_are_cut_out_and_not_kept(visit: Visit, host: Host) -> None:
    target = json.loads((WEB / "manifest.webmanifest").read_text())["share_target"]
    assert (target["action"], target["params"]["files"][0]["name"]) == ("share", "photo")
    page = visit()
    expect(page.locator("#limits")).to_contain_text(KEPT)
    host.is_away = True
    page.goto("about:blank")
    page.set_content(SHARE.format(address=host.address))
    page.set_input_files("[type=file]", [file("a & <b>.png"), file("two.png")])
    page.locator("[type=submit]").click()
    expect(items(page, "done")).to_have_count(2)
    expect(page.locator(".thumb-name")).to_have_text(["a & <b>.png", "two.png"])
    assert decoded(downloaded(page)[1])[180, 120, 3] == 255
    expect(page).to_have_url(f"{host.address}/")
    page.reload()  # sends them no second time
    expect(page.locator("#limits")).to_contain_text(KEPT)
    expect(page.locator("#strip li")).to_have_count(0)


def test_a_newer_version_replaces_the_older_one_whole_or_not_at_all(visit: Visit, folder: Path, tmp_path: Path) -> None:
    site = shutil.copytree(folder, tmp_path / "site")
    versions = "caches.keys().then((names) => names.map((name) => name.split(' ').pop()))"
    update = """navigator.serviceWorker.getRegistration().then(async (registration) => {
        await registration.update();
        const installing = registration.installing;
        if (installing) await new Promise((resolve) => (installing.onstatechange = resolve));
        return installing?.state;
    })"""
    with Host(site) as host:
        page = visit(host=host)
        expect(page.locator("#limits")).to_contain_text(KEPT)
        (older,) = page.evaluate(versions)
        release(site, "Newer")
        host.cut = {"scenes/sky.webp"}
        assert page.evaluate(update) == "redundant"
        page.reload()
        expect(page).to_have_title("Background remover")
        expect_equal(page, lambda: page.evaluate(versions), [older])
        host.cut = set()
        assert page.evaluate(update) == "installed"
        page.reload()
        expect(page).to_have_title("Background remover")
        context = page.context
        page.close()  # the last page of the older version
        page = context.new_page()
        page.goto(host.address)
        expect(page).to_have_title("Newer")
        expect(page.locator("#limits")).to_contain_text(KEPT)
        expect_equal(page, lambda: page.evaluate(versions), [f"Newer{older}"])
