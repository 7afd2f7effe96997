import numpy as np
import pytest

from background_remover.segmentation import click_correction
from background_remover.segmentation.click_correction import corrected, from_log_odds, gap, log_odds, on_line
from background_remover.segmentation.crop_cache import Crops
from background_remover.segmentation.geodesic import distances


def test_log_odds_go_there_and_back():
    alpha = np.linspace(0.02, 0.98, 9, dtype=np.float32)
    assert from_log_odds(log_odds(alpha)) == pytest.approx(alpha, abs=1e-6)
    assert np.isfinite(log_odds(np.float32([0, 1]))).all()


def test_a_gap_is_to_the_nearest_pixel_that_agrees():
    alpha = np.zeros((10, 10), dtype=np.float32)
    alpha[2, 3] = 1
    assert gap(alpha, (6, 6), 1) == 5
    assert gap(alpha, (2, 3), -1) == 1
    assert gap(np.ones_like(alpha), (2, 3), -1) == float("inf")


def test_clicks_that_agree_change_nothing(network, discs):
    crops = Crops(discs, network)
    alpha = crops.answer(crops.whole, 128)
    assert np.array_equal(corrected(crops, alpha, [(60, 60)], [(60, 120)]), alpha)


def test_a_click_fills_what_is_missing_and_stops_at_the_edge(network, discs):
    crops = Crops(discs, network)
    truth = discs.mean(2) > 127
    alpha = truth.astype(np.float32)
    alpha[50:70, 150:170] = 0  # a bite out of the right disc
    found = corrected(crops, alpha, [(60, 160)], [])
    assert np.count_nonzero((found > 0.5) & ~truth) <= 10
    assert np.count_nonzero(truth & ~(found > 0.5)) <= 40


def test_a_click_on_a_line_adds_no_wide_surroundings(network):
    image = np.full((120, 240, 3), 100, dtype=np.uint8)
    image[60] = 140  # a rope that leads to the subject
    alpha = np.zeros((120, 240), dtype=np.float32)
    alpha[:, :20] = 1
    wide = np.full_like(image, 100)
    added = [
        np.count_nonzero(corrected(Crops(seen, network), alpha, [(60, 200)], []) > alpha + 0.5)
        for seen in (image, wide)
    ]
    assert 0 < added[0] < 500 < 1500 < added[1]


def test_a_click_is_on_a_line_where_both_sides_differ():
    colours = np.zeros((3, 20, 20), dtype=np.float32)
    colours[:, np.arange(20), np.arange(20)] = 0.2
    assert on_line(colours, (10, 10))
    assert on_line(colours, (0, 0))
    colours[:, np.tri(20, dtype=bool)] = 0.2  # now an edge
    assert not on_line(colours, (10, 10))
    assert not on_line(np.ones((3, 1, 1), dtype=np.float32), (0, 0))


def test_a_click_beside_the_subject_takes_away_what_is_too_much(network, discs):
    crops = Crops(discs, network)
    truth = discs.mean(2) > 127
    alpha = truth.astype(np.float32)
    alpha[50:70, 115:140] = 1
    found = corrected(crops, alpha, [(60, 60)], [(60, 128)])
    assert np.count_nonzero((found > 0.5) & ~truth) <= 40
    assert np.count_nonzero(truth & ~(found > 0.5)) <= 10


def test_a_correction_is_worked_out_once(network, discs, monkeypatch):
    crops, count = Crops(discs, network), []
    monkeypatch.setattr(click_correction, "distances", lambda *given: count.append(1) or distances(*given))
    alpha = np.zeros(crops.grid, dtype=np.float32)
    corrected(crops, alpha, [(60, 60)], [])
    two = corrected(crops, alpha, [(60, 60), (60, 180)], [])
    assert len(count) == 2
    assert np.array_equal(corrected(crops, alpha, [(60, 60), (60, 180)], []), two)
    assert len(count) == 2
    corrected(crops, alpha, [(60, 60)], [(60, 75)])  # a click of the other kind so near blocks the first one
    assert len(count) == 3


@pytest.mark.parametrize("seed", range(5))
def test_every_click_is_on_its_own_side(network, discs, seed):
    random = np.random.default_rng(seed)
    places = [(int(row), int(column)) for row in range(8, 120, 26) for column in range(8, 240, 26)]
    random.shuffle(places)
    crops = Crops(discs, network)
    alpha = random.random(crops.grid, dtype=np.float32)
    found = corrected(crops, alpha, places[:6], places[6:12])
    assert all(found[place] > 0.5 for place in places[:6])
    assert all(found[place] <= 0.5 for place in places[6:12])
    assert found.min() >= 0
    assert found.max() <= 1
