"""The page's icons in other formats, drawn by Chromium from `icon.svg`: `python -m tests.web.icons` writes them."""

import io

from PIL import Image as PillowImage
from playwright.sync_api import Browser, sync_playwright

from tests.web.conftest import WEB, browser_path

SQUARE = ("apple-touch-icon.png", "icons/icon-192.png", "icons/icon-512.png")
"""Opaque icons: phones cut them to their own shape."""
SIDES = dict(zip(SQUARE, (180, 192, 512), strict=True))
FAVICON_SIDES = (16, 32, 48)


def drawn(browser: Browser, side: int, *, square: bool) -> PillowImage.Image:
    """The icon as a picture of so many pixels; a square one fills its corners, and its mark has a margin."""
    svg = (WEB / "icons" / "icon.svg").read_text(encoding="utf-8")
    if square:
        svg = svg.replace('rx="8"', "").replace("<path", '<g transform="translate(3.2 3.2) scale(.8)"><path', 1)
        svg = svg.replace("</svg>", "</g></svg>")
    page = browser.new_page(viewport={"width": side, "height": side})
    page.set_content(f"<style>html,body{{margin:0}}svg{{display:block;width:{side}px}}</style>{svg}")
    shot = page.screenshot(omit_background=True)
    page.close()
    picture = PillowImage.open(io.BytesIO(shot))
    return picture.convert("RGB") if square else picture.convert("RGBA")


def main() -> None:
    """Write all of them."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        for name, side in SIDES.items():
            drawn(browser, side, square=True).quantize(64).save(WEB / name, optimize=True)
        small = [drawn(browser, side, square=False) for side in FAVICON_SIDES]
        small[-1].save(WEB / "favicon.ico", append_images=small[:-1], sizes=[one.size for one in small])
        browser.close()


if __name__ == "__main__":
    main()
