import numpy as np
import pytest

from background_remover.compositing.composite import (
    CutoutRows,
    blurred,
    clear_transparent,
    cutout,
    fitted,
    opaque_over,
    over,
    solid,
    without_alpha,
)


def test_a_cutout_keeps_the_colours_whatever_the_alpha(photo):
    alpha = np.linspace(0, 1, photo[..., 0].size, dtype=np.float32).reshape(photo.shape[:2])
    result = cutout(photo, alpha)
    assert result.shape == (*photo.shape[:2], 4)
    assert result.dtype == np.uint8
    assert np.array_equal(result[..., :3], photo)
    assert (result[0, 0, 3], result[-1, -1, 3]) == (0, 255)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("clear", [False, True])
def test_rows_of_a_cutout_are_those_of_the_whole(kind, clear):
    rng = np.random.default_rng(0)
    image = rng.integers(0, np.iinfo(kind).max, (70, 41, 3), kind, endpoint=True)
    alpha = np.clip(rng.normal(0.5, 1, (70, 41)), 0, 1).astype(np.float32)
    wanted = np.dstack([image, np.rint(alpha * np.iinfo(kind).max).astype(kind)])
    if clear:
        wanted[wanted[..., 3] == 0] = 0
    for pixels in (image, image[:, ::-1][:, ::-1]):
        rows = CutoutRows(pixels, alpha, clear)
        assert rows.shape == wanted.shape
        assert rows.whole().dtype == rows.dtype == kind
        for part in (slice(None), slice(3, 4), slice(5, 60), slice(69, 99)):
            assert np.array_equal(rows[part], wanted[part])
        assert np.array_equal(rows.whole(), wanted)


def test_an_alpha_of_another_size_is_refused(photo):
    with pytest.raises(ValueError, match="don't belong together"):
        cutout(photo, np.zeros((5, 5), np.float32))


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_the_colours_of_one_colour_and_of_a_crop_are_all_but_the_alpha(kind):
    colour = np.array([1, 2, 3, 250], kind)
    whole = solid(colour, (5, 7))
    assert (whole == colour).all()
    part = without_alpha(whole[1:4, 2:6])
    assert part.flags.c_contiguous
    assert np.array_equal(part, np.broadcast_to(colour[:3], (4 - 1, 6 - 2, 3)))


def noise(seed: int, height: int = 30, width: int = 40) -> np.ndarray:
    """A picture with every sort of alpha, many of them 0 and 255."""
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (height, width, 4), dtype=np.uint8)
    picture[..., 3] = np.clip(rng.normal(127, 150, (height, width)), 0, 255)
    return picture


def written_out(top: np.ndarray, bottom: np.ndarray, gamma: bool) -> np.ndarray:
    """Porter and Duff's "over", premultiplied and in float64; the colours under transparent pixels are no matter."""

    def light(level):
        return np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4) if gamma else level

    def level(light):
        return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055) if gamma else light

    top, bottom = top / 255, bottom / 255
    a, b = top[..., 3:], bottom[..., 3:] * (1 - top[..., 3:])
    colour = level((light(top[..., :3]) * a + light(bottom[..., :3]) * b) / np.maximum(a + b, 1e-9))
    return np.concatenate([colour, a + b], axis=-1) * 255


@pytest.mark.parametrize("linear_light", [False, True])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_over_an_opaque_layer_is_over_it_without_the_alpha(kind, linear_light):
    rng = np.random.default_rng(2)
    image, bottom = (rng.integers(0, np.iinfo(kind).max, (150, 301, n), kind, endpoint=True) for n in (3, 4))
    bottom[..., 3] = np.iinfo(kind).max
    alpha = np.zeros((150, 301), np.float32)
    alpha[20:140, 100:140] = np.clip(rng.normal(0.5, 1, (120, 40)), 0, 1)
    wanted = without_alpha(over(cutout(image, alpha), bottom, linear_light=linear_light))
    assert np.array_equal(opaque_over(image, alpha, bottom, linear_light=linear_light), wanted)
    assert np.array_equal(opaque_over(image, 0 * alpha, bottom), bottom[..., :3])


@pytest.mark.parametrize("linear_light", [False, True])
def test_over_agrees_with_its_definition(linear_light):
    top, bottom = noise(0, 600), noise(1, 600)
    result, wanted = over(top, bottom, linear_light=linear_light), written_out(top, bottom, linear_light)
    assert np.abs(result[..., 3] - wanted[..., 3]).max() <= 0.51
    seen = wanted[..., 3] > 0.5
    assert np.abs(result[..., :3] - wanted[..., :3])[seen].max() <= 0.52


def test_nothing_between_an_opaque_top_and_a_clear_one():
    top, bottom = noise(0), noise(1)
    assert np.array_equal(over(top, bottom)[top[..., 3] == 255], top[top[..., 3] == 255])
    assert np.array_equal(over(top, bottom)[top[..., 3] == 0], bottom[top[..., 3] == 0])


def test_before_a_colour_a_cutout_becomes_opaque():
    result = over(noise(0), solid(np.uint8([255, 0, 255, 255]), (30, 40)))
    assert result[..., 3].min() == 255


def test_in_linear_light_a_mixed_edge_is_lighter():
    black, white = np.zeros((1, 1, 4), np.uint8), np.full((1, 1, 4), 255, np.uint8)
    black[..., 3] = 128
    assert over(black, white)[0, 0, 0] == 127
    assert over(black, white, linear_light=True)[0, 0, 0] == 187  # what half the light of white looks like


def test_unequal_sizes_are_refused():
    with pytest.raises(ValueError, match="be composed"):
        over(noise(0), noise(1, 31))


def test_a_picture_is_fitted():
    image = np.zeros((20, 40, 3), np.uint8)
    image[:, 20:] = 255
    stretched = fitted(image, (30, 30), "stretch")
    assert stretched[..., 3].min() == 255
    assert (stretched[15, 5, 0], stretched[15, 25, 0]) == (0, 255)
    covering = fitted(image, (40, 10), "cover")  # the middle quarter of the width, twice as large... and no more
    assert covering[..., 3].min() == 255
    assert (covering[20, 0, 0], covering[20, 9, 0]) == (0, 255)
    contained = fitted(image, (40, 40), "contain")
    assert np.array_equal(
        contained[..., 3] > 0, np.repeat([False, True, False], [10, 20, 10])[:, None] & np.ones(40, bool)
    )


@pytest.mark.parametrize("fit", ["cover", "contain", "stretch"])
@pytest.mark.parametrize("size", [(1, 1), (7, 300), (300, 7), (20, 40)])
def test_any_frame_is_fitted(fit, size):
    image = np.full((20, 40, 3), 77, np.uint8)
    result = fitted(image, size, fit)
    assert result.shape == (*size, 4)
    assert np.all(result[result[..., 3] > 0] == (77, 77, 77, 255))


def test_a_blur_spreads_by_its_radius():
    image = np.zeros((81, 81, 3), np.uint8)
    image[:, 40:] = 200
    line = blurred(image, 5)[40, :, 0].astype(float)
    weights = np.diff(line) / 200
    places = np.arange(80) + 0.5
    assert np.sqrt((weights * (places - 39.5) ** 2).sum()) == pytest.approx(5, rel=0.1)


# At 16 bits: the same as at 8, and no coarser


def deep(levels: np.ndarray) -> np.ndarray:
    return levels * np.uint16(257)


def near(found: np.ndarray, wanted: np.ndarray, levels: float = 0.51) -> bool:
    return found.dtype == np.uint16 and bool(np.abs(found / 257 - wanted).max() <= levels)


@pytest.mark.parametrize("linear_light", [False, True])
def test_deep_pictures_lie_over_each_other(linear_light):
    top, bottom = noise(0, 300), noise(1, 300)
    result, wanted = over(deep(top), deep(bottom), linear_light=linear_light), written_out(top, bottom, linear_light)
    seen = wanted[..., 3] > 0.5
    assert result.dtype == np.uint16
    assert np.abs(result / 257 - wanted)[seen].max() < 0.01


def test_the_rest_is_as_deep():
    picture = noise(0)
    image, alpha = picture[..., :3], picture[..., 3] / np.float32(255)
    assert np.array_equal(cutout(deep(image), alpha), deep(cutout(image, alpha)))
    assert np.array_equal(
        solid(np.uint16([257, 0, 65535, 65535]), (2, 3)), deep(solid(np.uint8([1, 0, 255, 255]), (2, 3)))
    )
    smooth = np.clip(np.mgrid[:60, :80].sum(axis=0)[..., None] + np.arange(3), 0, 255).astype(np.uint8)
    assert near(blurred(deep(smooth), 2.5)[8:-8, 8:-8], blurred(smooth, 2.5)[8:-8, 8:-8], 1)
    for fit in ("cover", "contain", "stretch"):
        assert near(fitted(deep(smooth), (50, 50), fit), fitted(smooth, (50, 50), fit), 1)


def test_depths_are_not_mixed():
    with pytest.raises(ValueError, match="be composed"):
        over(noise(0), deep(noise(1)))


@pytest.mark.parametrize("bits", [8, 16])
def test_what_is_hidden_becomes_zero(bits):
    whole = noise(0) if bits == 8 else deep(noise(0))
    part = whole[3:20, 5:30]  # not in one piece
    before = whole.copy()
    clear_transparent(part)
    clear = part[..., 3] == 0
    assert clear.any()
    assert not part[clear].any()
    assert np.array_equal(part[~clear], before[3:20, 5:30][~clear])
    assert np.array_equal(whole[:3], before[:3])
