"""By which method a subject is found, and what the remover makes of what colour finds."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageDraw

from background_remover.arrays.box_filter import blur
from background_remover.errors import ModelError, NoSubject, OptionError
from background_remover.evaluation.metrics import iou
from background_remover.options import Options, check
from background_remover.parameters.background import read_outline
from background_remover.parameters.colours import read_remove_colour
from background_remover.remover import Remover
from tests.conftest import CARD

RED = (200, 16, 32)
SIDE = 160


@pytest.fixture
def logo() -> np.ndarray:
    """A red ring on white with anti-aliased edges, in which the tiny model sees the white for the subject."""
    canvas = PillowImage.new("RGB", (SIDE * 4, SIDE * 4), "white")
    draw = ImageDraw.Draw(canvas)
    draw.ellipse([80, 80, 560, 560], fill=RED)
    draw.ellipse([240, 240, 400, 400], fill="white")
    return np.asarray(canvas.resize((SIDE, SIDE), PillowImage.Resampling.BOX))


def pixels(cut) -> np.ndarray:
    return np.asarray(cut.image)


@pytest.mark.parametrize("ground", ["auto", "plain"])
def test_a_red_logo_stays_red_to_the_last_pixel_and_its_hole_opens(bright, logo, ground):
    cut = Remover(bright).remove(logo, Options(ground=ground))
    assert cut.ground == "graphic"
    found = pixels(cut)
    assert found[80, 80, 3] == found[2, 2, 3] == 0
    assert found[80, 30, 3] == 255
    seen = found[..., 3] > 0
    assert np.abs(found[seen][:, :3].astype(int) - RED).max() <= 3
    whole = np.abs(found[..., 3] / 255 - (255 - logo[..., 1]) / (255 - 16))
    assert whole.mean() < 0.002


def test_a_photo_asks_the_network_alone(bright, logo):
    cut = Remover(bright).cut(logo, Options(ground="photo"))
    assert cut.ground == "photo"
    assert pixels(cut)[2, 2, 3] == 255  # the tiny model takes the white


def test_a_plain_ground_with_nothing_on_it_has_no_subject(bright):
    white = np.full((50, 60, 3), 255, np.uint8)
    with pytest.raises(NoSubject):
        Remover(bright).remove(white, Options(ground="plain"))


def test_a_colour_is_removed_wherever_it_is(bright):
    image = np.zeros((60, 90, 3), np.uint8)
    image[:, :30], image[:, 30:60], image[:, 60:] = (0, 200, 0), (200, 0, 0), (0, 195, 4)
    cut = Remover(bright).remove(image, Options(remove_colour=(0, 200, 0)))
    assert cut.ground == "colour"
    assert not pixels(cut)[:, [5, 80], 3].any()
    assert (pixels(cut)[:, 45, 3] == 255).all()
    exact = Remover(bright).remove(image, Options(remove_colour="#00c800", tolerance=0.0))
    assert (pixels(exact)[:, 80, 3] == 255).all()


@pytest.mark.parametrize("options", [Options(ground="plain"), Options(remove_colour="white")])
def test_colour_alone_opens_no_network(tmp_path, logo, options):
    (tmp_path / "damaged.onnx").write_bytes(b"no model")
    remover = Remover(tmp_path / "damaged.onnx", wait=False)
    assert remover.cut(logo, options).confidence == 1
    with pytest.raises(ModelError):
        remover.cut(logo, Options())


def shaded() -> tuple[np.ndarray, np.ndarray]:
    """A green box on white that throws a soft shadow, and the shadow."""
    box = np.zeros((SIDE, SIDE), np.float32)
    box[40:100, 40:110] = 1
    shade = 0.5 * blur(np.roll(box, (16, 10), (0, 1)), 8)
    image = np.rint(255 * (1 - shade))[..., None].repeat(3, axis=2)
    image[box > 0] = (20, 120, 60)
    return image.astype(np.uint8), np.where(box > 0, 0, shade)


def test_a_kept_shadow_is_black_with_alpha(bright):
    image, shade = shaded()
    remover, options = Remover(bright), Options(ground="plain", keep_shadow=True)
    found = pixels(remover.remove(image, options))
    only = (shade > 0.02) & (found[..., :3].max(axis=2) == 0)
    assert only.mean() > 0.1
    assert np.abs(found[..., 3] / 255 - shade)[only].mean() < 0.05
    again = pixels(remover.remove(image, Options(ground="plain", keep_shadow=True, background="white")))
    assert np.abs(again.astype(int) - image).mean() < 2
    without = pixels(remover.remove(image, Options(ground="plain")))
    assert not without[only][:, 3].any()


def test_an_outline_goes_around_the_subject(bright, logo):
    found = pixels(Remover(bright).remove(logo, Options(ground="plain", outline="5,#0000ff")))
    assert tuple(found[80, 17]) == (0, 0, 255, 255)  # the ring begins at 20
    assert found[80, 12, 3] == 0
    assert tuple(found[80, 30][:3]) == RED
    cropped = pixels(Remover(bright).remove(logo, Options(ground="plain", outline="5,#0000ff", crop=True)))
    assert cropped.shape[:2] == (130, 130)


def test_a_picture_with_transparency_is_the_networks(bright, logo):
    opacity = np.ones((SIDE, SIDE), np.float32)
    opacity[:10] = 0
    levels = np.rint(opacity * 255).astype(np.uint8)
    cut = Remover(bright).cut(PillowImage.fromarray(np.dstack([logo, levels])))
    assert cut.ground == "photo"


@pytest.fixture
def cutout() -> np.ndarray:
    """A white disc and beside it a smaller grey one, half transparent, which the tiny model takes for background."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    result = np.zeros((SIDE, SIDE, 4), np.uint8)
    result[np.hypot(rows - 70, columns - 70) < 50] = 250, 240, 230, 255
    result[np.hypot(rows - 134, columns - 134) < 15] = 90, 80, 70, 160
    return result


def test_a_cutout_keeps_its_own_alpha_and_its_colours(bright, cutout):
    cut = Remover(bright).cut(PillowImage.fromarray(cutout))
    assert cut.ground == "cutout"
    assert np.array_equal(pixels(cut), cutout)


@pytest.mark.parametrize("choice", [{"ground": "photo"}, {"points": "70,70"}, {"matting": "none"}])
def test_a_cutout_is_cut_by_the_network_where_that_is_asked_for(bright, cutout, choice):
    cut = Remover(bright).cut(PillowImage.fromarray(cutout), Options(**choice))
    assert cut.ground == "photo"
    assert cut.alpha[70, 70] > 0.9
    assert cut.alpha[134, 134] < 0.1


@pytest.mark.parametrize(("choice", "edge", "inside"), [({"grow": -3}, 0, 255), ({"feather": 4.0}, 127, 255)])
def test_the_edge_of_a_cutout_can_be_adjusted(bright, cutout, choice, edge, inside):
    alpha = pixels(Remover(bright).cut(PillowImage.fromarray(cutout), Options(**choice)))[70, :, 3].astype(int)
    assert abs(alpha[21] - edge) < 32  # the first pixel of the disc
    assert alpha[70] == inside
    assert alpha[20] == 0


def test_a_cutout_is_left_to_a_network_that_finds_nothing(make_model, cutout):
    card = replace(CARD, empty_below=1.0)
    cut = Remover(make_model(metadata=card.to_metadata())).cut(PillowImage.fromarray(cutout))
    assert cut.empty
    assert cut.ground == "photo"


@pytest.mark.parametrize("shape", ["rounded", "circle", "frame"])
def test_a_photograph_in_a_transparent_frame_is_cut_as_one(bright, scene, shape):
    rows, columns = (scene.shape[0] - 1) / 2, (scene.shape[1] - 1) / 2
    down, along = np.abs(np.mgrid[: scene.shape[0], : scene.shape[1]] - np.array([rows, columns])[:, None, None])
    visible = {
        "rounded": np.hypot(np.maximum(down - rows + 16, 0), np.maximum(along - columns + 16, 0)) < 16,
        "circle": np.hypot(down / rows, along / columns) < 1,
        "frame": (down < rows - 5) & (along < columns - 5),
    }[shape]
    framed = np.dstack([scene, visible.astype(np.uint8) * 255])
    remover = Remover(bright)
    plain, cut = remover.cut(scene, Options(ground="photo")), remover.cut(PillowImage.fromarray(framed))
    assert cut.ground == "photo"
    assert iou(cut.alpha, plain.alpha * visible) > 0.97
    assert not cut.alpha[~visible].any()


def test_sixteen_bits_stay(bright, logo):
    deep = logo.astype(np.uint16) * 257
    cut = Remover(bright).remove(deep, Options(ground="plain"))
    assert cut.result.pixels.dtype == np.uint16


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"ground": "flat"}, "ground is 'flat'; known: auto, plain, photo"),
        ({"remove_colour": "greenish"}, "remove_colour is 'greenish'; give a colour"),
        ({"remove_colour": "#ff000080"}, "transparent; give an opaque colour"),
        ({"remove_colour": "red", "ground": "plain"}, "leave mask, points, subjects and ground out"),
        ({"ground": "plain", "points": "3,4"}, "leave mask, points, box and subjects out"),
        ({"ground": "plain", "subjects": "largest"}, "leave mask, points, box and subjects out"),
        ({"remove_colour": "red", "mask": "mask.png"}, "leave mask, points, subjects and ground out"),
        ({"outline": "white"}, "outline is 'white'; give a width and a colour"),
        ({"outline": "0,white"}, "give a width and a colour"),
        ({"outline": "3,whitish"}, "outline is 'whitish'; give a colour"),
        ({"tolerance": 256.0}, "tolerance is 256; give a number from 0 to 255"),
        ({"only_mask": True, "outline": "3"}, "leave outline out"),
        ({"only_mask": True, "keep_shadow": True}, "leave keep_shadow out"),
    ],
)
def test_what_makes_no_sense_is_refused(choices, message):
    with pytest.raises(OptionError) as caught:
        Options(**choices)
    assert message in str(caught.value)


@pytest.mark.parametrize("options", [Options(tolerance=3.0), Options(keep_shadow=True, ground="photo")])
def test_what_does_nothing_is_refused(options):
    with pytest.raises(OptionError, match="does nothing without"):
        check(options)


def test_colours_and_outlines_are_read():
    assert read_remove_colour("") is None
    assert read_remove_colour((0, 177, 64)) == (0, 177, 64, 255)
    assert read_outline("") is None
    width, colour = read_outline("2%,rgb(1, 2, 3)")
    assert (width.value, width.percent, colour) == (2, True, (1, 2, 3, 255))
    assert read_outline("4")[1] == (255, 255, 255, 255)
