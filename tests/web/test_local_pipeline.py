"""The pipeline in the browser against the server's, with one stand-in for the network on both sides."""

import base64
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage
from playwright.sync_api import Page

from tests.conftest import CARD, MIDDLE, SLOPE
from tests.web.conftest import GREY, answer, decoded, discs, encoded

RUNTIME = {"metadata": CARD.to_metadata() | {"empty_below": "0.2", "unsure_below": "0.7"}, "slope": SLOPE}
REMOVE = """async ([{ metadata, slope, middle }, files, fields]) => {
    const { remove } = await import("/static/local/pipeline.js");
    const blobs = {};
    for (const [name, text] of Object.entries(files)) {
        blobs[name] = new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))]);
    }
    const mean = (pixels, at) => (pixels[at] + pixels[at + 1] + pixels[at + 2]) / 3;
    const share = (value) => 1 / (1 + Math.exp(-slope * (value - middle)));
    const run = async (pixels, [, height, width]) =>
        Float32Array.from({ length: height * width }, (_, at) => share(mean(pixels, at * 3)));
    try {
        const made = await remove({ ...blobs, fields }, { model: metadata, takesPrompts: false, run });
        const bytes = new Uint8Array(await made.blob.arrayBuffer());
        let text = "";
        for (const byte of bytes) text += String.fromCharCode(byte);
        return { ...made, type: made.blob.type, blob: btoa(text) };
    } catch (error) {
        return { kind: error.kind, message: error.message, stack: error.stack };
    }
}"""


def local(blank: Page, image: bytes, fields: dict[str, str], **files: bytes) -> dict[str, Any]:
    """What the pipeline in the browser makes of a picture."""
    sent = {name: base64.b64encode(data).decode() for name, data in {"image": image, **files}.items()}
    return blank.evaluate(REMOVE, [RUNTIME | {"middle": MIDDLE}, sent, {"format": "png", **fields}])


def assert_alike(blank: Page, address: str, image: bytes, **fields: Any) -> np.ndarray:
    """Compare both results, of which the browser's is returned: nearly all levels within one."""
    files = {name: value for name, value in fields.items() if isinstance(value, bytes)}
    texts = {name: value for name, value in fields.items() if name not in files}
    made = local(blank, image, texts, **files)
    assert "blob" in made, made
    seen, wanted = (
        decoded(base64.b64decode(made["blob"])),
        decoded(answer(address, image, **{"format": "png"} | fields)),
    )
    assert seen.shape == wanted.shape
    apart = np.abs(seen.astype(int) - wanted.astype(int))
    if seen.shape[2:] == (4,):
        hidden = (seen[..., 3] <= 1) & (
            wanted[..., 3] <= 1
        )  # whose colours are hidden by one and just shown by the other
        apart[..., :3][hidden] = 0
    assert np.mean(apart <= 1) >= 0.9999, (apart.max(), np.mean(apart <= 1))
    return seen


def stored(pixels: np.ndarray, kind: str, **how: Any) -> bytes:
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels).save(buffer, kind, **how)
    return buffer.getvalue()


TWO = discs((120, 180, 60), (300, 120, 80))
SMALL = discs((100, 130, 40))  # which is looked at twice, as it fills little


def turned() -> bytes:
    tags = PillowImage.Exif()
    tags[0x112] = 6
    return stored(TWO, "JPEG", quality=90, exif=tags)


def see_through(hidden: int = 0) -> np.ndarray:
    """The discs with a soft edge of their own within the picture, and a level under all that is hidden."""
    rows, columns = np.mgrid[: TWO.shape[0], : TWO.shape[1]]
    alpha = np.clip(3 * (130 - np.hypot(rows - 150, columns - 220)), 0, 255).astype(np.uint8)
    pixels = np.dstack([TWO, alpha])
    pixels[alpha == 0, :3] = hidden
    return pixels


@pytest.mark.parametrize(
    "image",
    [
        encoded(TWO),
        encoded(SMALL),
        stored(TWO, "JPEG", quality=80),
        turned(),
        stored(TWO, "WEBP", quality=80),
        stored(TWO[..., 0], "PNG"),
        encoded(see_through(77)),
        stored(see_through(), "WEBP", lossless=True),
    ],
    ids=["png", "small", "jpeg", "turned", "webp", "grey", "alpha", "alpha-webp"],
)
def test_a_cutout_agrees_with_the_servers(blank: Page, address: str, image: bytes) -> None:
    seen = assert_alike(blank, address, image)
    assert 0 < np.mean(seen[..., 3] == 255) < 1


def test_a_finished_cutout_stays_as_it_is(blank: Page, address: str) -> None:
    cutout = answer(address, encoded(discs((240, 180, 90))))
    made = local(blank, cutout, {})
    assert made["ground"] == "cutout"
    assert np.array_equal(decoded(base64.b64decode(made["blob"])), decoded(cutout))


def test_a_picture_without_a_subject_is_refused(blank: Page) -> None:
    assert local(blank, GREY, {})["kind"] == "empty"


def test_what_is_no_picture_is_refused(blank: Page) -> None:
    assert local(blank, b"no picture", {})["kind"] == "refused"
