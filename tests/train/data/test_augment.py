from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the customary name

from background_remover.train.config import Augmentation, Stage
from background_remover.train.data.augment import Batch, batch_sizes, draw
from background_remover.train.data.dataset import Bank
from background_remover.train.data.decode import Source
from tests.train.conftest import CALM, bank, plain, square, squares

GEOMETRY = replace(CALM, whole=0.3, rotation=12.0)  # crops, turns and flips, and the colours stay
EVERYTHING = Augmentation(blur=1.0, noise=1.0, jpeg=1.0, compose=1.0)
RED, BLUE = (255, 0, 0), (0, 0, 255)


def drawn(data: Bank, count: int, how: Augmentation, size: tuple[int, int] = (32, 32), seed: int = 0) -> Batch:
    torch.manual_seed(seed)
    return draw(data, count, size, how)


def grey(level: int) -> Bank:
    return bank([plain((level,) * 3)], [np.zeros((32, 32), np.uint8)])


def ramps(size: int = 64) -> Bank:
    """A picture that says where each pixel lies: red is its column, green its row, as shares of the side."""
    centres = np.rint((np.arange(size) + 0.5) / size * 255).astype(np.uint8)
    columns, rows = np.meshgrid(centres, centres)
    return bank([np.dstack([columns, rows, np.zeros_like(rows)])], [np.full((size, size), 255, np.uint8)])


def mirrored_or_not(tensor: Tensor, wanted: Tensor, tolerance: float) -> bool:
    return min((tensor - wanted).abs().max(), (tensor.flip(-1) - wanted).abs().max()) <= tolerance


@pytest.mark.parametrize("size", [(48, 48), (32, 32), (32, 64), (96, 64)])
@pytest.mark.parametrize("aspect", [1.0, 1.6])
def test_with_nothing_left_a_sample_is_the_picture_or_its_mirror_image(size, aspect):
    image, mask = square(48)
    data = bank([image], [mask], aspects=[aspect])
    wanted = F.interpolate(data.tiles / 255, size, mode="bilinear", align_corners=False)[0]
    samples = drawn(data, 8, CALM, size)
    for image, alpha, known in zip(*samples, strict=True):
        assert mirrored_or_not(torch.cat([image, alpha]), wanted[:4], 1e-4)
        assert (known == 1).all()


def test_half_of_the_samples_are_mirrored():
    image, mask = square(32)
    samples = drawn(bank([image], [mask]), 200, CALM)
    as_it_was = (samples.alphas[:, 0] - torch.from_numpy(mask) / 255).abs().amax((1, 2)) < 0.01
    assert 70 <= as_it_was.sum() <= 130


@pytest.mark.parametrize("size", [(32, 32), (32, 64)])
def test_a_picture_and_its_mask_move_together(size):
    """The red channel is the mask, so wherever a sample's pixel comes from, the two must agree."""
    _, mask = square(48, seed=3)
    samples = drawn(bank([np.dstack([mask] * 3)], [mask], aspects=[1.5]), 32, GEOMETRY, size)
    torch.testing.assert_close(samples.images[:, :1], samples.alphas, rtol=0, atol=1e-5)
    assert len({alpha.numpy().tobytes() for alpha in samples.alphas}) > 16  # and they did move


@pytest.mark.parametrize("size", [(32, 32), (32, 64), (64, 32)])
def test_crops_keep_to_the_area_and_the_aspect_asked_for(size):
    samples = drawn(ramps(), 200, replace(CALM, whole=0.0, area=(0.15, 0.39), aspect=1.25), size)
    red, green = samples.images[:, 0], samples.images[:, 1]
    # from the centre of the first pixel to that of the last, stretched to the edges
    width = (red.amax((1, 2)) - red.amin((1, 2))) * size[1] / (size[1] - 1)
    height = (green.amax((1, 2)) - green.amin((1, 2))) * size[0] / (size[0] - 1)
    area, aspect = width * height, width / height / (size[1] / size[0])
    assert area.min() == pytest.approx(0.15, abs=0.02)
    assert area.max() == pytest.approx(0.39, abs=0.02)
    assert aspect.min() == pytest.approx(1 / 1.25, abs=0.05)
    assert aspect.max() == pytest.approx(1.25, abs=0.05)


def test_a_turn_is_a_turn_for_a_picture_of_any_shape():
    """The map from the sample to the picture, measured in lengths of the picture, has the columns of a turn."""
    aspect, (height, width) = 2.0, (32, 64)
    tiles = ramps()
    data = Bank(tiles.tiles, torch.tensor([aspect]), tiles.sources, tiles.mixture)
    samples = drawn(data, 16, replace(CALM, rotation=12.0), (height, width))
    middle = samples.images[:, :2, 8:24, 16:48].double()  # whose pixels come from within the picture
    across, down = middle.diff(dim=3).mean((2, 3)) * height, middle.diff(dim=2).mean((2, 3)) * height
    jacobian = torch.stack([across, down], dim=2) * torch.tensor([aspect, 1.0])[:, None]
    unit = torch.eye(2, dtype=torch.float64).expand(16, 2, 2)
    torch.testing.assert_close(jacobian @ jacobian.mT, unit, rtol=0, atol=0.03)
    angles = torch.rad2deg(torch.atan2(jacobian[:, 1, 0], jacobian[:, 1, 1]).abs())
    assert angles.max() <= 12.5
    assert angles.max() > 6


def test_a_pixel_is_known_only_where_nothing_unknown_is_mixed_in():
    """Unknown pixels are white in the truth and known ones black: a grey one would be known in part."""
    _, unknown = square(48, seed=5)
    image = np.zeros((48, 48, 3), np.uint8)
    samples = drawn(bank([image], [unknown], known=[255 - unknown]), 32, GEOMETRY)
    assert set(samples.known.unique().tolist()) == {0, 1}
    assert samples.alphas[samples.known == 1].max() < 0.02
    assert samples.alphas[samples.known == 0].max() > 0.9


def of_two(subjects: Bank, behind: tuple[int, int, int], kind: str = "pairs") -> Bank:
    """A bank of subjects, and one background of a plain colour that is drawn as often as all of them."""
    mixture = (Source(Path("subjects"), kind), Source(Path("behind"), "backgrounds"))
    size, count = subjects.size, len(subjects)
    ground = bank([plain(behind, size)], [np.zeros((size, size), np.uint8)])
    tiles = torch.cat([subjects.tiles, ground.tiles])
    return Bank(tiles, torch.ones(count + 1), torch.tensor([0] * count + [1]), mixture)


def test_composition_keeps_the_subject_and_replaces_the_rest():
    samples = drawn(of_two(squares(4), BLUE), 32, replace(CALM, compose=1.0))
    untouched = drawn(of_two(squares(4), BLUE), 32, CALM)
    inside = -F.max_pool2d(-samples.alphas, 3, stride=1, padding=1) == 1
    outside = F.max_pool2d(samples.alphas, 3, stride=1, padding=1) == 0
    assert torch.equal(samples.alphas, untouched.alphas)
    torch.testing.assert_close(samples.images * inside, untouched.images * inside, rtol=0, atol=1e-5)
    blue = torch.tensor(BLUE).view(1, 3, 1, 1) / 255
    torch.testing.assert_close(samples.images * outside, blue * outside, rtol=0, atol=1e-5)
    assert inside.any()


def test_a_composed_edge_is_as_soft_as_the_mean_of_nine_pixels():
    """With red before blue, the red of a pixel is how much of the subject was laid over it."""
    _, mask = square(32)
    samples = drawn(of_two(bank([plain(RED)], [mask]), BLUE), 16, replace(CALM, compose=1.0))
    pairs = samples.alphas.amax((1, 2, 3)) > 0
    images, alphas = samples.images[pairs].numpy(), samples.alphas[pairs, 0].numpy()
    padded = np.pad(alphas, ((0, 0), (1, 1), (1, 1)), mode="edge")
    mean = sum(padded[:, i : i + 32, j : j + 32] for i in range(3) for j in range(3)) / 9
    np.testing.assert_allclose(images[:, 0], mean, atol=1e-5)
    np.testing.assert_allclose(images[:, 2], 1 - mean, atol=1e-5)


def test_composition_is_as_likely_as_asked_for():
    samples = drawn(of_two(bank([plain(RED)], [square(32)[1]]), BLUE), 400, replace(CALM, compose=0.25))
    pairs = samples.alphas.amax((1, 2, 3)) > 0
    composed = samples.images[pairs, 2].amax((1, 2)) > 0.5
    assert composed.float().mean() == pytest.approx(0.25, abs=0.07)


def test_a_background_is_a_sample_of_nothing():
    samples = drawn(of_two(squares(4, 32), BLUE), 64, replace(CALM, compose=1.0))
    nothing = samples.alphas.amax((1, 2, 3)) == 0
    assert 0.3 < nothing.float().mean() < 0.7
    torch.testing.assert_close(samples.images[nothing, 2], torch.ones(int(nothing.sum()), 32, 32))


def cutouts() -> Bank:
    """A red square and whatever lies in the clear part of a cutout: green, to be seen by nobody."""
    _, mask = square(32)
    image = np.where(mask[..., None] > 0, np.uint8(RED), np.uint8((0, 255, 0)))
    return bank([image], [mask], mixture=[Source(Path("cutouts"), "cutouts")])


def test_a_cutout_always_lies_on_a_background():
    samples = drawn(of_two(cutouts(), BLUE, "cutouts"), 64, CALM)
    outside = F.max_pool2d(samples.alphas, 3, stride=1, padding=1) == 0
    assert (samples.images[:, 1:2][outside] < 1e-5).all()
    assert (samples.images[:, 2:3][outside] > 0.99).all()


def test_a_cutout_lies_on_a_plain_colour_where_there_is_no_background():
    samples = drawn(cutouts(), 64, CALM)
    outside = F.max_pool2d(samples.alphas, 3, stride=1, padding=1) == 0
    colours = [image[:, where[0]].T for image, where in zip(samples.images, outside, strict=True)]
    assert all(colour.std(dim=0).max() < 1e-6 for colour in colours)
    assert torch.stack([colour[0] for colour in colours]).std(dim=0).min() > 0.2  # another colour for every sample


@pytest.mark.parametrize("size", [(64, 64), (32, 64), (64, 32)])
def test_samples_stay_in_range_whatever_is_done_to_them(size):
    samples = drawn(of_two(squares(4), (255, 255, 255)), 32, EVERYTHING, size)
    assert samples.images.shape == (32, 3, *size)
    assert samples.alphas.shape == samples.known.shape == (32, 1, *size)
    for tensor in samples:
        assert tensor.dtype == torch.float32
        assert tensor.min() >= 0
        assert tensor.max() <= 1


def test_light_and_damage_leave_the_truth_alone():
    calm, rough = (drawn(squares(4), 32, how) for how in (GEOMETRY, replace(EVERYTHING, compose=0.0)))
    assert torch.equal(calm.alphas, rough.alphas)
    assert (calm.images - rough.images).abs().mean() > 0.02


def test_brightness_is_one_factor_for_a_picture():
    samples = drawn(grey(100), 200, replace(CALM, brightness=0.3))
    factors = samples.images.amax((1, 2, 3)) / (100 / 255)
    assert (samples.images.amax((1, 2, 3)) - samples.images.amin((1, 2, 3)) < 1e-5).all()
    assert factors.min() == pytest.approx(0.7, abs=0.03)
    assert factors.max() == pytest.approx(1.3, abs=0.03)


def test_contrast_turns_about_the_mean():
    halves = np.full((32, 32, 3), 100, np.uint8)
    halves[16:] = 150
    samples = drawn(bank([halves], [halves[..., 0]]), 200, replace(CALM, contrast=0.5))
    torch.testing.assert_close(samples.images[:, :1].expand(-1, 3, -1, -1), samples.images, rtol=0, atol=1e-5)
    top, bottom = samples.images[:, 0, 0, 0], samples.images[:, 0, -1, 0]
    torch.testing.assert_close((top + bottom) / 2, torch.full((200,), 125 / 255), rtol=0, atol=1e-4)
    factors = (bottom - top) / (50 / 255)
    assert factors.min() == pytest.approx(0.5, abs=0.05)
    assert factors.max() == pytest.approx(1.5, abs=0.05)


def test_saturation_and_grey_keep_the_luma():
    luma = torch.tensor([0.299, 0.587, 0.114])
    data = bank([plain((140, 100, 60))], [np.zeros((32, 32), np.uint8)])
    for how in (replace(CALM, saturation=0.4), replace(CALM, grey=1.0)):
        colours = drawn(data, 100, how).images[:, :, 0, 0]
        wanted = (torch.tensor([140.0, 100.0, 60.0]) / 255) @ luma
        torch.testing.assert_close(colours @ luma, wanted.expand(100), rtol=0, atol=1e-5)
    assert (colours.amax(1) - colours.amin(1)).max() < 1e-5


def test_a_tint_is_another_gain_for_every_channel():
    colours = drawn(grey(100), 200, replace(CALM, tint=0.1)).images[:, :, 0, 0] / (100 / 255)
    assert colours.min() == pytest.approx(0.9, abs=0.01)
    assert colours.max() == pytest.approx(1.1, abs=0.01)
    assert (colours[:, 0] - colours[:, 1]).abs().max() > 0.1


def roughness(images: Tensor) -> float:
    """The mean absolute difference between neighbours."""
    return images.diff(dim=-1).abs().mean().item()


@pytest.mark.parametrize("damage", ["blur", "noise", "jpeg"])
def test_damage_hits_as_many_samples_as_asked_for(damage):
    samples, calm = (drawn(squares(1), 200, how) for how in (replace(CALM, **{damage: 0.3}), CALM))
    damaged = (samples.images - calm.images).abs().amax((1, 2, 3)) > 1e-4
    assert damaged.float().mean() == pytest.approx(0.3, abs=0.1)


def test_blur_smooths_and_noise_roughens():
    calm, blurred, noisy = (
        roughness(drawn(squares(1), 32, how).images)
        for how in (CALM, replace(CALM, blur=1.0), replace(CALM, noise=1.0))
    )
    assert blurred < 0.9 * calm
    assert noisy > 1.1 * calm


def test_blur_and_jpeg_leave_a_plain_picture_plain():
    samples = drawn(grey(100), 32, replace(CALM, blur=1.0, jpeg=1.0))
    assert (samples.images - 100 / 255).abs().max() < 0.02


def test_a_source_is_drawn_as_often_as_its_weight_says():
    weights = (1.0, 2.0, 0.5)
    counts = (1, 3, 6)
    levels = [40 * (1 + number) for number, count in enumerate(counts) for _ in range(count)]
    mixture = [Source(Path(str(weight)), "pairs", weight) for weight in weights]
    sources = [number for number, count in enumerate(counts) for _ in range(count)]
    pictures = [plain((level,) * 3, 4) for level in levels]
    data = bank(pictures, [picture[..., 0] for picture in pictures], sources=sources, mixture=mixture)
    seen = (drawn(data, 3000, CALM).images[:, 0, 0, 0] * 255 / 40).round() - 1
    shares = torch.bincount(seen.long(), minlength=3) / 3000
    np.testing.assert_allclose(shares, np.array(weights) / sum(weights), atol=0.03)


def test_the_same_seed_draws_the_same_samples():
    data = of_two(squares(4), BLUE)
    one, again, other = (drawn(data, 8, EVERYTHING, seed=seed) for seed in (7, 7, 8))
    assert all(torch.equal(a, b) for a, b in zip(one, again, strict=True))
    assert not torch.equal(one.images, other.images)


def test_a_stage_of_squares_has_one_shape():
    assert batch_sizes(Stage(320, 1.0, 8, squares=True)) == [(320, 320)]


def test_what_is_only_put_behind_is_never_a_sample():
    image, mask = square(32, colour=(200, 0, 0))
    mixture = [Source(Path("squares"), "cutouts"), Source(Path("streets"), "behind", 0.0)]
    data = bank([image, plain((0, 0, 255))], [mask, np.zeros_like(mask)], sources=[0, 1], mixture=mixture)
    batch = drawn(data, 16, CALM)
    assert (batch.alphas.amax((1, 2, 3)) > 0.9).all()  # each has a subject
    assert (batch.images[:, 2].amax((1, 2)) > 0.9).all()  # over blue


def test_drawing_leaves_the_bank_as_it_was():
    data = of_two(squares(4), BLUE)
    before = data.tiles.clone()
    drawn(data, 32, EVERYTHING)
    assert torch.equal(data.tiles, before)


@pytest.mark.parametrize("size", [32, 64, 96, 128, 192, 256])
def test_batches_come_in_sizes_that_the_networks_take(size):
    sizes = batch_sizes(Stage(size, 1.0, 8))
    assert (size, size) in sizes
    assert all(side % 32 == 0 and 32 <= side <= size for pair in sizes for side in pair)
    assert all(max(pair) == size for pair in sizes)
    assert {(width, height) for height, width in sizes} == set(sizes)
