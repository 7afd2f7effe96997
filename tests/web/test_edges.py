"""What the page sends for a stroke's edge and makes of the answer, in plain functions that run in a browser."""

import base64
import io

import numpy as np
from PIL import Image as PillowImage

WRITE_TRIMAP = """async ([levels, width, height]) => {
    const { write } = await import("/static/edges/trimap-png.js");
    const file = await write({ levels: Uint8Array.from(levels), width, height });
    return btoa(String.fromCharCode(...new Uint8Array(await file.arrayBuffer())));
}"""
CUT_OUT = """async ([pixels, mask, width, height]) => {
    const { cutoutOf } = await import("/static/edges/colours.js");
    const bitmapOf = (data) => createImageBitmap(new ImageData(Uint8ClampedArray.from(data), width, height));
    const made = cutoutOf(await bitmapOf(pixels), await bitmapOf(mask), 16, [{ x: 0, y: 0, width, height: 20 }, { x: 0, y: 20, width, height: 20 }]);
    return [...made.getContext("2d").getImageData(0, 0, width, height).data];
}"""


def test_a_trimap_is_a_small_png(page):
    for width in (64, 63, 61):  # with and without free bits at the end of a row
        levels = np.random.default_rng(width).choice(np.array([0, 128, 255], np.uint8), (9, width))
        data = base64.b64decode(page.evaluate(WRITE_TRIMAP, [levels.ravel().tolist(), width, 9]))
        with PillowImage.open(io.BytesIO(data)) as picture:
            assert np.array_equal(np.asarray(picture.convert("RGB")), np.repeat(levels[..., None], 3, axis=2))


def test_the_old_background_is_taken_out_of_the_edge(page):
    """An edge of two colours, mixed by a known alpha: what remains is the subject's colour alone, where it is seen."""
    subject, ground = np.array([220, 60, 40]), np.array([30, 90, 200])
    alpha = np.tile(np.clip((np.arange(96) - 28) / 40, 0, 1), (40, 1))
    pixels = np.rint(alpha[..., None] * subject + (1 - alpha[..., None]) * ground)
    opaque = np.dstack([pixels, np.full(alpha.shape, 255)])
    mask = np.dstack([np.rint(alpha * 255)] * 3 + [np.full(alpha.shape, 255)])
    given = [opaque.astype(int).ravel().tolist(), mask.astype(int).ravel().tolist(), 96, 40]
    found = np.array(page.evaluate(CUT_OUT, given)).reshape(40, 96, 4)
    assert np.array_equal(found[..., 3], mask[..., 0])
    seen = alpha > 0.25
    before, after = (np.abs(picture[..., :3] - subject)[seen].mean() for picture in (pixels, found))
    assert after < before / 4
    assert np.array_equal(found[alpha == 1][:, :3], pixels[alpha == 1])
