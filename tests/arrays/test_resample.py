import numpy as np
import pytest
from PIL import Image as PillowImage

from background_remover.arrays import resample
from background_remover.arrays.bit_depth import planes
from background_remover.arrays.box_filter import blur, box_any, box_max, box_sum, flat_sum, rows_of
from background_remover.arrays.resample import (
    enlarge,
    enlarge_nearest,
    enlarged_boxes,
    nearest,
    resize,
    shrink,
    shrink_pillow,
    source_part,
    within,
)
from background_remover.arrays.tiles import (
    around,
    boxes,
    counterpart,
    in_threads,
    inside,
    one_by_one,
    surrounded,
    tiles,
)


def triangle(line: np.ndarray, length: int) -> np.ndarray:
    """The bilinear kernel stretched to the step between samples, written out for one line."""
    step = len(line) / length
    support = max(step, 1)
    result = np.zeros(length)
    for index in range(length):
        centre = (index + 0.5) * step
        weights = np.array([max(0, 1 - abs(pixel + 0.5 - centre) / support) for pixel in range(len(line))])
        result[index] = (weights * line).sum() / weights.sum()
    return result


@pytest.mark.parametrize("size", [(4, 5), (16, 3), (2, 40), (33, 21), (1, 1)])
def test_bilinear_agrees_with_the_kernel_written_out(size):
    array = np.random.default_rng(0).random((13, 11)).astype(np.float32)
    wide = np.array([triangle(row, size[1]) for row in array])
    wanted = np.array([triangle(column, size[0]) for column in wide.T]).T
    result = resize(array, size, "bilinear")
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, wanted, atol=1e-5)


def test_box_gives_the_means_of_blocks():
    array = np.random.default_rng(1).integers(0, 256, (8, 12, 3), dtype=np.uint8)
    result = resize(array, (4, 3), "box")
    wanted = array.reshape(4, 2, 3, 4, 3).mean(axis=(1, 3))
    assert result.dtype == np.uint8
    assert np.abs(result - wanted).max() <= 1


@pytest.mark.parametrize("kernel", ["box", "bilinear", "bicubic"])
@pytest.mark.parametrize("size", [(1, 1), (7, 90), (300, 2)])
def test_an_even_array_stays_even_and_the_size_is_height_by_width(kernel, size):
    assert np.array_equal(resize(np.full((20, 30, 3), 77, np.uint8), size, kernel), np.full((*size, 3), 77, np.uint8))
    np.testing.assert_allclose(resize(np.full((20, 30), 0.3, np.float32), size, kernel), 0.3, atol=1e-6)


def test_the_same_size_gives_a_copy():
    array = np.zeros((3, 4), np.float32)
    result = resize(array, (3, 4), "bicubic")
    result[:] = 1
    assert array.max() == 0


@pytest.mark.parametrize("radius", [0, 1, 2, 3, 7, 20])
def test_box_sum_agrees_with_the_sum_written_out(radius):
    array = np.random.default_rng(2).random((2, 11, 14)).astype(np.float32)
    wide = np.pad(array, ((0, 0), (radius, radius), (radius, radius)))
    windows = np.lib.stride_tricks.sliding_window_view(wide, (2 * radius + 1, 2 * radius + 1), axis=(1, 2))
    np.testing.assert_allclose(box_sum(array, radius), windows.sum(axis=(3, 4)), rtol=1e-5)


@pytest.mark.parametrize("radius", [1, 2, 3, 7])
@pytest.mark.parametrize("size", [(15, 15), (23, 40)])
def test_sums_of_flattened_rows_are_those_of_the_picture(size, radius):
    array = np.random.default_rng(2).random((2, *size)).astype(np.float32)
    inner = slice(radius, -radius)
    sums = flat_sum(array.reshape(2, -1), radius, size[1])
    assert sums.shape == (2, array[0].size - 2 * radius * (size[1] + 1))
    rows = rows_of(sums, (size[0] - 2 * radius, size[1] - 2 * radius), size[1])
    assert np.array_equal(rows, box_sum(array, radius)[:, inner, inner])


@pytest.mark.parametrize("radius", [0, 1, 5, 30])
def test_any_is_the_maximum_of_a_mask(radius):
    mask = np.random.default_rng(3).random((21, 34)) > 0.98
    assert np.array_equal(box_any(mask, radius), box_max(mask.astype(np.float32), radius) > 0)


def test_a_box_sum_has_the_same_digits_wherever_a_strip_begins():
    array = np.random.default_rng(3).random((40, 30)).astype(np.float32)
    whole = box_sum(array, 3)
    assert np.array_equal(box_sum(array[8:30, 5:], 3)[3:-3, 3:], whole[11:27, 8:])


@pytest.mark.parametrize("size", [(13, 11), (26, 40), (100, 12)])
def test_enlarging_is_bilinear_interpolation(size):
    array = np.random.default_rng(4).random((2, 13, 11)).astype(np.float32)
    whole = enlarge(array, size, slice(0, size[0]), slice(0, size[1]))
    for plane, result in zip(array, whole, strict=True):
        np.testing.assert_allclose(result, resize(plane, size, "bilinear"), atol=1e-5)


@pytest.mark.parametrize("side", [5, 16, 300])
def test_parts_have_the_numbers_of_the_whole(side):
    array, size = np.random.default_rng(5).random((3, 7, 9)).astype(np.float32), (61, 50)
    everything = slice(0, 61), slice(0, 50)
    enlarged, magnified = np.full((3, *size), np.nan, np.float32), np.full(size, np.nan, np.float32)
    for part in tiles(size, side):
        enlarged[:, part[0], part[1]] = enlarge(array, size, *part)
        magnified[part] = enlarge_nearest(array[0], size, *part)
    np.testing.assert_allclose(enlarged, enlarge(array, size, *everything), atol=1e-6)
    assert np.array_equal(magnified, enlarge_nearest(array[0], size, *everything))


@pytest.mark.parametrize("size", [(13, 9), (40, 31), (3, 2)])
def test_what_lies_beneath_a_part_is_what_it_is_made_of(size):
    array = np.arange(20).reshape(4, 5)
    for part in tiles(size, 4):
        below = source_part(array, size, *part)
        made = set(enlarge_nearest(array, size, *part).flat)
        assert made <= set(below.flat)
        assert set(below[[0, -1]][:, [0, -1]].flat) <= made  # and no rows or columns around them
        assert np.shares_memory(below, array)


def test_magnifying_takes_the_pixel_that_each_lies_in():
    array = np.random.default_rng(6).random((5, 4)).astype(np.float32)
    result = enlarge_nearest(array, (13, 9), slice(0, 13), slice(0, 9))
    assert np.array_equal(result, array[np.ix_(nearest(5, 13), nearest(4, 9))])


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
@pytest.mark.parametrize("size", [(4, 3), (5, 7), (20, 30), (99, 100)])
def test_shrinking_gives_the_means_of_areas(kind, size):
    """Of an array whose sides no step divides; beside `resize`, which looks at every pixel at once."""
    smooth = blur(np.random.default_rng(7).random((203, 307)).astype(np.float32), 4)
    array = smooth if kind is np.float32 else np.rint(np.stack([smooth, 1 - smooth, smooth / 2], 2) * 255).astype(kind)
    result, wanted = shrink(array, size), resize(array, size, "box")
    assert (result.shape, result.dtype) == (wanted.shape, kind)
    np.testing.assert_allclose(result.astype(float), wanted, atol=6 if kind is np.uint8 else 0.025)


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
@pytest.mark.parametrize("step", [2, 3, 17])
def test_reduced_are_means_written_out(kind, step):
    rng = np.random.default_rng(8)
    array = rng.integers(0, 256, (40, 53, 3), dtype=kind) if kind is np.uint8 else rng.random((40, 53), dtype=kind)
    result = resample._reduced(array, step, step)
    for row in range(result.shape[0]):
        for column in range(result.shape[1]):
            square = array[row * step : (row + 1) * step, column * step : (column + 1) * step]
            mean = square.mean(axis=(0, 1), dtype=np.float64)
            half = 0.5 + 0.5 * 3 / square.size  # of 8 bits: Pillow may round a half down
            np.testing.assert_allclose(result[row, column], mean, atol=half + 1e-9 if kind is np.uint8 else 1e-5)


@pytest.mark.parametrize("size", [(20, 30), (99, 100), (203, 307)])
def test_an_image_of_pillow_is_shrunk_to_the_same_pixels(size):
    array = np.random.default_rng(9).integers(0, 256, (203, 307, 3), dtype=np.uint8)
    assert np.array_equal(shrink_pillow(PillowImage.fromarray(array), size), shrink(array, size))


@pytest.mark.parametrize("level", [0, 77, 255])
def test_shrinking_leaves_an_even_array_even(level):
    assert np.array_equal(shrink(np.full((90, 71, 3), level, np.uint8), (8, 7)), np.full((8, 7, 3), level, np.uint8))
    even = np.full((90, 71), level / 255, np.float32)
    np.testing.assert_allclose(shrink(even, (8, 7)), level / 255, atol=1e-6)


def test_shrinking_keeps_sure_shares_sure():
    """An alpha's ones stay ones: what is sure of a picture must be sure of the smaller one."""
    for level in (0, 1):
        assert np.array_equal(shrink(np.full((95, 130), level, np.float32), (9, 12)), np.full((9, 12), level))


@pytest.mark.parametrize("side", [1, 7, 100])
def test_boxes_hold_all_that_is_true_and_no_more_than_they_need(side):
    mask = np.random.default_rng(4).random((23, 31)) > 0.9
    count = np.zeros(mask.shape, int)
    for rows, columns in boxes(mask, side):
        part = mask[rows, columns]
        count[rows, columns] += 1
        assert max(part.shape) <= side
        assert all(edge.any() for edge in (part[0], part[-1], part[:, 0], part[:, -1]))
    assert count.max() == 1
    assert count[mask].all()
    assert boxes(np.zeros((5, 5), bool), side) == []


@pytest.mark.parametrize("size", [(23, 31), (24, 40), (230, 301)])
def test_enlarged_boxes_hold_all_that_an_enlarged_mask_has(size):
    mask = np.random.default_rng(5).random((23, 31)) > 0.95
    count = np.zeros(size, int)
    for part in enlarged_boxes(mask, size, 40):
        count[part] += 1
    assert count.max() == 1
    assert count[enlarge_nearest(mask, size, slice(size[0]), slice(size[1]))].all()


@pytest.mark.parametrize("part", [(slice(0, 2), slice(0, 3)), (slice(1, 2), slice(1, 2)), (slice(4, 6), slice(2, 7))])
def test_a_part_is_surrounded_by_the_picture_and_by_zeros_outside(part):
    planes, size = np.random.default_rng(6).random((2, 6, 7)).astype(np.float32), (6, 7)
    outer, _ = around(part, 3, size)
    result = surrounded(planes[:, outer[0], outer[1]], part, 3)
    wide = np.pad(planes, [(0, 0), (3, 3), (3, 3)])
    rows, columns = (slice(side.start, side.stop + 6) for side in part)
    assert np.array_equal(result, wide[:, rows, columns])


def test_a_part_with_its_margin_ends_at_the_frame():
    outer, inner = around((slice(3, 8), slice(0, 4)), 5, (10, 20))
    assert outer == (slice(0, 10), slice(0, 9))
    assert inner == (slice(3, 8), slice(0, 4))


def test_the_nearest_pixel_is_the_one_it_lies_in():
    assert nearest(3, 6).tolist() == [0, 0, 1, 1, 2, 2]
    assert nearest(6, 3).tolist() == [1, 3, 5]
    assert nearest(1, 4).tolist() == [0, 0, 0, 0]


def test_a_size_is_brought_within_a_longest_side():
    assert within((3000, 4000), 1024) == (768, 1024)
    assert within((30, 40), 1024) == (30, 40)
    assert within((1, 9000), 100) == (1, 100)


def test_planes_are_the_levels_from_0_to_1():
    image = np.random.default_rng(6).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    result = planes(image)
    assert (result.shape, result.dtype, result.flags["C_CONTIGUOUS"]) == ((3, 4, 5), np.float32, True)
    np.testing.assert_allclose(result, image.transpose(2, 0, 1) / 255, atol=1e-6)


@pytest.mark.parametrize("work_on", [in_threads, one_by_one])
def test_every_part_is_worked_on_once_and_an_error_comes_out(work_on):
    seen = []
    work_on(seen.append, tiles((5, 7), 2))
    assert sorted(map(str, seen)) == sorted(map(str, tiles((5, 7), 2)))

    def fail(part):
        raise ValueError("no such part")

    with pytest.raises(ValueError, match="no such part"):
        work_on(fail, tiles((5, 7), 2))


@pytest.mark.parametrize("shape", [(1500, 2000, 3), (1999, 1333, 3)])
def test_large_pictures_may_be_resized_in_two_steps(shape):
    noise = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    noise[:: shape[0] // 7] = 250  # lines that a grid could fall in step with
    size = (shape[0] // 9, shape[1] // 9)
    exact = resize(noise, size, "bilinear").astype(int)
    near = resize(noise, size, "bilinear", gap=4).astype(int)
    assert np.abs(near - exact).mean() < 1
    assert np.abs(near - exact).max() <= 6
    same = (shape[0] // 5, shape[1] // 5)
    assert np.array_equal(resize(noise, same, "bilinear", gap=4), resize(noise, same, "bilinear"))


@pytest.mark.parametrize(
    ("shape", "size"), [((700, 901, 3), (32, 64)), ((333, 40), (40, 11)), ((5, 2000, 3), (32, 320))]
)
def test_the_first_of_two_steps_is_pillows_though_made_in_parts(shape, size):
    noise = np.random.default_rng(1).random(shape, dtype=np.float32)
    noise = noise if len(shape) == 2 else (noise * 255).astype(np.uint8)
    whole = PillowImage.fromarray(noise).resize(size[::-1], PillowImage.Resampling.BILINEAR, reducing_gap=4)
    assert np.array_equal(resize(noise, size, "bilinear", gap=4), np.asarray(whole))


@pytest.mark.parametrize("size", [(20, 30), (150, 200), (700, 800)])
def test_a_crop_is_resized_as_its_copy_is_and_pillow_gets_it_in_pieces_that_need_no_copy(size, monkeypatch):
    crop = np.random.default_rng(2).integers(0, 256, (500, 620, 3), dtype=np.uint8)[10:480, 20:600]
    wanted = resize(crop.copy(), size, "bilinear", gap=4)
    known = PillowImage.fromarray

    def checked(array):
        assert array.flags.c_contiguous
        return known(array)

    monkeypatch.setattr(PillowImage, "fromarray", checked)
    assert np.array_equal(resize(crop, size, "bilinear", gap=4), wanted)


def test_a_part_is_resized_by_fractions_of_pixels():
    ramp = np.broadcast_to(np.arange(40, dtype=np.float32), (20, 40)) + np.float32(0.5)
    found = resize(np.ascontiguousarray(ramp), (10, 8), "bilinear", part=(5.25, 2.5, 21.25, 17.5))
    assert np.allclose(found, 5.25 + 2 * (np.arange(8) + 0.5), atol=1e-4)


def test_a_part_lies_in_another_where_its_pixels_do():
    array, outer, part = np.arange(200).reshape(10, 20), (slice(2, 9), slice(5, 18)), (slice(3, 7), slice(5, 11))
    assert np.array_equal(array[outer][inside(part, outer)], array[part])


@pytest.mark.parametrize("other", [(10, 20), (31, 47), (4, 6)])
def test_a_counterpart_holds_all_that_a_part_is_resized_to_and_from(other):
    part = slice(3, 7), slice(5, 11)
    array = np.zeros((10, 20), np.float32)
    array[part] = 1
    held = np.zeros(other, np.float32)
    held[counterpart(part, array.shape, other)] = 1
    assert not resize(array, other, "bilinear")[held == 0].any()
    assert np.allclose(resize(held, array.shape, "bilinear")[part], 1)
