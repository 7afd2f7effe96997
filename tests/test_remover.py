import io
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover import Options, Remover, remove
from background_remover.arrays.bit_depth import to_levels
from background_remover.arrays.box import Box, subject_box
from background_remover.arrays.resample import resize
from background_remover.compositing import composite
from background_remover.errors import Error, ImageError, ModelError, NoSubject, OptionError
from background_remover.imaging.picture import Picture
from background_remover.matting import adjust
from background_remover.matting.foreground import foreground
from background_remover.matting.sharpen import sharpen_uncertain
from background_remover.segmentation.preprocessing import fit_size
from background_remover.segmentation.second_pass import part_of
from tests.conftest import CARD, bright_alpha


@pytest.fixture(scope="module")
def remover(bright):
    return Remover(bright, threads=1)


def test_the_alpha_is_the_networks_brought_to_the_pictures_size(remover, photo):
    alpha = remover.alpha(photo, Options(second_look="off", ground="photo"))
    seen = resize(photo, fit_size(photo.shape[:2], CARD.multiple, CARD.longest_side), "bilinear")
    wanted = resize(sharpen_uncertain(bright_alpha(seen).astype(np.float32)), photo.shape[:2], "bicubic").clip(0, 1)
    assert alpha.dtype == np.float32
    np.testing.assert_allclose(alpha, wanted, atol=1e-5)
    disc = photo[..., 0] > 127
    assert ((alpha > 0.5) & disc).sum() / ((alpha > 0.5) | disc).sum() > 0.95


@pytest.mark.parametrize("level", [0, 110, 145, 255])
def test_the_answer_is_never_stretched(remover, level):
    even = np.full((50, 70, 3), level, np.uint8)
    np.testing.assert_allclose(remover.alpha(even, Options(matting="none")), bright_alpha(even), atol=1e-5)


def test_a_veil_of_the_networks_is_decided_but_not_that_of_a_mask(remover, tmp_path):
    even = np.full((50, 70, 3), 145, np.uint8)
    np.testing.assert_allclose(remover.alpha(even), sharpen_uncertain(bright_alpha(even).astype(np.float32)), atol=1e-5)
    mask = tmp_path / "mask.png"
    PillowImage.fromarray(even[..., 0]).save(mask)
    np.testing.assert_allclose(remover.alpha(even, Options(mask=str(mask))), 145 / 255, atol=1e-5)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (20, 10000), (10000, 20), (31, 4000), (3000, 4000)])
def test_any_size_gives_an_alpha_of_that_size(remover, size):
    alpha = remover.alpha(np.full((*size, 3), 200, np.uint8))
    assert alpha.shape == size
    assert 0 <= alpha.min() <= alpha.max() <= 1


def test_fifty_megapixels_are_cut_out(remover):
    alpha = remover.alpha(np.full((6250, 8000, 3), 200, np.uint8))
    assert alpha.shape == (6250, 8000)


def test_a_small_subject_is_looked_at_again(remover):
    image = np.zeros((960, 1280, 3), np.uint8)
    image[300:360, 500:580] = 230
    once, twice = (remover.alpha(image, Options(matting="none", second_look=word)) for word in ("off", "auto"))
    truth = (image[..., 0] > 127).astype(np.float32)
    box = Box(280, 480, 380, 600)
    away = np.ones(truth.shape, bool)
    part_of(away, box)[:] = False
    assert np.array_equal(once[away], twice[away])
    assert np.abs(twice - truth).sum() < 0.5 * np.abs(once - truth).sum()
    assert remover.cut(image).confidence == remover.cut(image, Options(second_look="off")).confidence


def test_every_kind_of_source_gives_the_same_cutout(remover, photo, tmp_path):
    pillow = PillowImage.fromarray(photo)
    path = tmp_path / "photo.png"
    pillow.save(path)
    wanted = np.asarray(remover.remove(photo))
    for source in (path, str(path), path.read_bytes(), pillow, pillow.convert("RGBA"), Picture(photo)):
        result = remover.remove(source)
        assert result.image.mode == "RGBA"
        assert np.array_equal(np.asarray(result), wanted)
    seen = wanted[..., 3] > 0
    assert np.array_equal(wanted[..., :3][seen], foreground(photo, remover.alpha(photo))[seen])
    assert np.array_equal(wanted[..., 3], np.rint(remover.alpha(photo) * 255))
    kept = np.asarray(remover.remove(photo, Options(keep_colours=True, keep_hidden=True)))
    assert np.array_equal(kept[..., :3], photo)


def test_what_is_hidden_is_zero_but_where_it_is_asked_for(remover, photo):
    hidden, kept = made(remover, photo), made(remover, photo, keep_hidden=True)
    clear = hidden[..., 3] == 0
    assert clear.any()
    assert not hidden[clear].any()
    assert kept[clear].any()
    assert np.array_equal(hidden[~clear], kept[~clear])


def test_only_the_mask(remover, photo):
    mask = remover.remove(photo, Options(only_mask=True))
    assert mask.image.mode == "L"
    assert np.array_equal(np.asarray(mask), np.asarray(remover.remove(photo).image.getchannel("A")))


def test_what_is_clear_stays_clear(remover, photo):
    image = PillowImage.fromarray(photo).convert("RGBA")
    image.paste((255, 255, 255, 0), (60, 0, 120, 90))
    alpha = remover.alpha(image)
    assert alpha[:, 60:].max() == 0
    assert alpha.max() > 0.9


def test_a_pillow_image_is_turned_upright_as_its_file_is(remover, photo):
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    PillowImage.fromarray(photo).save(buffer, "PNG", exif=exif)
    with PillowImage.open(buffer) as image:
        assert np.array_equal(remover.alpha(image), remover.alpha(buffer.getvalue()))
        assert remover.alpha(image).shape == (120, 90)


def test_the_limit_counts_for_files_and_pillow_images(remover, photo):
    options = Options(max_megapixels=0.01)
    for method in (remover.alpha, remover.remove):
        with pytest.raises(ImageError, match=r"120x90 is 0\.0108 megapixels and the limit is 0\.01"):
            method(PillowImage.fromarray(photo), options)


def test_a_picture_is_shrunk_whatever_it_is_given_as(remover, photo, tmp_path):
    large = PillowImage.fromarray(photo).resize((480, 360))
    large.save(tmp_path / "photo.png")
    options = Options(longest=120)
    given = [tmp_path / "photo.png", (tmp_path / "photo.png").read_bytes(), large, np.asarray(large)]
    given.append(Picture(np.asarray(large)))
    alphas = [remover.alpha(source, options) for source in given]
    assert [alpha.shape for alpha in alphas] == [(90, 120)] * 5
    assert all(np.array_equal(alpha, alphas[0]) for alpha in alphas)
    assert remover.remove(large, options).image.size == (120, 90)
    assert remover.remove(large, Options(longest=120, only_mask=True)).image.size == (120, 90)


@pytest.mark.parametrize("source", [None, 3, [1, 2, 3], object()])
def test_what_is_no_picture_is_a_type_error(remover, source):
    with pytest.raises(
        TypeError, match="a picture is a path, the bytes of a file, an open file, a Pillow image or an array"
    ):
        remover.remove(source)


@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_options_out_of_range_are_refused(value):
    with pytest.raises(OptionError, match="give a number above 0"):
        Options(max_megapixels=value)


def test_a_misspelt_option_is_a_type_error(photo):
    with pytest.raises(TypeError, match="only_masks"):
        Options(only_masks=True)
    with pytest.raises(TypeError, match="only_mask"):
        remove(photo, only_mask=True)


def test_the_function_is_the_method(bright, remover, photo):
    assert np.array_equal(np.asarray(remove(photo, model=bright)), np.asarray(remover.remove(photo)))
    mask = remove(photo, Options(only_mask=True), model=str(bright))
    assert mask.image.mode == "L"


def test_a_network_may_be_opened_meanwhile(bright, remover, photo, tmp_path):
    assert np.array_equal(Remover(bright, threads=1, wait=False).alpha(photo), remover.alpha(photo))
    with pytest.raises(OptionError, match="unknown model 'isnet'"):
        Remover("isnet", wait=False)
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    late = Remover(tmp_path / "broken.onnx", wait=False)
    for _ in range(2):
        with pytest.raises(ModelError, match=r"broken\.onnx: not a whole ONNX model"):
            late.alpha(photo)


def test_unknown_and_missing_models_are_refused(tmp_path, photo):
    with pytest.raises(OptionError, match="unknown model 'isnet'; known: unet"):
        Remover("isnet")
    with pytest.raises(ModelError, match=r"none\.onnx: no such model file"):
        remove(photo, model=tmp_path / "none.onnx")


def test_importing_leaves_out_what_loads_slowly():
    program = "import sys, background_remover; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True).stdout.split()
    assert "background_remover" in loaded
    assert not {"numpy", "PIL", "onnxruntime", "click", "onnx", "torch"} & set(loaded)


@pytest.fixture
def choosy(make_model) -> Remover:
    """The tiny model, which takes a cut of less than half its confidence for none."""
    card = replace(CARD, confidence="0:0 1:0.8", empty_below=0.5)
    return Remover(make_model(metadata=card.to_metadata()))


def test_a_cut_says_how_sure_it_is(choosy):
    photo = np.zeros((40, 60, 3), np.uint8)
    photo[10:30, 20:40] = 255
    cut = choosy.cut(photo, Options(ground="photo"))
    assert cut.confidence == pytest.approx(0.8, abs=0.02)
    assert not cut.empty
    assert np.array_equal(np.asarray(cut.image)[..., 3], to_levels(cut.alpha, np.dtype(np.uint8)))
    assert np.array_equal(cut.alpha, choosy.alpha(photo, Options(ground="photo")))


def test_no_subject_is_said(choosy):
    dark = np.zeros((40, 60, 3), np.uint8)
    assert choosy.cut(dark).empty
    assert choosy.cut(dark).confidence == 0
    with pytest.raises(NoSubject, match=r"no subject found \(confidence 0\.00\)"):
        choosy.remove(dark)
    assert choosy.remove(dark, Options(allow_empty=True)).image.getextrema()[3] == (0, 0)


def test_a_model_that_was_not_calibrated_never_refuses(bright):
    cut = Remover(bright).cut(np.zeros((40, 60, 3), np.uint8))
    assert (cut.confidence, cut.empty, cut.unsure) == (0, False, False)


LEVELS = {"nothing": (0, True, False), "doubtful": (130, False, True), "sure": (255, False, False)}


@pytest.mark.parametrize(("level", "empty", "unsure"), LEVELS.values(), ids=LEVELS)
def test_between_sure_and_no_subject_a_cut_is_unsure(make_model, level, empty, unsure):
    remover = Remover(make_model(metadata=replace(CARD, empty_below=0.3, unsure_below=0.8).to_metadata()))
    picture = np.full((40, 60, 3), level, np.uint8)
    for judged in (remover.cut(picture), remover.matte(picture)):
        assert (judged.empty, judged.unsure) == (empty, unsure)


@pytest.mark.parametrize("options", [Options(), Options(matting="none", second_look="off", feather=2.0)])
def test_a_matte_is_the_cuts_alpha_and_its_confidence(choosy, photo, options):
    cut, matte = choosy.cut(photo, options), choosy.matte(photo, options)
    assert np.array_equal(matte.alpha, cut.alpha)
    assert (matte.confidence, matte.empty, matte.unsure) == (cut.confidence, cut.empty, cut.unsure)


def test_the_thresholds_themselves_are_above_what_they_refuse(bright, make_model, photo):
    sure = Remover(bright).cut(photo, Options(ground="photo")).confidence
    for threshold, unsure in ((sure, False), (np.nextafter(sure, 1), True)):
        card = replace(CARD, empty_below=min(sure, threshold), unsure_below=float(threshold))
        cut = Remover(make_model(metadata=card.to_metadata())).cut(photo, Options(ground="photo"))
        assert (cut.confidence, cut.empty, cut.unsure) == (sure, False, unsure)


# What is put behind, and around


def made(remover, photo, **options):
    return np.asarray(remover.remove(photo, Options(**options)))


def test_a_colour_behind_is_the_cutout_over_it(remover, photo):
    result = made(remover, photo, background="#ff00ff")
    cutout = made(remover, photo)
    wanted = composite.over(cutout, composite.solid(np.uint8([255, 0, 255, 255]), cutout.shape[:2]))
    assert np.array_equal(result, wanted[..., :3])
    faint = made(remover, photo, background="#ff00ff80")
    assert faint.shape == (90, 120, 4)
    assert tuple(faint[0, 0]) == (255, 0, 255, 128)


def test_a_picture_behind_and_its_own_blur(remover, photo, tmp_path):
    PillowImage.new("RGB", (300, 10), (1, 2, 3)).save(tmp_path / "behind.png")
    result = made(remover, photo, background=str(tmp_path / "behind.png"))
    assert result.shape == (90, 120, 3)
    assert tuple(result[0, 0]) == (1, 2, 3)
    contained = made(remover, photo, background=str(tmp_path / "behind.png"), background_fit="contain")
    assert contained.shape == (90, 120, 4)
    assert contained[0, 0, 3] == 0
    blurred = made(remover, photo, background="blur:3")
    assert tuple(blurred[0, 0]) == tuple(photo[0, 0])
    assert np.abs(blurred[45, 70].astype(int) - photo[45, 70]).max() <= 1


def test_a_gradient_lies_behind_the_subject(remover, photo):
    result = made(remover, photo, background="gradient:rgb(10, 20, 30),rgb(210, 220, 230),90")
    assert result.shape == (90, 120, 3)
    assert np.abs(result[0, 0].astype(int) - (10, 20, 30)).max() <= 2
    assert np.abs(result[0, -1].astype(int) - (210, 220, 230)).max() <= 2
    assert np.array_equal(result[45, 70], made(remover, photo)[45, 70, :3])


def test_a_background_with_clear_pixels_is_refused(remover, photo, tmp_path):
    PillowImage.new("RGBA", (9, 9), (1, 2, 3, 99)).save(tmp_path / "clear.png")
    with pytest.raises(ImageError, match=r"clear\.png: a background with transparent pixels; give an opaque picture"):
        made(remover, photo, background=str(tmp_path / "clear.png"))


def test_a_crop_is_the_cutouts_part(remover, photo):
    box = subject_box(remover.alpha(photo))
    wanted = made(remover, photo)[box.top - 4 : box.bottom + 4, box.left - 4 : box.right + 4]
    assert np.array_equal(made(remover, photo, crop=True, margin="4"), wanted)
    blurred = made(remover, photo, crop=True, background="blur:2")
    assert blurred.shape[:2] == box.size


def test_a_subject_is_placed_with_its_shadow_and_outline(remover, photo):
    still = made(remover, photo, background="white", shadow=True)
    box = subject_box(remover.alpha(photo))
    middle = f"{(box.left + box.right) / 2},{(box.top + box.bottom) / 2}"
    assert np.array_equal(made(remover, photo, background="white", shadow=True, place=middle), still)
    placed = made(remover, photo, canvas="200x100", place="25%,50%,0.5,30", outline="2%,red")
    assert placed.shape == (100, 200, 4)
    assert not placed[:, 120:, 3].any()
    assert placed[..., 3].any()


def test_a_placement_that_would_be_huge_is_refused(remover, photo):
    with pytest.raises(OptionError, match="place makes the subject larger than 1 megapixels; give a smaller scale"):
        remover.remove(photo, Options(place="0,0,90", max_megapixels=1))


def test_a_canvas_holds_the_subject_where_it_was_asked_to(remover, photo):
    result = made(remover, photo, canvas="200x100", scale=0.8, position="bottom-right")
    assert result.shape == (100, 200, 4)
    box = subject_box(result[..., 3] / np.float32(255))
    assert (box.bottom, box.right) == (100, 200)
    assert box.size == pytest.approx((80, 80), abs=2)


def test_a_shadow_lies_beneath_the_subject(remover, photo):
    result = made(remover, photo, shadow=True, shadow_offset="10,12", shadow_blur="1", shadow_opacity=0.5)
    cutout = made(remover, photo)
    opaque = cutout[..., 3] == 255
    assert np.array_equal(result[opaque], cutout[opaque])
    assert tuple(result[45 + 30, 70 + 20]) == (0, 0, 0, 128)  # in the shadow, outside the disc
    assert tuple(made(remover, photo, shadow=True, background="white")[0, 0]) == (255, 255, 255)


@pytest.mark.parametrize("kind", ["contact", "floating"])
def test_a_shadow_lies_on_the_floor(remover, photo, kind):
    cutout = made(remover, photo)
    result = made(remover, photo, shadow=True, shadow_kind=kind, shadow_offset="0,2", shadow_blur="2")
    opaque = cutout[..., 3] == 255
    lowest = np.flatnonzero(opaque.any(axis=1)).max()
    added = result[..., 3].astype(int) - cutout[..., 3]
    assert np.array_equal(result[opaque], cutout[opaque])
    assert added[lowest + 5].max() > 60
    assert added[: lowest - 20].max() == 0, "no shadow is on a wall"


def test_the_alpha_is_changed_in_the_order_that_is_documented(remover, photo):
    options = Options(threshold=0.4, grow=2, feather=1.5)
    wanted = adjust.feather(adjust.grow(adjust.threshold(remover.alpha(photo), 0.4), 2), 1.5)
    assert np.array_equal(remover.alpha(photo, options), wanted)


# A mask made elsewhere


def test_a_mask_goes_round(remover, photo, tmp_path):
    """Picture to mask, painted on, to cutout."""
    path = tmp_path / "mask.png"
    remover.remove(photo, Options(only_mask=True)).save(path)
    again, cutout = made(remover, photo, mask=str(path)), made(remover, photo)
    assert np.array_equal(again[..., 3], cutout[..., 3])
    seen = np.abs(again[..., :3].astype(int) - cutout[..., :3]) * (cutout[..., 3:] / 255)
    assert seen.max() <= 2  # the alpha was rounded to 256 levels, and colours follow from it
    with PillowImage.open(path) as mask:
        painted = mask.copy()
    painted.paste(255, (0, 0, 20, 20))
    painted.save(path)
    result = made(remover, photo, mask=str(path))
    assert np.array_equal(result[..., 3], np.asarray(painted))
    assert np.array_equal(result[:20, :20, :3], photo[:20, :20])


def test_a_cutout_is_a_mask_as_well(remover, photo, tmp_path):
    remover.remove(photo).save(tmp_path / "cutout.png")
    again = made(remover, photo, mask=str(tmp_path / "cutout.png"))
    assert np.array_equal(again[..., 3], made(remover, photo)[..., 3])


def test_a_trimap_is_solved(remover, photo, tmp_path):
    disc = photo[..., 0] > 127
    alpha = adjust.grow(disc.astype(np.float32), 6) + adjust.grow(disc.astype(np.float32), -6)
    PillowImage.fromarray(np.uint8([0, 128, 255])[alpha.astype(int)]).save(tmp_path / "trimap.png")
    result = made(remover, photo, mask=str(tmp_path / "trimap.png"))[..., 3]
    assert ((result > 127) == disc).mean() > 0.999
    assert np.array_equal(result[alpha == 0], np.zeros((alpha == 0).sum()))
    assert np.array_equal(result[alpha == 2], np.full((alpha == 2).sum(), 255))


def test_a_small_mask_is_refined(remover, tmp_path):
    photo = np.zeros((240, 320, 3), np.uint8)
    photo[:, 170:] = (200, 220, 240)
    mask = PillowImage.fromarray((photo[..., 0] > 0).astype(np.uint8) * 255).resize((32, 24))
    mask.save(tmp_path / "mask.png")
    result = made(remover, photo, mask=str(tmp_path / "mask.png"))[..., 3]
    assert np.array_equal(result > 127, photo[..., 0] > 0)


def test_a_given_mask_is_not_doubted(make_model, photo, tmp_path):
    choosy = Remover(make_model(metadata=replace(CARD, empty_below=0.9, unsure_below=1.0).to_metadata()))
    PillowImage.new("L", (120, 90), 0).save(tmp_path / "mask.png")
    cut = choosy.cut(photo, Options(mask=str(tmp_path / "mask.png")))
    assert (cut.confidence, cut.empty, cut.unsure, cut.alpha.max()) == (1, False, False, 0)


def test_without_pymatting_the_error_says_how_to_get_it(remover, photo, monkeypatch):
    monkeypatch.setitem(sys.modules, "pymatting", None)
    with pytest.raises(Error, match=r"pip install 'background-remover\[matting\]'"):
        remover.alpha(photo, Options(matting="closed-form"))


@pytest.mark.parametrize("options", [Options(), Options(ground="photo"), Options(subjects="largest", matting="none")])
def test_a_cut_from_given_passes_is_that_from_the_picture(bright, photo, options):
    remover = Remover(bright)
    once, again = remover.cut(photo, options), remover.cut(photo, options, passes=remover.passes(photo, options))
    assert once.encode() == again.encode()
    assert once.confidence == again.confidence


def test_passes_are_refused_where_the_network_isnt_run(bright, photo):
    with pytest.raises(OptionError, match="leave ground and remove_colour out"):
        Remover(bright).passes(photo, Options(remove_colour="white"))
