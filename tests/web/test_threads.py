"""Work that is spread over threads in the browser: the same as on one, also where a worker fails or isn't there."""

import base64
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from tests.web.conftest import WEB, decoded
from tests.web.host import Host

SIZE = (1100, 1000)  # more bytes of RGBA than are packed at once
START = "import('/local/threads.js').then(({ startPool }) => startPool())"
PACK = """async ([height, width]) => {
    const { png } = await import("/local/imaging/png.js");
    const data = Uint8Array.from({ length: height * width * 4 }, (_, at) => (at * 2654435761) >>> 29);
    const file = new Uint8Array(await (await png({ data, height, width, channels: 4 })).arrayBuffer());
    let letters = "";
    for (const byte of file) letters += String.fromCharCode(byte);
    return btoa(letters);
}"""
SPREAD = """async (given) => {
    const { spread } = await import("/local/threads.js");
    const { packBands } = await import("/local/imaging/png.js");
    const parts = [0, 1, 2].map((top) => ({ top, bottom: top + 1 }));
    const data = new Uint8Array(12);
    const image = given ? { data, height: 3, width: 1, channels: 4 } : null;
    const module = new URL("/local/imaging/png.js", location).href;
    try {
        const made = await spread(module, packBands, { image }, parts);
        return [made.length, made.flat().map(({ top }) => top).sort()];
    } catch (error) {
        return error.name;
    }
}"""
ELSEWHERE = """async (given) => {
    const { elsewhere } = await import("/local/threads.js");
    const { findGround } = await import("/local/keying/ground.js");
    const data = new Uint8Array(new SharedArrayBuffer(60 * 40 * 4)).map((_, at) => 200 + (at % 3));
    const image = given ? { data, height: 40, width: 60, channels: 4 } : null;
    const module = new URL("/local/keying/ground.js", location).href;
    let isHere = false;
    const work = { findGround: (image) => ((isHere = true), findGround(image)) }.findGround; // with its name
    try {
        const found = await elsewhere(module, work, image);
        return [isHere, JSON.stringify(found) === JSON.stringify(findGround(image))];
    } catch {
        return [isHere, "failed"];
    }
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An isolated page that may import the page's modules, and takes the machine to have two cores."""
    with Host(WEB) as host:
        host.isolates = True
        page = browser.new_page()
        page.add_init_script("Object.defineProperty(navigator, 'hardwareConcurrency', { value: 2 })")
        page.goto(f"{host.address}/local/")
        assert page.evaluate("crossOriginIsolated")
        yield page
        page.close()


def packed(page: Page) -> str:
    return page.evaluate(PACK, list(SIZE))


def test_a_png_of_several_threads_is_that_of_one(page: Page) -> None:
    alone = packed(page)
    wanted = np.arange(SIZE[0] * SIZE[1] * 4, dtype=np.uint32) * np.uint32(2654435761) >> np.uint32(29)
    assert np.array_equal(decoded(base64.b64decode(alone)), wanted.reshape(*SIZE, 4))
    page.evaluate(START)
    assert packed(page) == alone
    assert page.evaluate(SPREAD, True) == [2, [0, 1, 2]]
    assert page.evaluate(SPREAD, False) == "TypeError"
    assert page.evaluate(SPREAD, True) == [2, [0, 1, 2]], "after a failure they go on"


def test_work_is_done_elsewhere_where_there_is_a_pool(page: Page) -> None:
    assert page.evaluate(ELSEWHERE, True) == [True, True]
    assert page.evaluate(ELSEWHERE, False) == [True, "failed"]
    page.evaluate(START)
    assert page.evaluate(ELSEWHERE, True) == [False, True]
    assert page.evaluate(ELSEWHERE, False) == [False, "failed"]


def test_a_worker_that_cannot_be_loaded_is_done_without(page: Page) -> None:
    page.context.route("**/pool-worker.js", lambda route: route.abort())
    page.evaluate(START)
    assert page.evaluate(ELSEWHERE, True) == [True, True]
    assert page.evaluate(SPREAD, True) == [1, [0, 1, 2]]
    assert page.evaluate(SPREAD, True) == [1, [0, 1, 2]]
