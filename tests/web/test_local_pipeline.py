"""The pipeline in the browser against the server's, with one stand-in for the network on both sides."""

import base64
import dataclasses
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage
from playwright.sync_api import Page

from background_remover.imaging.output_options import OutputOptions
from background_remover.options import Options
from tests.conftest import CARD, MIDDLE, SLOPE, wide_profile
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


TWO = discs((120, 180, 60), (300, 120, 80))[::2, ::2]
SMALL = discs((100, 130, 40))[::2, ::2]  # which is looked at twice, as it fills little


def turned() -> bytes:
    tags = PillowImage.Exif()
    tags[0x112] = 6
    return stored(TWO, "JPEG", quality=90, exif=tags)


def see_through(hidden: int = 0) -> np.ndarray:
    """The discs with a soft edge of their own within the picture, and a level under all that is hidden."""
    rows, columns = np.mgrid[: TWO.shape[0], : TWO.shape[1]]
    alpha = np.clip(6 * (65 - np.hypot(rows - 75, columns - 110)), 0, 255).astype(np.uint8)
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


@pytest.mark.parametrize(
    "fields",
    [
        {"background": "#2060ff80"},
        {"background": "gradient:#fafafa,#336699,30"},
        {"background": "gradient:white,black,radial", "shadow": "true"},
        {"background": "blur:4"},
        {"background": "blur:2.5", "crop": "true", "margin": "10%"},
        {"crop": "true", "margin": "6"},
        {"canvas": "150x100", "scale": "0.8", "position": "bottom-left", "background": "white"},
        {"canvas": "350x450", "position": "top"},
        {"outline": "3%,#ff8800", "crop": "true"},
        {"outline": "20,#ffffffc0", "shadow": "true", "shadow_blur": "6", "shadow_offset": "-8,4%"},
        {"shadow": "true", "shadow_blur": "5%", "background": "#eeeeee", "shadow_opacity": "0.7"},
        {"shadow": "true", "shadow_kind": "contact", "background": "white", "shadow_offset": "3%,1%"},
        {"shadow": "true", "shadow_kind": "floating", "background": "white", "shadow_blur": "3%"},
        {"place": "40%,30%", "background": "blur:3"},
        {"place": "60,70,0.7,-25", "outline": "3%,black"},
        {"place": "90%,95%,1.4,170", "canvas": "160x120", "background": "white"},
        {"only_mask": "true"},
    ],
    ids=lambda fields: "-".join(fields),
)
def test_what_is_made_of_a_cutout_agrees_with_the_servers(blank: Page, address: str, fields: dict[str, str]) -> None:
    assert_alike(blank, address, encoded(TWO), **fields)


def strokes() -> np.ndarray:
    """A trimap of the discs, unknown around the border of one."""
    rows, columns = np.mgrid[: TWO.shape[0], : TWO.shape[1]]
    away = np.hypot(rows - 90, columns - 60)
    levels = np.where(away < 22, 255, np.where(away < 42, 128, 0)).astype(np.uint8)
    levels[np.hypot(rows - 60, columns - 150) < 36] = 255
    return levels


@pytest.mark.parametrize(
    "mask",
    [strokes(), np.where(strokes()[::2, ::2] > 0, 255, 0).astype(np.uint8), np.minimum(strokes(), 240)],
    ids=["trimap", "small", "own size"],
)
def test_a_given_mask_is_taken_as_by_the_server(blank: Page, address: str, mask: np.ndarray) -> None:
    assert_alike(blank, address, stored(TWO, "JPEG", quality=92), mask=encoded(mask))


@pytest.mark.parametrize("wanted", [TWO[:90], np.dstack([strokes()] * 2 + [strokes() // 2])], ids=["shape", "colour"])
def test_a_mask_that_is_none_is_refused(blank: Page, wanted: np.ndarray) -> None:
    assert local(blank, encoded(TWO), {}, mask=encoded(wanted))["kind"] == "refused"


@pytest.mark.parametrize(
    "fields",
    [
        {"points": "25%,50%"},
        {"points": "25%,50% 60%,33%"},
        {"points": "60,90", "not_points": "70,95"},
        {"not_points": "62%,33%"},
        {"points": "10%,10%"},
        {"box": "10%,20%,40%,60%"},
        {"box": "90,20,120,90", "points": "100,100"},
    ],
)
def test_clicks_and_boxes_choose_as_by_the_server(blank: Page, address: str, fields: dict[str, str]) -> None:
    assert_alike(blank, address, encoded(TWO), allow_empty="true", **fields)


def test_subjects_that_touch_are_split_as_by_the_server(blank: Page, address: str) -> None:
    joined = discs((140, 150, 85), (290, 150, 85))[::2, ::2]
    assert_alike(blank, address, encoded(joined), points="70,75", not_points="145,75")


@pytest.mark.parametrize("count", ["largest", "2"])
def test_the_largest_subjects_are_kept_as_by_the_server(blank: Page, address: str, count: str) -> None:
    three = discs((100, 120, 60), (260, 240, 70), (420, 90, 30))[::2, ::2]
    assert_alike(blank, address, encoded(three), subjects=count)


def test_the_shadow_of_a_cut_subject_fades_as_the_servers(blank: Page, address: str) -> None:
    cut = discs((140, 330, 90))[::2, ::2]
    assert_alike(blank, address, encoded(cut), shadow="true", shadow_kind="contact", background="white")


@pytest.mark.parametrize("fit", ["cover", "contain", "stretch"])
def test_a_picture_behind_agrees_with_the_servers(blank: Page, address: str, fit: str) -> None:
    rows, columns = np.mgrid[:45, :100]
    behind = np.stack([rows * 4, columns, 255 - columns], axis=2).astype(np.uint8)
    assert_alike(blank, address, encoded(see_through()), background=encoded(behind), background_fit=fit)


@pytest.mark.parametrize(
    ("kind", "fields"), [("webp", {}), ("jpg", {"background": "white"}), ("jpg", {"only_mask": "true"})]
)
def test_lossy_files_show_the_same(blank: Page, address: str, kind: str, fields: dict[str, str]) -> None:
    made = local(blank, encoded(TWO), {**fields, "format": kind, "quality": "95"})
    seen = decoded(base64.b64decode(made["blob"])).astype(int)
    wanted = decoded(answer(address, encoded(TWO), **fields, format=kind, quality="95"))
    seen = seen[..., 0] if wanted.ndim == 2 else seen  # browsers write no grey JPEG
    assert seen.shape == wanted.shape
    shown = wanted[..., 3:] > 0 if wanted.shape[2:] == (4,) else True
    assert np.mean(np.abs(seen - wanted) * shown) < 2


@pytest.mark.parametrize(("kind", "fields"), [("png", {}), ("jpg", {"background": "white"})])
def test_files_have_the_resolution_that_is_wanted(blank: Page, kind: str, fields: dict[str, str]) -> None:
    made = local(blank, encoded(TWO), {**fields, "format": kind, "dpi": "300"})
    with PillowImage.open(io.BytesIO(base64.b64decode(made["blob"]))) as image:
        image.load()
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)


def test_defaults_are_the_servers(blank: Page) -> None:
    known = blank.evaluate("import('/static/local/parameters/options.js').then(({ DEFAULTS }) => DEFAULTS)")
    wanted = {field.name: field.default for kind in (Options, OutputOptions) for field in dataclasses.fields(kind)}
    assert known == {name: wanted[name] for name in known}


@pytest.mark.parametrize(
    "fields",
    [
        {"points": "300,3"},
        {"box": "3"},
        {"place": "3"},
        {"matting": "none"},
        {"format": "avif"},
        {"scale": "2"},
        {"quality": "80"},
        {"shadow": "yes"},
        {"canvas": "0x9"},
        {"background": "#12"},
    ],
    ids=lambda fields: "-".join(fields),
)
def test_what_cannot_be_done_is_refused(blank: Page, fields: dict[str, str]) -> None:
    made = local(blank, encoded(SMALL), fields)
    assert made["kind"] == "refused"
    assert next(iter(fields)) in made["message"]


def test_a_profile_stays_and_with_a_background_colours_become_srgb(blank: Page, address: str) -> None:
    image = stored(TWO, "PNG", icc_profile=wide_profile())
    assert_alike(blank, address, image)
    made = local(blank, image, {})
    with PillowImage.open(io.BytesIO(base64.b64decode(made["blob"]))) as picture:
        assert picture.info["icc_profile"] == wide_profile()
    made = local(blank, image, {"background": "white"})
    with PillowImage.open(io.BytesIO(base64.b64decode(made["blob"]))) as picture:
        assert "icc_profile" not in picture.info
        seen = np.asarray(picture).astype(int)
    with PillowImage.open(
        io.BytesIO(answer(address, image, background="white", format="png", strip="true"))
    ) as picture:
        assert np.abs(seen - np.asarray(picture)).mean() < 1


def product(shadow: bool = False, kind: str = "PNG", **how: Any) -> bytes:
    """A bright textured disc on a plain grey ground, where wanted with a soft shadow below it."""
    rows, columns = np.mgrid[:180, :240]
    away = np.hypot(rows - 80, columns - 120)
    ground = 70 - 6 * (rows / 180)
    if shadow:
        ground = ground * (1 - 0.4 * np.exp(-(((rows - 150) / 14) ** 2) - ((columns - 120) / 50) ** 2))
    inside = 225 + 25 * np.sin(columns[..., None] / (1.5, 2.5, 3.5)) * np.cos(rows[..., None] / 2)
    share = np.clip(60.5 - away, 0, 1)[..., None]
    pixels = np.rint(inside * share + ground[..., None] * (1 - share)).astype(np.uint8)
    return stored(pixels, kind, **how)


def large_product() -> bytes:
    """The same with a shadow, so large that it is worked out in several tiles."""
    with PillowImage.open(io.BytesIO(product(shadow=True))) as image:
        return stored(np.asarray(image.resize((720, 540), PillowImage.Resampling.BICUBIC)), "JPEG", quality=85)


def drawing() -> np.ndarray:
    """Flat shapes on white, which the tiny network takes for subject as a whole."""
    pixels = np.full((180, 240, 3), 255, np.uint8)
    pixels[40:140, 30:90] = (200, 30, 40)
    pixels[60:64, 100:220] = (20, 20, 90)
    rows, columns = np.mgrid[:180, :240]
    share = np.clip(30.5 - np.hypot(rows - 120, columns - 170), 0, 1)[..., None]
    return np.rint(pixels * (1 - share) + np.array([30, 160, 60]) * share).astype(np.uint8)


@pytest.mark.parametrize(
    ("image", "fields", "method"),
    [
        (product(), {}, "product"),
        (product(kind="JPEG", quality=85), {}, "product"),
        (product(shadow=True), {"keep_shadow": "true"}, "product"),
        (large_product(), {"keep_shadow": "true"}, "product"),
        (product(), {"ground": "photo"}, "photo"),
        (encoded(drawing()), {}, "graphic"),
        (encoded(drawing()), {"ground": "plain"}, "graphic"),
        (stored(drawing(), "JPEG", quality=75), {"ground": "plain"}, "graphic"),
        (encoded(drawing()), {"remove_colour": "#c81e28", "tolerance": "20"}, "colour"),
        (product(shadow=True), {"remove_colour": "#444444", "keep_shadow": "true", "background": "white"}, "colour"),
    ],
    ids=["product", "jpeg", "shadow", "large", "photo", "drawing", "plain", "plain-jpeg", "colour", "colour-shadow"],
)
def test_a_plain_ground_is_removed_as_by_the_server(
    blank: Page, address: str, image: bytes, fields: dict[str, str], method: str
) -> None:
    assert_alike(blank, address, image, **fields)
    assert local(blank, image, fields)["ground"] == method


def test_a_finished_cutout_stays_as_it_is(blank: Page, address: str) -> None:
    cutout = answer(address, encoded(discs((240, 180, 90))))
    made = local(blank, cutout, {})
    assert made["ground"] == "cutout"
    assert np.array_equal(decoded(base64.b64decode(made["blob"])), decoded(cutout))


def test_a_picture_without_a_subject_is_refused(blank: Page) -> None:
    assert local(blank, GREY, {})["kind"] == "empty"


def test_what_is_no_picture_is_refused(blank: Page) -> None:
    assert local(blank, b"no picture", {})["kind"] == "refused"
