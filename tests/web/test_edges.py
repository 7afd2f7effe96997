"""What the page sends for a stroke's edge and makes of the answer, in plain functions that run in a browser."""

import base64
import io

import numpy as np
from PIL import Image as PillowImage

from background_remover.arrays.box_filter import box_any

WRITE_TRIMAP = """async ([levels, width, height]) => {
    const { write } = await import("/static/edges/trimap-png.js");
    const file = await write({ levels: Uint8Array.from(levels), width, height });
    return btoa(String.fromCharCode(...new Uint8Array(await file.arrayBuffer())));
}"""
CUT_OUT = """async ([pixels, mask, width, height]) => {
    const { cutoutOf } = await import("/static/edges/colours.js");
    const bands = [0, 20].map((y) => ({
        band: { x: 0, y, width, height: 20 },
        image: new ImageData(Uint8ClampedArray.from(pixels.slice(4 * y * width, 4 * (y + 20) * width)), width, 20),
        levels: Uint8Array.from(mask.slice(y * width, (y + 20) * width)),
        runs: Int32Array.of(0, 20 * width),
    }));
    const made = cutoutOf({ width, height }, bands, 16);
    return [...made.getContext("2d").getImageData(0, 0, width, height).data];
}"""

BANDS = """async ([points, radius, box, far]) => {
    const { bandsOf } = await import("/static/drawing/stroke.js");
    return bandsOf({ mode: "erase", radius, points }, box, far);
}"""
TRIMAP = """async ([stroke, box, alpha, longest]) => {
    const { trimap } = await import("/static/edges/trimap.js");
    const image = new ImageData(box.width, box.height);
    alpha.forEach((level, at) => (image.data[4 * at + 3] = level));
    return [...trimap(await createImageBitmap(image), null, stroke, box, longest).levels];
}"""
ENLARGED = """async ([pixels, mask, trimap, small, size]) => {
    const { LinearAlpha } = await import("/static/edges/alpha.js");
    const { reducedTo } = await import("/static/edges/reduce.js");
    const { unknownRuns } = await import("/static/edges/trimap.js");
    const whole = { x: 0, y: 0, width: size, height: size };
    const image = new ImageData(Uint8ClampedArray.from(pixels), size, size);
    const reduced = reducedTo(await createImageBitmap(image), { width: small, height: small });
    const data = reduced.getContext("2d").getImageData(0, 0, small, small);
    const levels = new Uint8Array(small * small).fill(128);
    const alpha = new LinearAlpha(data, { levels, width: small, height: small }, Uint8ClampedArray.from(mask), whole);
    const made = Uint8Array.from(trimap);
    alpha.write(made, image.data, whole, unknownRuns(made, size));
    return [...made];
}"""
VISIBLE = """async ([alpha, width, height]) => {
    const { canvas, visibleBox } = await import("/static/drawing/canvas.js");
    const image = new ImageData(width, height);
    alpha.forEach((level, at) => (image.data[4 * at + 3] = level));
    const made = canvas(width, height);
    made.getContext("2d").putImageData(image, 0, 0);
    return visibleBox(made);
}"""
PATHS = {
    "a dot": [(90, 140)],
    "a diagonal": [(30, 40), (150, 260)],
    "back and forth": [(40, 60), (170, 60), (60, 200), (60, 280), (170, 150)],
}


def far_from(path: list[tuple[int, int]], size: tuple[int, int]) -> np.ndarray:
    """The distance of each pixel's middle from a line through points."""
    rows, columns = (side + 0.5 for side in np.mgrid[: size[0], : size[1]])
    found = np.full(size, np.inf)
    for (x, y), (right, down) in zip(path, [*path[1:], path[-1]], strict=True):
        along, length = (right - x, down - y), (right - x) ** 2 + (down - y) ** 2 or 1
        share = np.clip(((columns - x) * along[0] + (rows - y) * along[1]) / length, 0, 1)
        found = np.minimum(found, np.hypot(columns - x - share * along[0], rows - y - share * along[1]))
    return found


def test_bands_hold_all_that_is_near_a_stroke_and_little_else(blank):
    size, far = (300, 190), 20
    box = {"x": 7, "y": 11, "width": size[1], "height": size[0]}
    for name, path in PATHS.items():
        points = [{"x": x + 7, "y": y + 11} for x, y in path]
        held = np.zeros(size, bool)
        for band in blank.evaluate(BANDS, [points, 8, box, far]):
            held[band["y"] : band["y"] + band["height"], band["x"] : band["x"] + band["width"]] = True
        assert held[far_from(path, size) <= far].all(), name
        assert held.mean() < 0.9, name


def test_a_trimap_is_exact_near_the_stroke(blank):
    """And far from it the alpha in two, in squares of a few pixels."""
    size = (300, 190)
    alpha = np.where(np.hypot(*(np.mgrid[:300, :190] - np.array([[[150]], [[95]]]))) < 70, 255, 0)
    path, box = [(30, 40), (60, 120)], {"x": 0, "y": 0, "width": 190, "height": 300}
    stroke = {"mode": "erase", "radius": 16, "points": [{"x": x, "y": y} for x, y in path]}
    levels = np.array(blank.evaluate(TRIMAP, [stroke, box, alpha.ravel().tolist(), 300])).reshape(size)
    distance = far_from(path, size)
    assert (levels[distance < 11] == 0).all(), "as painted"
    near = (distance > 13) & (distance < 19)
    assert np.array_equal(levels[near], np.where(alpha == 0, 0, 128)[near]), "what is there already is known"
    beyond = (distance > 21) & (distance < 35)
    assert np.array_equal(levels[beyond], alpha[beyond])
    assert np.mean(levels != np.where(distance < 20, levels, alpha)) < 0.02


def test_the_box_of_what_can_be_seen(blank):
    for left, top, right, bottom in [(3, 5, 180, 130), (70, 0, 71, 1), (199, 149, 200, 150), (0, 0, 200, 150)]:
        alpha = np.zeros((150, 200), int)
        alpha[top:bottom, left:right] = 20  # hardly there
        alpha[[top, bottom - 1], [right - 1, left]] = 40
        found = blank.evaluate(VISIBLE, [alpha.ravel().tolist(), 200, 150])
        assert found == {"x": left, "y": top, "width": right - left, "height": bottom - top}
    assert blank.evaluate(VISIBLE, [[0] * 30, 6, 5]) == {"x": 0, "y": 0, "width": 6, "height": 5}


def test_a_reduced_trimap_is_unknown_at_all_that_is_or_beside_it(blank):
    """Also where the edge of a thin stroke is a fraction of a pixel wide; what is painted is still seen."""
    stroke = {"mode": "erase", "radius": 4, "points": [{"x": 20, "y": 20}, {"x": 180, "y": 140}]}
    box, alpha = {"x": 0, "y": 0, "width": 200, "height": 160}, [255] * (200 * 160)
    whole, small = (np.array(blank.evaluate(TRIMAP, [stroke, box, alpha, longest])) for longest in (200, 50))
    unknown = (whole.reshape(40, 4, 50, 4) == 128).any(axis=(1, 3))
    assert box_any(small.reshape(40, 50) == 128, 1)[unknown].all()
    assert np.mean(small == 128) < 1.6 * unknown.mean()
    assert (small == 0).any()


def test_a_reduced_alpha_is_enlarged_by_the_colours(blank):
    """Strands of three pixels are found again of an alpha reduced to a third; what is known stays."""
    size, small = 192, 64
    rows, columns = np.mgrid[:size, :size]
    alpha = np.clip(1.5 - np.abs((columns + rows // 3) % 16 - 8) / 2, 0, 1)
    pixels = np.rint(alpha[..., None] * (220, 60, 40) + (1 - alpha[..., None]) * (30, 90, 200)).astype(int)
    opaque = np.dstack([pixels, np.full((size, size), 255)])
    levels = np.rint(255 * alpha.reshape(small, 3, small, 3).mean(axis=(1, 3))).astype(int)
    trimap = np.full((size, size), 128)
    trimap[:20] = 255
    given = [opaque.ravel().tolist(), np.repeat(levels.ravel(), 4).tolist(), trimap.ravel().tolist(), small, size]
    found = np.array(blank.evaluate(ENLARGED, given)).reshape(size, size)
    assert (found[:20] == 255).all()
    wanted = 255 * alpha[20:]
    plain = np.asarray(PillowImage.fromarray(levels.astype(np.uint8)).resize((size, size)), float)[20:]
    assert np.abs(found[20:] - wanted).mean() < np.abs(plain - wanted).mean() / 5


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
    mask = np.rint(alpha * 255)
    given = [opaque.astype(int).ravel().tolist(), mask.astype(int).ravel().tolist(), 96, 40]
    found = np.array(page.evaluate(CUT_OUT, given)).reshape(40, 96, 4)
    assert np.array_equal(found[..., 3], mask)
    seen = alpha > 0.25
    before, after = (np.abs(picture[..., :3] - subject)[seen].mean() for picture in (pixels, found))
    assert after < before / 4
    assert np.array_equal(found[alpha == 1][:, :3], pixels[alpha == 1])
