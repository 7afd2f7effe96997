from dataclasses import replace

import numpy as np
import pytest

from background_remover.arrays.box import Box
from background_remover.pipeline.passes import Passes
from background_remover.segmentation.second_pass import SecondPass
from background_remover.video import steady
from background_remover.video.steady import frame_passes, is_rejected, steadied, windows

SIZE, SMALL = (240, 320), (96, 128)
CROP = Box(41, 63, 203, 261)
TEXTURE = np.random.default_rng(0).integers(0, 60, (*SIZE, 3)).astype(np.uint8)


def disc(size, radius, middle=(0.5, 0.5)):
    """A disc with a soft rim; `radius` is a share of the height."""
    rows, columns = (np.arange(length, dtype=np.float32) + 0.5 for length in size)
    away = np.hypot(rows[:, None] - middle[0] * size[0], columns - middle[1] * size[1])
    return np.clip(radius * size[0] - away + 0.5, 0, 1).astype(np.float32)


def crop_of(alpha, box=CROP):
    return SecondPass(box, np.ascontiguousarray(alpha[box.top : box.bottom, box.left : box.right]))


def frame(radius=0.25, second=0.25, picture=TEXTURE):
    """A frame with a disc, which the passes find with these radii."""
    image = np.where(disc(SIZE, 0.25)[..., None] > 0.5, np.uint8([240, 220, 200]), picture)
    passes = Passes(disc(SMALL, radius), None if second is None else crop_of(disc(SIZE, second)))
    return frame_passes(image, passes, SIZE)


@pytest.mark.parametrize("reach", range(4))
@pytest.mark.parametrize("number", range(7))
def test_a_window_reaches_as_far_as_there_are_items(number, reach):
    items = list(range(number))
    found = list(windows(iter(items), reach))
    assert [window for window, _ in found] == [items[max(0, i - reach) : i + reach + 1] for i in items]
    assert [window[place] for window, place in found] == items


def test_a_window_is_given_as_soon_as_it_is_whole():
    taken = []
    given = windows((taken.append(item) or item for item in range(9)), 2)
    next(given)
    next(given)
    assert taken == [0, 1, 2, 3]


def test_a_second_pass_lies_exactly_where_it_was_cropped():
    rows, columns = (np.arange(length, dtype=np.float32) + 0.5 for length in SIZE)
    ramp = (rows[:, None] / SIZE[0] + columns / SIZE[1]) / 2
    small = np.zeros(SMALL, np.float32)
    coarse = frame_passes(TEXTURE, Passes(small, crop_of(ramp)), SIZE).coarse
    assert coarse.shape == (180, 240)
    places = (np.arange(180) + 0.5) / 180
    inner = np.s_[60:120, 90:150]
    wanted = (places[60:120, None] + (np.arange(90, 150) + 0.5) / 240) / 2
    assert np.abs(coarse[inner] - wanted).max() < 1e-3


@pytest.mark.parametrize("number", [1, 2, 3, 6])
def test_a_still_clip_stays_as_it_is(number):
    one = frame()
    passes = list(steadied([one] * number))
    assert len(passes) == number
    for found in passes:
        assert found.first is one.passes.first
        assert found.second.box == Box(0, 0, *SIZE)
        assert np.allclose(found.second.alpha, one.coarse, atol=1e-5)


def test_a_flicker_becomes_the_mean_of_three():
    steady, other = frame(), frame()
    other = replace(other, coarse=1 - steady.coarse)  # its picture and passes are alike
    found = list(steadied([steady, steady, other, steady, steady]))
    assert np.allclose(found[2].second.alpha, (2 * steady.coarse + other.coarse) / 3, atol=1e-4)
    assert np.allclose(found[0].second.alpha, steady.coarse, atol=1e-5)


def test_a_second_pass_that_fails_on_every_frame_falls_back_to_the_first():
    bad = frame(second=0.4)
    assert is_rejected([bad] * 5, 2, {})
    found = list(steadied([bad] * 5))
    assert np.allclose(found[2].second.alpha, frame(second=None).coarse, atol=1e-5)


@pytest.mark.parametrize("radius", [0.34, 0.05])
def test_a_second_pass_that_fails_on_one_frame_falls_back_to_the_first(radius):
    good, bad = frame(), frame(second=radius)
    window = [good, good, bad, good, good]
    assert is_rejected(window, 2, {})
    assert not is_rejected([good] * 5, 2, {})


def test_a_second_pass_that_takes_away_what_the_first_found_too_much_is_kept():
    better = frame(radius=0.3, second=0.25)
    assert not is_rejected([better] * 5, 2, {})


def test_nothing_is_warped_over_a_cut():
    before = frame()
    after = frame_passes(np.full((*SIZE, 3), 250, np.uint8), Passes(np.ones(SMALL, np.float32)), SIZE)
    found = list(steadied([before] * 3 + [after] * 3))
    assert np.abs(found[2].second.alpha - before.coarse).mean() < 0.01
    assert np.abs(found[3].second.alpha - after.coarse).mean() < 0.01


def test_frames_of_another_size_are_left_alone():
    small = frame_passes(TEXTURE[:120, :160], Passes(np.zeros((64, 128), np.float32)), (120, 160))
    found = list(steadied([frame(), small, frame()]))
    assert [one.second.box.size for one in found] == [SIZE, (120, 160), SIZE]


def test_the_flow_between_two_frames_is_computed_once(monkeypatch):
    pairs, real = [], steady.flow_between

    def counted(one, other):
        pairs.append((id(one), id(other)))
        return real(one, other)

    monkeypatch.setattr(steady, "flow_between", counted)
    frames = [frame() for _ in range(6)]
    list(steadied(frames))
    numbers = {id(one.guide): number for number, one in enumerate(frames)}
    found = sorted((numbers[one], numbers[other]) for one, other in pairs)
    assert found == [(i, j) for i in range(6) for j in range(6) if 0 < abs(i - j) <= 2]
