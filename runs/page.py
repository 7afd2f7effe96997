"""Makes docs/page.webp: the page in Chromium, with scikit-image's cat, astronaut and coffee (CC0 or public domain)."""

import io
import shutil
import threading
from pathlib import Path

import skimage.data
from PIL import Image
from playwright.sync_api import expect, sync_playwright

from background_remover.server.listener import listener
from background_remover.server.settings import ServerSettings

PATIENCE = 60_000  # milliseconds
WIDTH = 960  # pixels of the picture that is written


def photo(name: str) -> dict[str, object]:
    """Write one of scikit-image's photos as a file to be chosen."""
    buffer = io.BytesIO()
    Image.fromarray(getattr(skimage.data, name)()).save(buffer, "JPEG", quality=95)
    return {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def main() -> None:
    """Write the picture beside the documents."""
    expect.set_options(timeout=PATIENCE)
    server, bound = listener(ServerSettings(port=0))
    thread = threading.Thread(target=server.run, args=[[bound]])
    thread.start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1200, "height": 760})
            page.goto(f"http://127.0.0.1:{bound.getsockname()[1]}")
            page.set_input_files("#files", [photo(name) for name in ("astronaut", "chelsea", "coffee")])
            expect(page.locator("li[data-phase=done]")).to_have_count(3)
            page.get_by_role("radio", name="Colour").check()
            page.get_by_role("button", name="Sky").click()
            page.get_by_role("switch", name="Shadow", exact=True).check()
            shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            browser.close()
    finally:
        server.should_exit = True
        thread.join()
    shot = shot.resize((WIDTH, round(shot.height * WIDTH / shot.width)), Image.Resampling.LANCZOS)
    shot.save(Path(__file__).parent.parent / "docs" / "page.webp", quality=85, method=6)


if __name__ == "__main__":
    main()
