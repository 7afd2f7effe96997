"""The network on a graphics card: where the browser has one that answers as WebAssembly does, and nowhere else.

Cards are stand-ins but in one test, where a processor draws in place of one (SwiftShader, which Chromium has with it).
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from background_remover.static_site.onnxruntime_web import MODULE, WEBGPU_GLUE, WEBGPU_MODULE, WEBGPU_WASM
from background_remover.static_site.site import write_site
from tests.web.conftest import PATIENCE, browser_path, file, items
from tests.web.host import ENGINE, Host

CARD = "Object.defineProperty(navigator, 'gpu', { value: { requestAdapter: async () => ({ info: {%s} }) } })"
FAULTS = {
    "none": "return run(feeds);",
    "opening": "throw new Error('no device');",
    "another answer": "return { alpha: { data: (await run(feeds)).alpha.data.map((one) => one * 0.9) } };",
    "later": "if (feeds.image.data.length > 64 * 96 * 3) throw new Error('the device is lost'); return run(feeds);",
}
ANSWER = """async () => {
    const { Client } = await import("/static/local/client.js");
    const { siteOf } = await import("/static/local/site.js");
    const facts = await (await fetch("/page.json")).json();
    const client = new Client(await siteOf(facts, location));
    const canvas = new OffscreenCanvas(160, 120);
    const context = canvas.getContext("2d");
    context.fillRect(0, 0, 160, 120);
    context.fillStyle = "white";
    context.fillRect(40, 20, 80, 80);
    const image = await canvas.convertToBlob();
    const { provider, confidence } = await client.remove({ image, fields: { format: "png", ground: "photo" } });
    client.close();
    return [provider, confidence];
}"""


def card(fault: str) -> bytes:
    """A stand-in for the build with WebGPU, in which the card has a fault: of opening a network, or of running it."""
    interface = ENGINE[MODULE].decode().partition("export class InferenceSession")[0]
    [opening, running] = [FAULTS[fault], "return run(feeds);"] if fault == "opening" else ["", FAULTS[fault]]
    return f"""{interface}
        export class InferenceSession {{
            static async create(_, {{ executionProviders: [provider] }}) {{
                if (provider === "webgpu") {{ {opening} }}
                const onCard = async (feeds) => {{ {running} }};
                return {{ inputNames: ["image"], run: provider === "webgpu" ? onCard : run, release() {{}} }};
            }}
        }}""".encode()


@pytest.fixture(scope="module")
def host(model: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("site")
    late = {WEBGPU_MODULE: card("none"), WEBGPU_GLUE: b"// nothing", WEBGPU_WASM: bytes(10_000_000)}
    write_site(folder, ENGINE | late, model)
    with Host(folder) as host:
        yield host


@pytest.fixture
def page(browser: Browser, host: Host) -> Iterator[Page]:
    host.asked.clear()
    context = browser.new_context(locale="en-GB", service_workers="block")
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def asked(host: Host) -> bool:
    """Whether anything that WebGPU takes was asked for."""
    return any(Path(path).name.startswith((WEBGPU_MODULE, WEBGPU_GLUE, WEBGPU_WASM)) for path in host.asked)


@pytest.mark.parametrize(
    ("fault", "wanted"), [("none", "webgpu"), ("opening", "wasm"), ("another answer", "wasm"), ("later", "wasm")]
)
def test_a_card_is_used_while_it_answers_as_the_processor(page: Page, host: Host, fault: str, wanted: str) -> None:
    body = card(fault).decode()
    page.context.route(f"**/{WEBGPU_MODULE}", lambda route: route.fulfill(body=body, content_type="text/javascript"))
    page.add_init_script(CARD % "")
    page.goto(f"{host.address}/page.json")
    provider, confidence = page.evaluate(ANSWER)
    assert provider == wanted
    assert confidence > 0.5
    assert asked(host)


@pytest.mark.parametrize(
    ("card", "address"),
    [("", "page.json?webgpu=off"), ("isFallbackAdapter: true", "page.json")],
    ids=["switched off", "no card"],
)
def test_nothing_of_it_is_loaded_where_it_is_not_used(page: Page, host: Host, card: str, address: str) -> None:
    page.add_init_script(CARD % card)
    page.goto(f"{host.address}/{address}")
    assert page.evaluate(ANSWER)[0] == "wasm"
    assert not asked(host)


def test_the_page_says_what_it_adds(page: Page, host: Host) -> None:
    page.goto(host.address)
    without = page.locator("#limits").text_content()
    page.add_init_script(CARD % "")
    page.reload()
    expect(page.locator("#limits")).to_contain_text("to load once")
    expect(page.locator("#limits")).not_to_have_text(without or "")
    host.cut = {WEBGPU_MODULE}  # of which half is no script
    page.set_input_files("#files", [file()])
    expect(items(page, "done")).to_have_count(1)
    assert asked(host)
    host.cut = set()


def test_a_real_one_answers_as_the_processor(
    browser: Browser, model: str, whole_engine: dict[str, bytes], tmp_path: Path
) -> None:
    """The adapter is real, and the network's answer compared by the page itself."""
    write_site(tmp_path, whole_engine, model)
    arguments = ["--no-sandbox", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"]
    with browser.browser_type.launch(executable_path=browser_path(), args=arguments) as other, Host(tmp_path) as host:
        page = other.new_page()
        page.set_default_timeout(3 * PATIENCE)
        page.goto(f"{host.address}/page.json")
        if not page.evaluate("navigator.gpu?.requestAdapter().then(Boolean)"):
            pytest.skip("this Chromium has no adapter")
        page.evaluate("navigator.gpu.requestAdapter = async () => ({ info: {} })")  # the worker asks for the real one
        assert page.evaluate(ANSWER)[0] == "webgpu"
