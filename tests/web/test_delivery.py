"""How the page's files arrive: compressed, kept by the browser, each asked for once, with icons for every place."""

import gzip
import json
import re
from collections.abc import Iterator

import httpx
import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover.server.page import COMPRESSED_FROM, ROOT_FILES
from tests.web.conftest import SCENE, WEB, Open
from tests.web.icons import FAVICON_SIDES, SIDES, drawn

LARGEST_EXAMPLES = 50_000  # bytes of the pictures of the start
LARGEST_WEIGHT = 200_000  # bytes of the page with all it asks for, as sent
PATHS = sorted(path for path in WEB.rglob("*.*") if path.suffix in {".js", ".css", ".svg"})
TEXTS = [f"static/{path.relative_to(WEB).as_posix()}" for path in PATHS]


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=30) as client:
        yield client


@pytest.mark.parametrize("path", ["", "docs", "openapi.json", *TEXTS])
def test_long_texts_are_compressed_for_browsers_that_take_that(client, path):
    plain = client.get(f"/{path}", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    with client.stream("GET", f"/{path}", headers={"Accept-Encoding": "gzip"}) as answer:
        sent = b"".join(answer.iter_raw())
    if len(plain.content) < COMPRESSED_FROM:
        assert "content-encoding" not in answer.headers
        return
    assert answer.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["vary"]
    assert len(sent) < len(plain.content) / 1.5
    assert gzip.decompress(sent) == plain.content


def test_pictures_are_not_compressed_again(client):
    cutout = client.post("/remove", files={"image": SCENE}, headers={"Accept-Encoding": "gzip"})
    assert cutout.headers["content-type"] == "image/png"
    for answer in (cutout, *(client.get(f"/{name}") for name in ("favicon.ico", "apple-touch-icon.png"))):
        assert answer.status_code == 200
        assert "content-encoding" not in answer.headers


KEPT = ["", "manifest.webmanifest", "static/main.js", "static/styles/page.css", "static/icons/icon.svg", *ROOT_FILES]


@pytest.mark.parametrize("path", KEPT)
def test_a_browser_keeps_files_and_asks_whether_they_changed(client, path):
    first = client.get(f"/{path}")
    assert first.status_code == 200
    is_icon = path.endswith((".svg", ".ico", ".png"))
    assert first.headers["cache-control"] == ("public, max-age=86400" if is_icon else "no-cache")
    again = client.get(f"/{path}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == first.headers["cache-control"]


def test_each_file_is_asked_for_once(open_page: Open, address: str):
    """The browser's own request for its tab's icon isn't seen here, so the page may name the icon in its head only."""
    page = open_page(address)
    page.wait_for_load_state("networkidle")
    asked = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    assert asked
    assert len(asked) == len(set(asked)), asked
    html = (WEB / "index.html").read_text(encoding="utf-8")
    assert html.count("static/icons/icon.svg") == 1
    shapes = re.compile(r"<(?:rect|path|circle)[^>]*>")
    sprite = (WEB / "icons" / "sprite.svg").read_text(encoding="utf-8")
    symbol = sprite.partition('id="icon-page"')[2].partition("</symbol>")[0]
    assert shapes.findall(symbol) == shapes.findall((WEB / "icons" / "icon.svg").read_text(encoding="utf-8"))


def test_the_page_is_light(open_page: Open, address: str):
    page = open_page(address)
    page.wait_for_load_state("networkidle")
    sizes = page.evaluate("performance.getEntries().map((one) => [one.name, one.transferSize ?? 0])")
    examples = [size for name, size in sizes if "/static/start/" in name and name.endswith(".webp")]
    assert len(examples) == 3
    assert sum(examples) < LARGEST_EXAMPLES, "they come last, when the page can be used already"
    assert 0 < sum(size for _, size in sizes) - sum(examples) < LARGEST_WEIGHT


def test_the_manifest_makes_it_an_application(open_page: Open, address: str, client):
    answer = client.get("/manifest.webmanifest")
    assert answer.headers["content-type"].startswith("application/manifest+json")
    for icon in json.loads(answer.text)["icons"]:
        given = client.get(f"/{icon['src']}")
        assert given.headers["content-type"] == icon["type"]
        if icon["type"] == "image/png":
            with PillowImage.open(WEB / icon["src"].removeprefix("static/")) as picture:
                assert "{}x{}".format(*picture.size) == icon["sizes"]
    page = open_page(address)
    devtools = page.context.new_cdp_session(page)
    found = devtools.send("Page.getAppManifest")
    assert found["url"] == f"{address}/manifest.webmanifest"
    assert not found["errors"]


def test_all_icons_are_of_one_drawing(browser):
    pairs = [(WEB / name, side, True) for name, side in SIDES.items()]
    pairs += [(WEB / "favicon.ico", side, False) for side in FAVICON_SIDES]
    for path, side, square in pairs:
        with PillowImage.open(path) as picture:
            if not square:
                picture.size = (side, side)
            kept = np.asarray(picture.convert("RGBA"), float)
        wanted = np.asarray(drawn(browser, side, square=square).convert("RGBA"), float)
        assert np.abs(kept - wanted).mean() < 3, (path.name, side)
